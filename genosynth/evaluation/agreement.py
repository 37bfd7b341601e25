"""Ratios, correlations and slopes where some values are missing or do not vary."""

import numpy as np
from numpy.typing import NDArray


def ratio(
    numerator: NDArray[np.number] | float,
    denominator: NDArray[np.number],
    *,
    above: float = 0.0,
    otherwise: float = np.nan,
) -> NDArray[np.float64]:
    """Divide where the denominator is above a bound; elsewhere give another value.

    >>> ratio(1.0, np.array([4.0, 0.0]))
    array([0.25,  nan])
    """
    shape = np.broadcast_shapes(np.shape(numerator), denominator.shape)
    quotient = np.full(shape, otherwise)
    np.divide(numerator, denominator, out=quotient, where=denominator > above)
    return quotient


def pearson(left: NDArray[np.floating], right: NDArray[np.floating]) -> NDArray[np.float64]:
    """Pearson correlation along the last axis; NaN where a side does not vary.

    >>> float(pearson(np.array([1.0, 2.0, 3.0]), np.array([2.0, 4.0, 7.0])).round(3))
    0.993
    """
    if not left.shape[-1]:
        return np.full(left.shape[:-1], np.nan)
    x = left - left.mean(axis=-1, keepdims=True, dtype=np.float64)
    y = right - right.mean(axis=-1, keepdims=True, dtype=np.float64)
    scale = np.sqrt((x**2).sum(axis=-1) * (y**2).sum(axis=-1))
    return ratio((x * y).sum(axis=-1), scale, above=1e-12)  # below lies rounding


def finite_pearson(left: NDArray[np.floating], right: NDArray[np.floating]) -> float:
    """Pearson correlation of the positions where both sides have a value."""
    both = np.isfinite(left) & np.isfinite(right)
    return float(pearson(left[both], right[both]))


def slope_through_origin(left: NDArray[np.floating], right: NDArray[np.floating]) -> float:
    """Slope of `left` regressed on `right` through the origin, where both have a value."""
    both = np.isfinite(left) & np.isfinite(right)
    scale = float((right[both] ** 2).sum())
    return float(left[both] @ right[both]) / scale if scale > 0 else float("nan")
