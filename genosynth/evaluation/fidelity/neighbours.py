"""Nearest neighbours of synthetic and held-out people: adversarial accuracy, precision, recall.

Adversarial accuracy (Yale et al. 2020): below ½ people have their nearest neighbour in the other
set, as where one was copied from the other; above ½ in their own, as where sets lie apart.

Precision: share of synthetic people inside the ball of a real one that reaches to its k-th
neighbour among real people; recall the other way round (Kynkäänniemi et al. 2019, Improved
Precision and Recall). Shrunken genotypes raise the first and ruin the second. Both grow with k and
with the number of people: only the ceiling of the same run says how large they should be.
"""

import numpy as np
from numpy.typing import NDArray

from genosynth.evaluation.adversarial_accuracy import (
    mutual_minima,
    nearer_to_own,
    own_minima,
    whole_and_halves,
)
from genosynth.evaluation.comparison import Sides
from genosynth.evaluation.distances import Counts, Distances, distance_blocks
from genosynth.evaluation.estimates import SHARE, Estimate, share_estimate

NEIGHBOURS = (5, 50)
N_HALVES = 10  # behind the intervals of adversarial accuracy


def compare_neighbours(sides: Sides, *, seed: int) -> dict[str, Estimate]:
    """Score `aats`, its two halves, and `precision.K` and `recall.K` for each K of NEIGHBOURS."""
    synthetic, real = sides.synthetic.counts, sides.holdout.counts
    return compare_accuracy(synthetic, real, seed=seed) | compare_coverage(synthetic, real)


def compare_accuracy(synthetic: Counts, real: Counts, *, seed: int) -> dict[str, Estimate]:
    """Adversarial accuracy: of real people (`aats_truth`), of synthetic ones, and their mean."""
    n = len(synthetic)
    if n < 4:
        return {name: Estimate(np.nan, n=n) for name in ("aats", "aats_truth", "aats_synthetic")}
    members = whole_and_halves(n, N_HALVES, seed=seed)
    to_synthetic, to_real = mutual_minima(real, synthetic, members)
    of_real = nearer_to_own(to_synthetic, own_minima(real, members), members)
    of_synthetic = nearer_to_own(to_real, own_minima(synthetic, members), members)

    def estimate(values: NDArray[np.float64]) -> Estimate:
        error = float(values[1:].std(ddof=1))
        return Estimate.around(values[0], error, n=n, degrees=N_HALVES - 1, limits=SHARE)

    return {
        "aats": estimate((of_real + of_synthetic) / 2),
        "aats_truth": estimate(of_real),
        "aats_synthetic": estimate(of_synthetic),
    }


def compare_coverage(synthetic: Counts, real: Counts) -> dict[str, Estimate]:
    """Precision and recall for each K of NEIGHBOURS; NaN where nobody has so many."""
    reach_of_real, reach_of_synthetic = (neighbour_distances(each) for each in (real, synthetic))
    is_near_real = np.zeros((len(NEIGHBOURS), len(synthetic)), bool)
    is_near_synthetic = np.zeros((len(NEIGHBOURS), len(real)), bool)
    for rows, columns, block in distance_blocks(synthetic, real):
        for k in range(len(NEIGHBOURS)):
            is_near_real[k, rows] |= (block <= reach_of_real[k, columns]).any(axis=1)
            reaches = block <= reach_of_synthetic[k, rows, None]
            is_near_synthetic[k, columns] |= reaches.any(axis=0)
    found = {}
    for name, is_near in (("precision", is_near_real), ("recall", is_near_synthetic)):
        for k, near in zip(NEIGHBOURS, is_near, strict=True):
            enough = min(len(synthetic), len(real)) > k
            found[f"{name}.{k}"] = (
                share_estimate(int(near.sum()), len(near)) if enough else Estimate(np.nan)
            )
    return found


def neighbour_distances(people: Counts) -> Distances:
    """Distance of each person to the K-th nearest other of the set: (len(NEIGHBOURS), n)."""
    most = max(NEIGHBOURS)
    nearest = np.full((len(people), most), np.inf)
    for rows, columns, block in distance_blocks(people, people):
        if rows == columns:
            np.fill_diagonal(block, np.inf)
        candidates = np.hstack([nearest[rows], block])
        nearest[rows] = np.partition(candidates, most - 1, axis=1)[:, :most]
    return np.sort(nearest, axis=1)[:, [k - 1 for k in NEIGHBOURS]].T
