"""Agreement of two association scans of the same variants, from their z-scores."""

import math

import numpy as np
from numpy.typing import NDArray

SIGNIFICANT_Z = 1.96
TOP = 0.1
MEDIAN_CHI2 = 0.4549  # of one degree of freedom

Values = NDArray[np.float64]


def is_telling(z: Values, z_of_train: Values) -> NDArray[np.bool_]:
    """Which variants are nominally significant in train and have a result here."""
    return np.asarray((np.abs(z_of_train) > SIGNIFICANT_Z) & np.isfinite(z))


def sign_concordance(z: Values, z_of_train: Values) -> float:
    """Share of the variants telling in train whose effects have the same direction."""
    same_sign = (np.sign(z) == np.sign(z_of_train))[is_telling(z, z_of_train)]
    return float(same_sign.mean()) if len(same_sign) else math.nan


def top_overlap(z: Values, z_of_train: Values) -> float:
    """Share of the strongest tenth of train's variants among the strongest tenth of these."""
    usable = np.isfinite(z) & np.isfinite(z_of_train)
    n_top = math.ceil(TOP * usable.sum())
    if not n_top:
        return math.nan
    in_these, in_train = (
        np.argsort(-np.abs(each[usable]), kind="stable")[:n_top] for each in (z, z_of_train)
    )
    return float(np.isin(in_these, in_train).mean())


# Devlin and Roeder 1999.
def lambda_gc(z: Values) -> float:
    """Median χ² relative to that of chance; NaN without variants."""
    usable = z[np.isfinite(z)]
    return float(np.median(usable**2)) / MEDIAN_CHI2 if len(usable) else math.nan
