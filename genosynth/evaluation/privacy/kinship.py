"""Kinship replay: are synthetic people relatives of training people?

The usual cut-offs do not hold on a panel: among a thousand strangers at a thousand variants the
closest pair looks like second-degree relatives. Held-out people say how close strangers come.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genosynth.data.genotypes import MISSING
from genosynth.evaluation.agreement import ratio
from genosynth.evaluation.estimates import Estimate, share_difference
from genosynth.evaluation.integer_products import Bytes, integer_products
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
    """Some people as bytes that kinship sums over variants, (n_people, n_variants) each."""

    rows: slice
    dosage: Bytes
    squared: Bytes
    heterozygous: Bytes
    missing: Bytes


# KING-robust between families (Manichaikul et al. 2010). Shared heterozygotes and opposite
# homozygotes make a squared distance: Σ(g − g′)² = N(Aa) + N′(Aa) − 2 N(Aa, Aa) + 4 N(AA, aa).
def king_robust(left: Embedded, right: Embedded) -> Kinship:
    """Kinship of each pair (n_left, n_right) over the variants called in both people.

    −∞ where one of them is never heterozygous.
    """
    squares = _sums(left.squared, right.missing) + _sums(right.squared, left.missing).T
    fewer_heterozygous = np.minimum(
        _sums(left.heterozygous, right.missing), _sums(right.heterozygous, left.missing).T
    )
    distance = squares - 2 * integer_products(left.dosage, right.dosage)
    return 0.5 - ratio(distance, 4 * fewer_heterozygous, otherwise=np.inf)


def _sums(values: Bytes, missing: Bytes) -> NDArray[np.int32]:
    """Sums over the variants called in each of the others: (n_people, n_others).

    (n_people, 1) where others miss nothing.
    """
    total = values.sum(axis=1, dtype=np.int32)[:, None]
    if missing.any():
        total = total - integer_products(values, missing)
    return np.asarray(total)


def _embedded(counts: Counts) -> Iterator[Embedded]:
    for start in range(0, len(counts), BLOCK):
        block = counts[start : start + BLOCK]
        dosage = np.maximum(block, 0)
        yield Embedded(
            slice(start, start + len(block)),
            dosage,
            dosage**2,
            (dosage == 1).astype(np.int8),
            (block == MISSING).astype(np.int8),
        )
