"""How much could be released before allele frequencies give more away than a stated level.

Rows and variants both sharpen the attack on allele frequencies. Theory says how much, at the
training part and the reference panel of this run, for a generator that remembers nobody. Variants
are more of the same: as many of them independent as in this panel.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd

from genosynth.evaluation.privacy.frequency_theory import FrequencyTheory
from genosynth.evaluation.privacy.thresholds import FALSE_ALARMS

# Expected AUC that is not to be passed: of a hundred pairs of a training person and a stranger,
# frequencies then tell 55 the right way, 5 more than guessing. An example to reckon with, no limit
# below which nobody is found; who decides on a release sets their own.
LEVEL = 0.55
FACTORS = (0.0625, 0.25, 1.0, 4.0, 16.0)  # of the rows and of the variants of this release
COLUMNS = ["what", "auc_level", "n_synthetic", "n_variants", "n_independent", "auc", "tpr_at_1pct"]
POWERS = (-30.0, 30.0)  # of two, between which the factor of the largest release is looked for
N_HALVINGS = 50


def release_sizes(theory: FrequencyTheory, *, n_rows: int, n_variants: int) -> pd.DataFrame:
    """What theory expects of releases of other sizes, one row each: COLUMNS.

    n_rows, n_variants: of this release.

    what: `grid`; `here`, this release; `any_rows`, however many rows; `any_reference`, an attacker
    with a reference panel without end; `most_rows` and `widest_panel`, the largest whose AUC does
    not pass the level at the panel, or with the rows, of this release.
    """

    def largest(resize: Callable[[float], FrequencyTheory]) -> float:
        return largest_factor(lambda factor: resize(factor).auc(), level=LEVEL)

    sizes = [("grid", rows, variants) for variants in FACTORS for rows in FACTORS]
    sizes += [("here", 1.0, 1.0), ("any_rows", np.inf, 1.0)]
    sizes.append(("most_rows", largest(lambda factor: theory.resized(rows=factor)), 1.0))
    sizes.append(("widest_panel", 1.0, largest(lambda factor: theory.resized(variants=factor))))
    cases = [(*size, theory.resized(rows=size[1], variants=size[2])) for size in sizes]
    cases.append(("any_reference", 1.0, 1.0, theory.against_any_reference()))
    return pd.DataFrame(
        [
            (
                what,
                LEVEL,
                np.floor(rows * n_rows + 1e-6),
                np.floor(variants * n_variants + 1e-6),
                of_size.m_effective,
                of_size.auc(),
                float(of_size.rates(np.array([FALSE_ALARMS]))[0]),
            )
            for what, rows, variants, of_size in cases
        ],
        columns=COLUMNS,
    )


def largest_factor(auc: Callable[[float], float], *, level: float) -> float:
    """Largest factor at which a rising AUC does not pass a level; NaN if it is unknown.

    >>> round(largest_factor(lambda factor: factor / 10, level=0.55), 6)
    5.5
    >>> largest_factor(lambda factor: 0.5, level=0.55)
    inf
    """
    if np.isnan(auc(1.0)):
        return float("nan")
    if auc(np.inf) <= level:
        return float("inf")
    low, high = POWERS
    for _ in range(N_HALVINGS):
        middle = (low + high) / 2
        low, high = (low, middle) if auc(2**middle) > level else (middle, high)
    return float(2**low)
