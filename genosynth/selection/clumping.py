"""Greedy LD clumping, readable and slow: what plink2 --clump is tested against."""

import numpy as np
from numpy.typing import NDArray

from genosynth.data.genotypes import MISSING


def clump(
    counts: NDArray[np.int8],
    chromosome: NDArray[np.integer],
    position_bp: NDArray[np.integer],
    p_value: NDArray[np.float64],
    *,
    r2: float,
    window_kb: float,
    highest_p: float = 1.0,
) -> NDArray[np.intp]:
    """Index variants of the clumps, strongest first (Purcell et al. 2007).

    The variant with the lowest p-value takes every free variant of its window whose squared
    correlation with it exceeds r2; then the next free one does. Ties go to the first by position.

    counts: (n_samples, n_variants). Pairs of calls that are both present count in a correlation.
    """
    is_free = np.ones(len(p_value), bool)
    index_variants = []
    for variant in np.lexsort((position_bp, chromosome, p_value)):
        if not is_free[variant] or p_value[variant] > highest_p:
            continue
        index_variants.append(variant)
        is_near = (chromosome == chromosome[variant]) & (
            np.abs(position_bp - position_bp[variant]) <= window_kb * 1000
        )
        for other in np.flatnonzero(is_free & is_near):
            if squared_correlation(counts[:, variant], counts[:, other]) > r2:
                is_free[other] = False
        is_free[variant] = False
    return np.array(index_variants, np.intp)


def squared_correlation(first: NDArray[np.int8], second: NDArray[np.int8]) -> float:
    """Squared Pearson correlation of two variants' counts; 0 if one does not vary."""
    called = (first != MISSING) & (second != MISSING)
    pair = np.stack([first[called], second[called]]).astype(float)
    if len(pair[0]) < 2 or (pair.std(axis=1) == 0).any():
        return 0.0
    return float(np.corrcoef(pair)[0, 1] ** 2)
