"""Nearest neighbours: are synthetic people closer to the training people than strangers are?

Distance is the share of the variants called in both people at which their genotypes differ
(Hamming). These are diagnostics: they find copies, and they pass where attacks succeed.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genosynth.evaluation.agreement import ratio
from genosynth.evaluation.distances import Counts, Distances, distance_blocks
from genosynth.evaluation.estimates import SHARE, Estimate, share_difference, share_estimate
from genosynth.evaluation.privacy.thresholds import FALSE_ALARMS, n_allowed

N_BOOTSTRAP = 200  # of queries only: the people searched among are never drawn twice
BIN_WIDTH = 0.005  # of the histogram


@dataclass(frozen=True)
class Nearest:
    """Distance of each person to the nearest and to the second nearest of others.

    n_first: how many others lie at the first distance.
    """

    first: Distances
    second: Distances
    n_first: NDArray[np.intp]


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
        "near_duplicate_rate": near_duplicates(synthetic, holdout),
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


def near_duplicates(synthetic: Nearest, holdout: Nearest) -> Estimate:
    """Share of synthetic people nearer to a training person than 99 % of held-out people are.

    Nearer than the one held-out person in a hundred who is nearest (of fewer, than the nearest):
    strangers come so near once in a hundred. The interval is that of the difference to held-out
    people, since other people could have been held out.
    """
    n, n_strangers = len(synthetic.first), len(holdout.first)
    if not min(n, n_strangers):
        return Estimate(np.nan)
    n_nearest = max(n_allowed(n_strangers, FALSE_ALARMS), 1)
    near = np.partition(holdout.first, n_nearest - 1)[n_nearest - 1]
    n_hits = int((synthetic.first < near).sum())
    beyond = share_difference(n_hits, n_nearest, n=n, n_other=n_strangers)
    low, high = np.array([beyond.ci_low, beyond.ci_high]) + n_nearest / n_strangers
    low, high = np.clip([low, high], *SHARE)
    return Estimate(n_hits / n, float(low), float(high), n)


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


def _median(values: Distances) -> float:
    return float(np.median(values)) if len(values) else float("nan")


def _median_ratio(synthetic: Distances, holdout: Distances) -> float:
    usual = _median(holdout)
    return _median(synthetic) / usual if usual > 0 else float("nan")
