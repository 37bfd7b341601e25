"""Nearest neighbours in one's own set and in another: whose are nearer? (Yale et al. 2020)

Between sets that cannot be told apart each answer comes half of the time. Sets have equal size,
ties count ½, and nobody is their own neighbour (by position in the set, not by a distance of 0).
Intervals come from halves drawn without replacement, whose values spread as those of whole sets do:
a person drawn twice would be a neighbour at distance 0.
"""

import numpy as np
from numpy.typing import NDArray

from genosynth.evaluation.distances import Counts, distance_blocks

Members = NDArray[np.bool_]  # (n_subsets, n_people)
Minima = NDArray[np.float64]  # (n_subsets, n_people): distance to the nearest member


def nearer_to_own(to_other: Minima, to_own: Minima, members: Members) -> NDArray[np.float64]:
    """Share of the members of each subset that are nearer to their own set; ties count ½."""
    answers = (to_other > to_own) + (to_other == to_own) / 2
    return np.asarray((answers * members).sum(axis=1) / members.sum(axis=1))


def own_minima(people: Counts, members: Members) -> Minima:
    """Distance of each person to the nearest member of each subset but themselves."""
    minima = np.full(members.shape, np.inf)
    for rows, columns, block in distance_blocks(people, people):
        if rows == columns:
            np.fill_diagonal(block, np.inf)
        for minimum, member in zip(minima, members, strict=True):
            _lower(minimum[rows], block[:, member[columns]])
    return minima


def mutual_minima(left: Counts, right: Counts, members: Members) -> tuple[Minima, Minima]:
    """Distances of left people to the nearest right members, and the other way round."""
    to_right, to_left = np.full((2, *members.shape), np.inf)
    for rows, columns, block in distance_blocks(left, right):
        for i, member in enumerate(members):
            _lower(to_right[i, rows], block[:, member[columns]])
            _lower(to_left[i, columns], block[member[rows]].T)
    return to_right, to_left


def _lower(minimum: NDArray[np.float64], candidates: NDArray[np.float64]) -> None:
    np.minimum(minimum, candidates.min(axis=1, initial=np.inf), out=minimum)


def whole_and_halves(n: int, n_halves: int, *, seed: int) -> Members:
    """Everybody, then random halves: (1 + n_halves, n)."""
    rng = np.random.default_rng(seed)
    halves = [rng.permutation(n) < n // 2 for _ in range(n_halves)]
    return np.stack([np.ones(n, bool), *halves])
