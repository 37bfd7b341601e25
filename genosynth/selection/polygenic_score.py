"""A polygenic score made elsewhere, brought to the panel: weights of ALT alleles.

Of a score's variants a panel has some. Weights of the others are lost, alike for real and for
synthetic people: what is compared is what the score is worth on the panel.
"""

import logging
from dataclasses import dataclass

import numpy as np
import pandas as pd

from genosynth.errors import SelectionError
from genosynth.selection.harmonisation import ALIGNED, check_build, pair_with_variants
from genosynth.selection.summary_statistics import SummaryStatistics, read_scoring_file

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class PanelScores:
    """Scores on a panel.

    weights: score, id, weight of an ALT allele, for variants of the panel that a score weighs;
    matching: score, what, n.
    """

    weights: pd.DataFrame
    matching: pd.DataFrame


def match_scores(paths: dict[str, str], panel: pd.DataFrame, *, build: str | None) -> PanelScores:
    """Read scoring files, by the names of scores, and match them to the panel.

    Raises:
        SelectionError: a file cannot be read or matched.
    """
    matched = [
        match_score(name, read_scoring_file(path), panel, build=build)
        for name, path in paths.items()
    ]
    return PanelScores(
        pd.concat([each.weights for each in matched], ignore_index=True),
        pd.concat([each.matching for each in matched], ignore_index=True),
    )


def match_score(
    name: str, file: SummaryStatistics, panel: pd.DataFrame, *, build: str | None
) -> PanelScores:
    """Match a scoring file to the panel by id, else by place, with alleles.

    panel: chromosome, position_bp, id, ref, alt, train_alt_frequency; build: of the cohort; None:
    not checked.

    Raises:
        SelectionError: another build, or no variant in common.
    """
    check_build(file, build)
    effects = file.effects[np.isfinite(file.effects["beta"])].reset_index(drop=True)
    variants = panel.rename(columns={"train_alt_frequency": "alt_frequency"})
    pairs = pair_with_variants(effects, variants)
    chosen = pairs[pairs["fate"] == ALIGNED].sort_values(["variant", "how", "row"])
    chosen = chosen.drop_duplicates("variant")
    if not len(chosen):
        raise SelectionError(
            f"{file.path}: none of its {len(effects)} variants is one of the panel's {len(panel)}, "
            f"by id or position and alleles. Is it on another build than the cohort, or of another "
            f"trait? Correct phenotypes.traits, or leave the score {name} out"
        )
    weights = effects["beta"].to_numpy()
    matched = chosen["row"].to_numpy()
    share = float(np.abs(weights[matched]).sum() / np.abs(weights).sum())
    logger.info(
        "%s: %d of %d variants in the panel, with %.0f %% of the weight",
        *(name, len(chosen), len(effects), 100 * share),
    )
    counts = {
        "variants": len(effects),
        "in_panel": len(chosen),
        "flipped": int((chosen["sign"] < 0).sum()),
        "other_strand": int(chosen["other_strand"].sum()),
    }
    return PanelScores(
        pd.DataFrame(
            {
                "score": name,
                "id": panel["id"].to_numpy()[chosen["variant"]],
                "weight": weights[matched] * chosen["sign"].to_numpy(),
            }
        ),
        pd.DataFrame({"score": name, "what": list(counts), "n": list(counts.values())}),
    )
