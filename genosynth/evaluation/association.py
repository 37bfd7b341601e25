"""Association: does each variant act on the trait as it does in the training people?

The same model on all sides: a plain one without covariates (`effects.py`), then plink2 with
covariates (`panel_gwas.py`). Synthetic people carry the information of the training people: their
z-scores rank variants, they are no evidence.
"""

import logging
import math

import numpy as np
import pandas as pd

from genosynth.data.genotypes import Genotypes
from genosynth.errors import ArtifactMismatch
from genosynth.evaluation.agreement import finite_pearson, ratio, slope_through_origin
from genosynth.evaluation.comparison import Comparison, apart
from genosynth.evaluation.concordance import (
    is_telling,
    lambda_gc,
    sign_concordance,
    top_overlap,
)
from genosynth.evaluation.effects import Effects, effects_and_left_out, estimate_effects
from genosynth.evaluation.estimates import (
    CORRELATION,
    SHARE,
    Estimate,
    Evaluation,
    ScoreSheet,
    jackknife,
)
from genosynth.evaluation.known_truth import compare_with_truth
from genosynth.evaluation.panel_gwas import PanelGwas, compare_gwas, gwas_table

logger = logging.getLogger(__name__)


def evaluate_association(
    comparison: Comparison,
    *,
    truth: pd.Series | None = None,
    gwas: dict[str, PanelGwas] | None = None,
) -> Evaluation:
    """Compare effects in synthetic people with those in training and in held-out people.

    truth: of a simulated cohort, the effect of each causal variant on the trait, by id.
    gwas: what plink2 found in synthetic, train and holdout; None where it was not asked.

    Raises:
        ArtifactMismatch: the panel has no trait.
    """
    if comparison.trait is None:
        raise ArtifactMismatch("labels.json names no trait: association needs one")
    trait = comparison.trait.name
    sheet = ScoreSheet()
    train = estimate_effects(comparison.train, trait)
    sheet.enter(compare_with_train(comparison.synthetic, train, trait))
    sheet.enter(compare_with_holdout(*apart(comparison), trait))
    if truth is not None:
        known = truth.reindex(comparison.train.variants["id"]).to_numpy(float)
        effects = effects_and_left_out(comparison.synthetic, trait)
        sheet.enter(compare_with_truth(effects, train, known))
    figures = {}
    if gwas is not None:
        sheet.enter(compare_gwas(**gwas))
        figures["gwas"] = gwas_table(comparison.train.variants, gwas)
    logger.info("scored association with %s: %d metrics", trait, len(sheet.scores))
    sets = {"train": train}
    sets |= {
        name: estimate_effects(people, trait)
        for name, people in (("holdout", comparison.holdout), ("synthetic", comparison.synthetic))
    }
    figures["effects"] = _effect_table(comparison.train.variants, sets)
    return Evaluation(sheet.scores, figures)


def compare_with_train(synthetic: Genotypes, train: Effects, trait: str) -> dict[str, Estimate]:
    """Score size, rank, direction and inflation of effects against the training people's."""
    found = effects_and_left_out(synthetic, trait)
    effects = next(found)
    usable = int((np.isfinite(effects.size) & np.isfinite(train.size)).sum())
    telling = int(is_telling(effects.z, train.z).sum())
    whole = effect_statistics(effects, train)
    return jackknife(
        whole,
        [effect_statistics(each, train) for each in found],
        counted=dict.fromkeys(whole, usable) | {"sign_concordance": telling},
        limits={
            "effect_pearson": CORRELATION,
            "sign_concordance": SHARE,
            "top_overlap_10pct": SHARE,
        },
    )


def compare_with_holdout(
    synthetic: Genotypes, holdout: Genotypes, trait: str
) -> dict[str, Estimate]:
    """Score the size of effects against those of held-out people, who are a sample as well."""
    left, right = (list(effects_and_left_out(people, trait)) for people in (synthetic, holdout))
    slopes = [
        {"effect_slope_holdout": slope_through_origin(one.size, other.size)}
        for one, other in zip(left, right, strict=True)
    ]
    usable = int((np.isfinite(left[0].size) & np.isfinite(right[0].size)).sum())
    return jackknife(slopes[0], slopes[1:], counted={"effect_slope_holdout": usable})


def effect_statistics(synthetic: Effects, train: Effects) -> dict[str, float]:
    """Compare two sets of effects in all ways that are scored."""
    at_size_of_train = train.weight / synthetic.weight if synthetic.weight else math.nan
    return {
        "effect_slope": slope_through_origin(synthetic.size, train.size),
        "effect_pearson": finite_pearson(synthetic.z, train.z),
        "sign_concordance": sign_concordance(synthetic.z, train.z),
        "top_overlap_10pct": top_overlap(synthetic.z, train.z),
        "lambda_gc_difference": (lambda_gc(synthetic.z) - 1) * at_size_of_train
        - (lambda_gc(train.z) - 1),
    }


def _effect_table(variants: pd.DataFrame, sets: dict[str, Effects]) -> pd.DataFrame:
    """Effects in standard deviations of the training people, for the scatter plot."""
    per_sd = ratio(sets["train"].trait_sd, sets["train"].dosage_sd)
    sizes = {name: effects.size * per_sd for name, effects in sets.items()}
    return pd.DataFrame({"id": variants["id"]} | sizes)
