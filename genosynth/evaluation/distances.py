"""Distances between people: the share of variants, called in both, at which genotypes differ.

Hamming distances as matrix products of bytes, block by block, so that no matrix of all pairs is in
memory.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genosynth.data.genotypes import MISSING
from genosynth.evaluation.integer_products import Bytes, integer_products, shortfall

BLOCK = 1024  # people a side whose distances are in memory at a time

# Rows of the genotypes 0, 1, 2 and of a missing call (the last, index −1). A row of the left table
# times one of the right is 2 for equal genotypes, −1 for different ones, 0 where one is missing: as
# 3·I − 1 has rank two, two columns a variant suffice.
LEFT = np.array([[1, 0], [0, 1], [-1, -1], [0, 0]], np.int8)
RIGHT = np.array([[2, -1], [-1, 2], [-1, -1], [0, 0]], np.int8)

Counts = NDArray[np.int8]
Distances = NDArray[np.float64]


@dataclass(frozen=True)
class Embedded:
    """Some people as bytes whose products with those of the other side count equal genotypes."""

    rows: slice
    genotypes: Bytes  # (n_people, 2 × n_variants)
    missing: Bytes  # (n_people, n_variants): 1 where the call is missing
    n_called: NDArray[np.int32]  # (n_people,)


def distance_blocks(
    left: Counts, right: Counts, *, n_right: int | None = None
) -> Iterator[tuple[slice, slice, Distances]]:
    """Distances block by block: rows of the left people, rows of the right people, distances.

    n_right: right people in a block; None: as many as left ones.
    """
    embedded = list(_embedded(left, LEFT, BLOCK))
    for others in _embedded(right, RIGHT, n_right or BLOCK):
        for people in embedded:
            yield people.rows, others.rows, _distances(people, others)


def n_both_called(left: Embedded, right: Embedded) -> NDArray[np.int32]:
    """Variants called in both people of each pair: (n_left, n_right).

    (n_left, 1) where right people miss nothing.
    """
    n_called = left.n_called[:, None]
    n_missing = right.missing.shape[1] - right.n_called
    if n_missing.any():
        n_called = n_called - n_missing
        if left.missing.any():  # what is missing in both was subtracted twice
            n_called += integer_products(left.missing, right.missing)
    return n_called


def _embedded(counts: Counts, table: Bytes, size: int) -> Iterator[Embedded]:
    for start in range(0, len(counts), size):
        block = counts[start : start + size]
        is_missing = block == MISSING
        yield Embedded(
            slice(start, start + len(block)),
            table[block].reshape(len(block), -1),
            is_missing.astype(np.int8),
            (~is_missing).sum(axis=1, dtype=np.int32),
        )


def _distances(left: Embedded, right: Embedded) -> Distances:
    n_called = n_both_called(left, right)
    is_unknown = n_called == 0  # such people are apart: 1 / 1
    # Products sum to 2 n_equal − n_different, and n_called = n_equal + n_different.
    return shortfall(
        left.genotypes,
        right.genotypes,
        most=2 * n_called + is_unknown,
        unit=3 * n_called + is_unknown,
    )
