"""Distances: pair by pair, whatever the block."""

import numpy as np
import pytest

from genosynth.data.genotypes import MISSING
from genosynth.evaluation.distances import distance_blocks

RNG = np.random.default_rng(1)


def people(n: int, *, n_variants: int = 37, missing: float = 0.0) -> np.ndarray:
    counts = RNG.integers(0, 3, (n, n_variants)).astype(np.int8)
    counts[RNG.random(counts.shape) < missing] = MISSING
    return counts


def pair_by_pair(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    one, other = left[:, None], right[None]
    both = (one != MISSING) & (other != MISSING)
    n_different = (both & (one != other)).sum(axis=2)
    return np.where(both.any(axis=2), n_different / np.maximum(both.sum(axis=2), 1), 1.0)


@pytest.mark.parametrize("missing", [(0.0, 0.0), (0.2, 0.0), (0.0, 0.2), (0.2, 0.2), (1.0, 0.2)])
def test_distances__are_those_of_each_pair(
    missing: tuple[float, float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("genosynth.evaluation.distances.BLOCK", 13)
    left, right = (people(n, missing=share) for n, share in zip((30, 21), missing, strict=True))
    found = np.full((30, 21), np.nan)
    for rows, columns, block in distance_blocks(left, right, n_right=8):
        found[rows, columns] = block
    assert (found == pair_by_pair(left, right)).all()


def test_distances__tell_one_variant_in_thousands() -> None:
    left = people(1, n_variants=5000)
    right = left.copy()
    right[0, 7] = (right[0, 7] + 1) % 3
    ((_, _, block),) = distance_blocks(left, right)
    assert block.tolist() == [[1 / 5000]]


@pytest.mark.parametrize(("n_left", "n_variants"), [(0, 5), (3, 0)])
def test_distances__of_nobody_and_of_nothing(n_left: int, n_variants: int) -> None:
    blocks = list(
        distance_blocks(people(n_left, n_variants=n_variants), people(2, n_variants=n_variants))
    )
    assert all((block == 1).all() for _, _, block in blocks)
