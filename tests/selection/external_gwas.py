"""A small cohort's variants and an external GWAS of them, for tests."""

import os
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import norm

from genosynth.selection.harmonisation import (
    HarmonisedStatistics,
    harmonise_summary_statistics,
)
from genosynth.selection.summary_statistics import SummaryStatistics

REPOSITORY = Path(__file__).parents[2]
DATA = Path(os.environ.get("GENOSYNTH_DATA", REPOSITORY / "../shared/data"))
WEIGHTS = DATA / "score_weights"  # real files
COMPLEMENT = str.maketrans("ACGT", "TGCA")
N_VARIANTS = 300
ALLELES = [("A", "G"), ("C", "A"), ("T", "C"), ("A", "T"), ("G", "C"), ("A", "AT")]
N_PALINDROMIC, N_INDELS = 100, 50  # a third and a sixth of the variants


def make_variants() -> pd.DataFrame:
    rng = np.random.default_rng(1)
    rows = np.arange(N_VARIANTS)
    return pd.DataFrame(
        {
            "chromosome": rows // 100 + 1,
            "position_bp": 1000 + rows * 50,
            "id": [f"rs{row}" for row in rows],
            "ref": [ALLELES[row % 6][0] for row in rows],
            "alt": [ALLELES[row % 6][1] for row in rows],
            "alt_frequency": np.where(rng.random(N_VARIANTS) < 0.5, 0.2, 0.7),
        }
    )


def make_effects(variants: pd.DataFrame) -> pd.DataFrame:
    """What an external GWAS of the same variants found, counted for ALT on the same strand."""
    rng = np.random.default_rng(2)
    beta, se = rng.normal(0, 0.1, N_VARIANTS), rng.uniform(0.01, 0.03, N_VARIANTS)
    return pd.DataFrame(
        {
            "chromosome": variants["chromosome"],
            "position_bp": variants["position_bp"],
            "id": variants["id"],
            "effect_allele": variants["alt"],
            "other_allele": variants["ref"],
            "beta": beta,
            "se": se,
            "p_value": 2 * norm.sf(np.abs(beta / se)),
            "n": 1000.0,
            "effect_frequency": variants["alt_frequency"] + 0.01,
        }
    )


def swapped(effects: pd.DataFrame, rows) -> pd.DataFrame:
    """The same statement about the other allele."""
    names = ["effect_allele", "other_allele"]
    other = effects.copy()
    other.loc[rows, names] = effects.loc[rows, names[::-1]].to_numpy()
    other.loc[rows, "beta"] = -effects.loc[rows, "beta"]
    other.loc[rows, "effect_frequency"] = 1 - effects.loc[rows, "effect_frequency"]
    return other


def on_other_strand(effects: pd.DataFrame, rows) -> pd.DataFrame:
    """The same statement about the other strand; insertions and deletions stay as they are."""
    other = effects.copy()
    for name in ("effect_allele", "other_allele"):
        is_single = (effects["effect_allele"] + effects["other_allele"]).str.len() == 2
        complement = effects[name].str.translate(COMPLEMENT)
        other[name] = effects[name].mask(is_single & rows, complement)
    return other


def harmonised(effects: pd.DataFrame, variants: pd.DataFrame) -> HarmonisedStatistics:
    statistics = SummaryStatistics("gwas.tsv", None, effects)
    return harmonise_summary_statistics(statistics, variants, build=None)


def counts(result: HarmonisedStatistics) -> dict[str, int]:
    return dict(result.matching.itertuples(index=False))
