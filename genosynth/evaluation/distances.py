"""Distances between people: the share of variants, called in both, at which genotypes differ.

Hamming distances as matrix products, block by block, so that no matrix of all pairs is in memory.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from genosynth.data.genotypes import MISSING
from genosynth.evaluation.agreement import ratio

BLOCK = 1024  # people a side whose distances are in memory at a time

# Three genotypes as corners of a triangle around a missing call (the last row, index −1): products
# of rows are 1 for equal genotypes, −½ for different ones, 0 where one is missing.
CORNERS = np.array([[1, 0], [-0.5, 0.75**0.5], [-0.5, -(0.75**0.5)], [0, 0]], np.float32)

Counts = NDArray[np.int8]
Distances = NDArray[np.float64]


@dataclass(frozen=True)
class Embedded:
    """Some people as points whose products count equal genotypes."""

    rows: slice
    corners: NDArray[np.float32]  # (n_people, 2 × n_variants)
    missing: sparse.csr_array  # (n_people, n_variants)


def distance_blocks(
    left: Counts, right: Counts, *, n_right: int | None = None
) -> Iterator[tuple[slice, slice, Distances]]:
    """Distances block by block: rows of the left people, rows of the right people, distances.

    n_right: right people in a block; None: as many as left ones.
    """
    embedded = list(_embedded(left, BLOCK))
    for others in _embedded(right, n_right or BLOCK):
        for people in embedded:
            yield people.rows, others.rows, _distances(people, others)


def _embedded(counts: Counts, size: int) -> Iterator[Embedded]:
    for start in range(0, len(counts), size):
        block = counts[start : start + size]
        yield Embedded(
            slice(start, start + len(block)),
            CORNERS[block].reshape(len(block), -1),
            sparse.csr_array((block == MISSING).astype(np.float32)),
        )


def _distances(left: Embedded, right: Embedded) -> Distances:
    n_variants = left.missing.shape[1]
    n_called = n_variants - (
        left.missing.sum(axis=1)[:, None]
        + right.missing.sum(axis=1)
        - (left.missing @ right.missing.T).toarray()
    )
    # products sum to n_equal − n_different / 2, and n_called = n_equal + n_different
    n_different = np.rint((n_called - left.corners @ right.corners.T) / 1.5)
    return ratio(n_different, n_called, otherwise=1.0)
