"""Linkage disequilibrium: correlations of near pairs, of any pairs, and their decay."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genosynth.evaluation.agreement import finite_pearson, ratio
from genosynth.evaluation.comparison import Comparison
from genosynth.evaluation.estimates import (
    CORRELATION,
    DISTANCE,
    N_GROUPS,
    Estimate,
    in_group,
    jackknife,
)
from genosynth.evaluation.fidelity.correlations import CoMoments, Positions, co_moments
from genosynth.settings.evaluation import EvaluationSettings

MAX_VARIANTS = 2048  # whose correlations are compared
STRETCH = 256  # neighbouring variants kept together where a panel is larger
MAX_NEIGHBOURS = 200_000  # pairs within chromosomes; of more, as many are drawn
N_BINS = 50
MIN_PAIRS_IN_BIN = 10  # r² of fewer pairs is noise
N_IN_BLOCK = 60  # variants shown in the heat map
LIMITS = {"ld_near_pearson": CORRELATION, "ld_all_pearson": CORRELATION, "ld_decay_rmse": DISTANCE}

Values = NDArray[np.float64]  # (n_pairs,)


@dataclass(frozen=True)
class Linkage:
    """Moments of the three sets over the same variants; kept: their positions in the panel."""

    kept: Positions
    variants: pd.DataFrame
    train: CoMoments
    holdout: CoMoments
    synthetic: CoMoments


@dataclass(frozen=True)
class Pairs:
    """Pairs of variants and how far apart they are."""

    first: Positions
    second: Positions
    distance_kb: Values  # infinite between chromosomes

    def take(self, chosen: NDArray[np.bool_] | Positions) -> "Pairs":
        """Some of the pairs."""
        return Pairs(self.first[chosen], self.second[chosen], self.distance_kb[chosen])

    def r(self, moments: CoMoments) -> Values:
        """Correlations of the pairs."""
        return moments.correlation(self.first, self.second)

    def excess_r2(self, moments: CoMoments) -> Values:
        """Squared correlations less the 1/(n − 1) that independent variants show."""
        return self.r(moments) ** 2 - ratio(1.0, moments.n[self.first, self.second] - 1)


@dataclass(frozen=True)
class DistanceBins:
    """Bins of equal width in the logarithm of the distance, and the bin of each pair."""

    edges_kb: NDArray[np.float64]  # (N_BINS + 1,)
    of_pair: Positions

    def means(self, values: Values) -> NDArray[np.float64]:
        """Mean of the pairs in each bin; NaN where there are few."""
        usable = np.isfinite(values)
        n = np.bincount(self.of_pair[usable], minlength=N_BINS)
        total = np.bincount(self.of_pair[usable], weights=values[usable], minlength=N_BINS)
        return ratio(total, n, above=MIN_PAIRS_IN_BIN - 1)


@dataclass(frozen=True)
class Target:
    """The training people's correlations, which synthetic ones are held against."""

    near: Pairs
    anywhere: Pairs
    neighbours: Pairs
    bins: DistanceBins
    near_r: Values
    anywhere_r: Values
    neighbours_r2: Values

    def statistics(self, synthetic: CoMoments) -> dict[str, float]:
        """Scores of synthetic people."""
        gaps = self.bins.means(self.neighbours.excess_r2(synthetic) - self.neighbours_r2)
        gaps = gaps[np.isfinite(gaps)]
        return {
            "ld_near_pearson": finite_pearson(self.near.r(synthetic), self.near_r),
            "ld_all_pearson": finite_pearson(self.anywhere.r(synthetic), self.anywhere_r),
            "ld_decay_rmse": float(np.sqrt((gaps**2).mean())) if len(gaps) else float("nan"),
        }

    def counted(self, synthetic: CoMoments) -> dict[str, int]:
        """Pairs and bins that the scores rest on."""
        near, anywhere = self.near.r(synthetic) + self.near_r, self.anywhere.r(synthetic)
        gaps = self.bins.means(self.neighbours.excess_r2(synthetic) - self.neighbours_r2)
        return {
            "ld_near_pearson": int(np.isfinite(near).sum()),
            "ld_all_pearson": int(np.isfinite(anywhere + self.anywhere_r).sum()),
            "ld_decay_rmse": int(np.isfinite(gaps).sum()),
        }


def measure_linkage(comparison: Comparison) -> Linkage:
    """Sum up train, holdout and synthetic people."""
    kept = kept_variants(comparison.train.counts.shape[1])
    sets = (comparison.train, comparison.holdout, comparison.synthetic)
    train, holdout, synthetic = (co_moments(people.counts, kept) for people in sets)
    variants = comparison.train.variants.iloc[kept].reset_index(drop=True)
    return Linkage(kept, variants, train, holdout, synthetic)


def compare_linkage(
    linkage: Linkage, comparison: Comparison, *, settings: EvaluationSettings, seed: int
) -> dict[str, Estimate]:
    """Score near pairs, any pairs, and the decay of LD with distance."""
    target = _target(linkage, settings=settings, seed=seed)
    counts = comparison.synthetic.counts
    groups = (
        co_moments(counts[in_group(len(counts), group)], linkage.kept) for group in range(N_GROUPS)
    )
    return jackknife(
        target.statistics(linkage.synthetic),
        [target.statistics(linkage.synthetic - group) for group in groups],
        counted=target.counted(linkage.synthetic),
        limits=LIMITS,
    )


def kept_variants(n_variants: int) -> Positions:
    """Variants whose correlations are compared: all, or stretches spread over a large panel."""
    if n_variants <= MAX_VARIANTS:
        return np.arange(n_variants)
    starts = np.linspace(0, n_variants - STRETCH, MAX_VARIANTS // STRETCH).astype(np.intp)
    return np.unique(starts[:, None] + np.arange(STRETCH))


def chromosome_pairs(variants: pd.DataFrame) -> Pairs:
    """Pairs within a chromosome: all, or as many as are enough, always the same ones."""
    chromosome = variants["chromosome"].to_numpy()
    first, second = np.nonzero(np.triu(chromosome[:, None] == chromosome, k=1))
    position_kb = variants["position_bp"].to_numpy() / 1000
    pairs = Pairs(first, second, np.abs(position_kb[second] - position_kb[first]))
    chosen = np.random.default_rng(0).permutation(len(first))[:MAX_NEIGHBOURS]
    return pairs.take(np.sort(chosen))


def random_pairs(n_variants: int, n_pairs: int, *, seed: int) -> Pairs:
    """Different pairs of different variants, over all chromosomes; all of them if there are few."""
    first, second = np.triu_indices(n_variants, k=1)
    chosen = np.random.default_rng(seed).permutation(len(first))[:n_pairs]
    return Pairs(first[chosen], second[chosen], np.full(len(chosen), np.inf))


def distance_bins(pairs: Pairs) -> DistanceBins:
    """Cut the distances that occur into bins of equal width in the logarithm."""
    apart_kb = pairs.distance_kb[pairs.distance_kb > 0]
    shortest = apart_kb.min() if len(apart_kb) else 1.0
    longest = max(apart_kb.max(initial=0), 2 * shortest)
    edges_kb = np.geomspace(shortest, longest, N_BINS + 1)
    bins = np.searchsorted(edges_kb, pairs.distance_kb, side="right") - 1
    return DistanceBins(edges_kb, np.clip(bins, 0, N_BINS - 1))


def decay_table(linkage: Linkage) -> pd.DataFrame:
    """Mean excess r² in bins of distance, for the curve."""
    pairs = chromosome_pairs(linkage.variants)
    bins = distance_bins(pairs)
    table = pd.DataFrame({"low_kb": bins.edges_kb[:-1], "high_kb": bins.edges_kb[1:]})
    table["n_pairs"] = np.bincount(bins.of_pair, minlength=N_BINS)
    for name in ("train", "holdout", "synthetic"):
        table[name] = bins.means(pairs.excess_r2(getattr(linkage, name)))
    return table


def block_table(linkage: Linkage) -> pd.DataFrame:
    """Correlations of the neighbouring variants that lie closest together, for the heat map."""
    chromosome = linkage.variants["chromosome"].to_numpy()
    position_bp = linkage.variants["position_bp"].to_numpy()
    n = min(N_IN_BLOCK, int(linkage.variants["chromosome"].value_counts().max()))
    starts = np.arange(len(chromosome) - n + 1)
    same = chromosome[starts + n - 1] == chromosome[starts]
    extent_bp = position_bp[starts + n - 1] - position_bp[starts]
    start = int(np.argmin(np.where(same, extent_bp, np.inf)))
    i, j = (index.ravel() for index in np.indices((n, n)))
    real, synthetic = (
        moments.correlation(start + i, start + j) for moments in (linkage.train, linkage.synthetic)
    )
    return pd.DataFrame({"i": i, "j": j, "real": real, "synthetic": synthetic})


def _target(linkage: Linkage, *, settings: EvaluationSettings, seed: int) -> Target:
    neighbours = chromosome_pairs(linkage.variants)
    near = neighbours.take(neighbours.distance_kb < settings.near_kb)
    anywhere = random_pairs(len(linkage.variants), settings.n_random_pairs, seed=seed)
    return Target(
        near,
        anywhere,
        neighbours,
        distance_bins(neighbours),
        near_r=near.r(linkage.train),
        anywhere_r=anywhere.r(linkage.train),
        neighbours_r2=neighbours.excess_r2(linkage.train),
    )
