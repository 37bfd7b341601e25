"""Is the real person nearest to a synthetic one more often a training person than by chance?

All training people are searched, so that a copy of any of them is found; held-out people are
fewer, and each of them counts for as many more.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genosynth.evaluation.distances import Counts, distance_blocks
from genosynth.evaluation.estimates import N_GROUPS, SHARE, Estimate, in_group, jackknife
from genosynth.evaluation.privacy.nearest_record import Nearest


@dataclass(frozen=True)
class NearestByGroup:
    """Distance of people to the nearest of each group, how many lie there, and sizes of groups.

    first, n_first: (N_GROUPS, n_people); infinite for an empty group. sizes: (N_GROUPS,).
    """

    first: NDArray[np.float64]
    n_first: NDArray[np.intp]
    sizes: NDArray[np.intp]


def compare_closeness(
    to_train: Nearest, *, n_train: int, synthetic: Counts, holdout: Counts
) -> dict[str, Estimate]:
    """Score how often training people are nearest, as if held-out people were equally many.

    The jackknife leaves out synthetic and held-out people together. to_train: from synthetic to
    all n_train training people.
    """
    n, name = len(synthetic), "closer_to_train"
    if not min(n, n_train, len(holdout)):
        return {name: Estimate(np.nan)}
    to_holdout = nearest_by_group(synthetic, holdout)

    def share(people: NDArray[np.bool_], groups: NDArray[np.bool_]) -> float:
        credit = credit_of_train(to_train, to_holdout, groups)[people].mean()
        of_train, of_holdout = credit / n_train, (1 - credit) / to_holdout.sizes[groups].sum()
        return float(of_train / (of_train + of_holdout))

    everybody, every_group = np.ones(n, bool), np.ones(N_GROUPS, bool)
    left_out = range(N_GROUPS if min(n, len(holdout)) >= N_GROUPS else 0)
    return jackknife(
        {name: share(everybody, every_group)},
        [{name: share(~in_group(n, i), np.arange(N_GROUPS) != i)} for i in left_out],
        counted={name: n},
        limits={name: SHARE},
    )


def nearest_by_group(people: Counts, others: Counts) -> NearestByGroup:
    """Find the nearest of others in each group of consecutive rows."""
    size = -(-len(others) // N_GROUPS)
    first = np.full((N_GROUPS, len(people)), np.inf)
    n_first, sizes = np.zeros(first.shape, np.intp), np.zeros(N_GROUPS, np.intp)
    for rows, columns, block in distance_blocks(people, others, n_right=size):
        group = columns.start // size
        first[group, rows] = block.min(axis=1)
        n_first[group, rows] = (block == first[group, rows, None]).sum(axis=1)
        sizes[group] = block.shape[1]
    return NearestByGroup(first, n_first, sizes)


def credit_of_train(
    to_train: Nearest, to_holdout: NearestByGroup, groups: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Share of training people among the nearest real people of each; only these groups count."""
    distance = to_holdout.first[groups]
    nearest = np.minimum(to_train.first, distance.min(axis=0))
    n_train = to_train.n_first * (to_train.first == nearest)
    n_holdout = (to_holdout.n_first[groups] * (distance == nearest)).sum(axis=0)
    credit: NDArray[np.float64] = n_train / (n_train + n_holdout)
    return credit
