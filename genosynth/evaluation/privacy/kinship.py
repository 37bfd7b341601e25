"""Kinship replay: are synthetic people relatives of training people?

The usual cut-offs do not hold on a panel: among a thousand strangers at a thousand variants the
closest pair looks like second-degree relatives. Held-out people say how close strangers come.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from genosynth.data.genotypes import MISSING
from genosynth.evaluation.agreement import ratio
from genosynth.evaluation.estimates import Estimate, share_difference
from genosynth.evaluation.privacy.thresholds import FALSE_ALARMS, n_allowed, n_caught

BLOCK = 1024  # people a side whose kinship is in memory at a time

Counts = NDArray[np.int8]
Kinship = NDArray[np.float64]


def compare_kinship(synthetic: Counts, holdout: Counts, train: Counts) -> dict[str, Estimate]:
    """Share of synthetic people closer to a training person than all but 1 % of the held-out are.

    That 1 % is taken off.
    """
    if not min(len(synthetic), len(holdout), len(train)):
        return {"kinship_excess": Estimate(np.nan)}
    strangers = closest_kinship(holdout, train)
    excess = share_difference(
        n_caught(closest_kinship(synthetic, train), strangers),
        n_allowed(len(strangers), FALSE_ALARMS),
        n=len(synthetic),
        n_other=len(strangers),
    )
    return {"kinship_excess": excess}


def closest_kinship(people: Counts, others: Counts) -> Kinship:
    """Kinship of each person with the closest of the others."""
    best = np.full(len(people), -np.inf)
    embedded = list(_embedded(people))
    for block in _embedded(others):
        for searching in embedded:
            closest = king_robust(searching, block).max(axis=1)
            best[searching.rows] = np.maximum(best[searching.rows], closest)
    return best


@dataclass(frozen=True)
class Embedded:
    """Some people as what kinship sums over variants; transposed for sparse products."""

    rows: slice
    dosage: NDArray[np.float32]  # (n_people, n_variants)
    squared: NDArray[np.float32]  # (n_variants, n_people)
    heterozygous: NDArray[np.float32]  # (n_variants, n_people)
    missing: sparse.csr_array  # (n_people, n_variants)


# KING-robust between families (Manichaikul et al. 2010). Shared heterozygotes and opposite
# homozygotes make a squared distance: Σ(g − g′)² = N(Aa) + N′(Aa) − 2 N(Aa, Aa) + 4 N(AA, aa).
def king_robust(left: Embedded, right: Embedded) -> Kinship:
    """Kinship of each pair (n_left, n_right) over the variants called in both people.

    −∞ where one of them is never heterozygous.
    """
    squares = _sums(left.squared, right.missing).T + _sums(right.squared, left.missing)
    fewer_heterozygous = np.minimum(
        _sums(left.heterozygous, right.missing).T, _sums(right.heterozygous, left.missing)
    )
    distance = squares - 2 * (left.dosage @ right.dosage.T)
    return 0.5 - ratio(distance, 4 * fewer_heterozygous, otherwise=np.inf)


def _sums(values: NDArray[np.float32], missing: sparse.csr_array) -> NDArray[np.float32]:
    """Sums over the variants called in each of the others: (n_others, n_people)."""
    return np.asarray(values.sum(axis=0) - missing @ values)


def _embedded(counts: Counts) -> Iterator[Embedded]:
    for start in range(0, len(counts), BLOCK):
        block = counts[start : start + BLOCK]
        dosage = np.maximum(block, 0).astype(np.float32)
        transposed = np.ascontiguousarray(dosage.T)
        yield Embedded(
            slice(start, start + len(block)),
            dosage,
            transposed**2,
            (transposed == 1).astype(np.float32),
            sparse.csr_array((block == MISSING).astype(np.float32)),
        )
