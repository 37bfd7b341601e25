"""Correlations of dosages, exactly, over the people called at both variants: nothing is filled."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from genosynth.data.genotypes import MISSING
from genosynth.evaluation.agreement import ratio
from genosynth.evaluation.comparison import chunks

Matrix = NDArray[np.float64]  # (n_variants, n_variants)
Positions = NDArray[np.intp]  # of variants


@dataclass(frozen=True)
class CoMoments:
    """Sums over the people called at both variants of each pair [j, k].

    n: people; x: dosage at k, xx: its square; xy: product of the dosages. Sums of groups of people
    add up, and those of a group can be taken away.
    """

    n: Matrix
    x: Matrix
    xx: Matrix
    xy: Matrix

    def __sub__(self, part: "CoMoments") -> "CoMoments":
        """Give the sums of everybody else."""
        return CoMoments(self.n - part.n, self.x - part.x, self.xx - part.xx, self.xy - part.xy)

    def correlation(self, first: Positions, second: Positions) -> NDArray[np.float64]:
        """Pearson r of pairs of variants; NaN where one of them does not vary."""
        n, x, y = self.n[first, second], self.x[second, first], self.x[first, second]
        covariance = n * self.xy[first, second] - x * y
        first_variance = n * self.xx[second, first] - x**2
        second_variance = n * self.xx[first, second] - y**2
        return ratio(covariance, np.sqrt(first_variance * second_variance))

    def correlations(self) -> Matrix:
        """Pearson r of all pairs."""
        everyone = np.arange(len(self.n))
        return self.correlation(everyone[:, None], everyone[None, :])


def co_moments(counts: NDArray[np.int8], variants: Positions | None = None) -> CoMoments:
    """Sum over people, in chunks, at all variants or at some."""
    kept = np.arange(counts.shape[1]) if variants is None else variants
    n, x, xx, xy = np.zeros((4, len(kept), len(kept)))
    for people in chunks(counts):
        chunk = people[:, kept]
        # Sums over people called at both = sums over all − sums over those missing at the other,
        # who are few: one dense product instead of four. All are whole numbers below 2²⁴: exact.
        missing = sparse.csr_array((chunk == MISSING).astype(np.float32))
        called = (chunk != MISSING).astype(np.float32)
        dosage = np.maximum(chunk, 0).astype(np.float32)
        n += called.sum(axis=0) - missing.T @ called
        x += dosage.sum(axis=0) - missing.T @ dosage
        xx += (dosage**2).sum(axis=0) - missing.T @ dosage**2
        xy += dosage.T @ dosage
    return CoMoments(n, x, xx, xy)
