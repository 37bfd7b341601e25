"""Simulated cohorts: are the causal variants found, and their effects, from synthetic people?

Relative to what the training people themselves find, since a generator can know no more than these
tell: chance and linkage stand between an estimate and the truth in both alike.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtri

from genosynth.evaluation.agreement import slope_through_origin
from genosynth.evaluation.effects import Effects
from genosynth.evaluation.estimates import Estimate, jackknife
from genosynth.files import read_table

FAMILYWISE = 0.05  # error rate, divided among the variants of the panel

Values = NDArray[np.float64]


def load_truth(paths: list[str | Path], *, trait: str) -> pd.Series | None:
    """Effect of each causal variant of a trait, by id; None for a cohort that is not simulated.

    paths: of one table of the truth, or of none.
    """
    if not paths:
        return None
    table = read_table(paths[0], dtype={"trait": str, "id": str})
    effects: pd.Series = table[table["trait"] == trait].set_index("id")["effect"]
    return effects


def compare_with_truth(
    effects: Iterator[Effects], train: Effects, truth: Values
) -> dict[str, Estimate]:
    """Score `causal_recall` and `causal_effect_slope`, each relative to train: 1 is as good.

    effects: of synthetic people, then without each group of them; truth: (n_variants,) effect of
    each panel variant, NaN where it is not causal.
    """
    found = [_relative_to_train(each, train, truth) for each in effects]
    n_causal = int(np.isfinite(truth).sum())
    return jackknife(found[0], found[1:], counted=dict.fromkeys(found[0], n_causal))


def is_found(effects: Effects) -> NDArray[np.bool_]:
    """Mark the variants whose effect is beyond chance, (n_variants,), all tested together."""
    threshold = -ndtri(FAMILYWISE / max(len(effects.z), 1) / 2)
    return np.asarray(np.abs(effects.z) > threshold)


def _relative_to_train(effects: Effects, train: Effects, truth: Values) -> dict[str, float]:
    causal = np.isfinite(truth)
    recall = [float(is_found(each)[causal].sum()) for each in (effects, train)]
    slope = [
        slope_through_origin(each.per_allele[causal], truth[causal]) for each in (effects, train)
    ]
    return {
        "causal_recall": recall[0] / recall[1] if recall[1] else float("nan"),
        "causal_effect_slope": slope[0] / slope[1] if slope[1] else float("nan"),
    }
