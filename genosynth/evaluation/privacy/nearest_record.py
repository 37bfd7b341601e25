"""Nearest neighbours: are synthetic people closer to the training people than strangers are?

Distance is the share of the variants called in both people at which their genotypes differ
(Hamming). These are diagnostics: they find copies, and they pass where attacks succeed.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from genosynth.data.genotypes import MISSING
from genosynth.evaluation.agreement import ratio
from genosynth.evaluation.estimates import Estimate, share_estimate

BLOCK = 1024  # people a side whose distances are in memory at a time
N_BOOTSTRAP = 200  # of queries only: the people searched among are never drawn twice
BIN_WIDTH = 0.005  # of the histogram

# Three genotypes as corners of a triangle around a missing call (the last row, index −1): products
# of rows are 1 for equal genotypes, −½ for different ones, 0 where one is missing.
CORNERS = np.array([[1, 0], [-0.5, 0.75**0.5], [-0.5, -(0.75**0.5)], [0, 0]], np.float32)

Counts = NDArray[np.int8]
Distances = NDArray[np.float64]


@dataclass(frozen=True)
class Nearest:
    """Distance of each person to the nearest and to the second nearest of others.

    n_first: how many others lie at the first distance.
    """

    first: Distances
    second: Distances
    n_first: NDArray[np.intp]


@dataclass(frozen=True)
class Embedded:
    """Some people as points whose products count equal genotypes."""

    rows: slice
    corners: NDArray[np.float32]  # (n_people, 2 × n_variants)
    missing: sparse.csr_array  # (n_people, n_variants)


def nearest(queries: Counts, targets: Counts) -> Nearest:
    """Find the two nearest targets of each query, exactly; infinite where there are too few."""
    best = np.full((len(queries), 2), np.inf)
    n_first = np.zeros(len(queries), np.intp)
    for rows, _, block in distance_blocks(queries, targets):
        candidates = np.hstack([best[rows], block])
        found = np.partition(candidates, 1, axis=1)[:, :2]
        n_first[rows] *= best[rows, 0] == found[:, 0]
        n_first[rows] += (block == found[:, :1]).sum(axis=1)
        best[rows] = found
    return Nearest(best[:, 0], best[:, 1], n_first)


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


def compare_nearness(synthetic: Nearest, holdout: Nearest, *, seed: int) -> dict[str, Estimate]:
    """Score distances of synthetic and held-out people to their nearest training people."""
    rng = np.random.default_rng(seed)
    n = len(synthetic.first)
    resampled = [
        (rng.choice(synthetic.first, n), rng.choice(holdout.first, len(holdout.first)))
        for _ in range(N_BOOTSTRAP if n and len(holdout.first) else 0)
    ]
    ratios = nearness_ratios(synthetic)
    medians = [_median(rng.choice(ratios, n)) for _ in range(N_BOOTSTRAP if n else 0)]
    closeness = [_median_ratio(*pair) for pair in resampled]
    return {
        "identical_match_rate": share_estimate(int((synthetic.first == 0).sum()), n),
        "dcr_ratio": Estimate.around(
            _median_ratio(synthetic.first, holdout.first),
            float(np.std(closeness or [np.nan])),
            n=n,
            limits=(0.0, np.inf),
        ),
        "nndr": Estimate.around(
            _median(ratios), float(np.std(medians or [np.nan])), n=n, limits=(0.0, 1.0)
        ),
    }


def nearness_ratios(found: Nearest) -> Distances:
    """Nearest over second nearest distance; 1 where both are 0, as neither stands out."""
    return ratio(found.first, found.second, otherwise=1.0)


def distance_table(synthetic: Nearest, holdout: Nearest) -> pd.DataFrame:
    """Histogram of the distance to the nearest training person; distance: lower edge of the bin."""
    tables = []
    for name, found in (("synthetic", synthetic), ("holdout", holdout)):
        # half a bin in a million: 0.015 / 0.005 is not quite 3
        bins = np.floor(found.first / BIN_WIDTH + 5e-7).astype(int)
        n = np.bincount(bins)
        distance = (np.arange(len(n)) * BIN_WIDTH).round(6)
        tables.append(pd.DataFrame({"set": name, "distance": distance, "n": n}))
    return pd.concat(tables, ignore_index=True)


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


def _median(values: Distances) -> float:
    return float(np.median(values)) if len(values) else float("nan")


def _median_ratio(synthetic: Distances, holdout: Distances) -> float:
    usual = _median(holdout)
    return _median(synthetic) / usual if usual > 0 else float("nan")
