"""Linkage disequilibrium: correlations of dosages, by distance and over all pairs.

Correlations are signed r over the people called at both variants, computed exactly: no call is
filled in. Train is the target; the jackknife leaves out chromosomes (or stretches) of the panel.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from genosynth.data.genotypes import MISSING
from genosynth.evaluation.agreement import finite_pearson, ratio
from genosynth.evaluation.comparison import Comparison, chunks
from genosynth.evaluation.estimates import Estimate, block_jackknife, genome_blocks
from genosynth.settings.evaluation import EvaluationSettings

MAX_VARIANTS = 2048  # whose correlation matrix is kept in memory
STRETCH = 256  # neighbouring variants kept together where a panel is larger
N_BINS = 50
MIN_PAIRS_IN_BIN = 10  # r² of fewer pairs is noise
N_IN_BLOCK = 60  # variants shown in the heat map

Matrix = NDArray[np.float64]  # (n_variants, n_variants)


@dataclass(frozen=True)
class Linkage:
    """Correlations of the three sets over the same variants.

    kept: their positions in the panel.
    """

    kept: NDArray[np.intp]
    variants: pd.DataFrame
    train: Matrix
    holdout: Matrix
    synthetic: Matrix
    n_people: dict[str, int]


@dataclass(frozen=True)
class Pairs:
    """Pairs of variants by position in the panel; distance_kb is NaN between chromosomes."""

    first: NDArray[np.intp]
    second: NDArray[np.intp]
    distance_kb: NDArray[np.float64]

    def take(self, chosen: NDArray[np.bool_]) -> "Pairs":
        """The pairs of a mask."""
        return Pairs(self.first[chosen], self.second[chosen], self.distance_kb[chosen])

    def of(self, matrix: Matrix) -> NDArray[np.float64]:
        """Values of a matrix at the pairs."""
        return matrix[self.first, self.second]


def measure_linkage(comparison: Comparison) -> Linkage:
    """Correlate variants within train, holdout and synthetic people."""
    kept = kept_variants(comparison.train.counts.shape[1])
    sets = (comparison.train, comparison.holdout, comparison.synthetic)
    train, holdout, synthetic = (correlations(people.counts[:, kept]) for people in sets)
    names = ("train", "holdout", "synthetic")
    return Linkage(
        kept,
        comparison.train.variants.iloc[kept].reset_index(drop=True),
        train,
        holdout,
        synthetic,
        n_people={name: len(people.samples) for name, people in zip(names, sets, strict=True)},
    )


def compare_linkage(
    linkage: Linkage, *, settings: EvaluationSettings, seed: int
) -> dict[str, Estimate]:
    """Score near pairs, any pairs, and the decay of LD with distance."""
    blocks = genome_blocks(linkage.variants)
    neighbours = chromosome_pairs(linkage.variants)
    near = neighbours.take(neighbours.distance_kb < settings.near_kb)
    anywhere = random_pairs(len(linkage.variants), settings.n_random_pairs, seed=seed)
    return {
        "ld_near_pearson": _agreement(linkage, near, blocks),
        "ld_all_pearson": _agreement(linkage, anywhere, blocks),
        "ld_decay_rmse": _decay_rmse(linkage, neighbours, blocks),
    }


def correlations(counts: NDArray[np.int8]) -> Matrix:
    """Pearson r of each pair of variants over the people called at both; NaN if one is constant."""
    n_variants = counts.shape[1]
    n, x, xx, xy = (np.zeros((n_variants, n_variants)) for _ in range(4))
    for chunk in chunks(counts):
        # Sums over people called at both = sums over all − sums over those missing at the other,
        # who are few: one dense product instead of four.
        missing = sparse.csr_array((chunk == MISSING).astype(np.float32))
        dosage = np.maximum(chunk, 0).astype(np.float32)
        called = (chunk != MISSING).astype(np.float32)
        n += called.sum(0) - missing.T @ called
        x += dosage.sum(0) - missing.T @ dosage  # [j, k]: sum of k where j is called
        xx += (dosage**2).sum(0) - missing.T @ dosage**2
        xy += dosage.T @ dosage
    covariance = n * xy - x * x.T
    variance = n * xx - x**2
    scale = np.sqrt(variance * variance.T)
    return ratio(covariance, scale)


def kept_variants(n_variants: int) -> NDArray[np.intp]:
    """Variants whose correlations are compared: all, or stretches spread over a large panel."""
    if n_variants <= MAX_VARIANTS:
        return np.arange(n_variants)
    starts = np.linspace(0, n_variants - STRETCH, MAX_VARIANTS // STRETCH).astype(np.intp)
    return np.unique(starts[:, None] + np.arange(STRETCH))


def chromosome_pairs(variants: pd.DataFrame) -> Pairs:
    """All pairs within a chromosome."""
    chromosome = variants["chromosome"].to_numpy()
    first, second = np.nonzero(np.triu(chromosome[:, None] == chromosome, k=1))
    position_kb = variants["position_bp"].to_numpy() / 1000
    return Pairs(first, second, np.abs(position_kb[second] - position_kb[first]))


def random_pairs(n_variants: int, n_pairs: int, *, seed: int) -> Pairs:
    """Different pairs of different variants, over all chromosomes; all of them if there are few."""
    first, second = np.triu_indices(n_variants, k=1)
    if len(first) > n_pairs:
        chosen = np.random.default_rng(seed).choice(len(first), n_pairs, replace=False)
        first, second = first[chosen], second[chosen]
    return Pairs(first, second, np.full(len(first), np.nan))


def decay_table(linkage: Linkage, pairs: Pairs) -> pd.DataFrame:
    """Mean r² in bins of distance, less the 1/(n − 1) that independent variants show."""
    edges_kb = _distance_bins(pairs)
    table = pd.DataFrame({"low_kb": edges_kb[:-1], "high_kb": edges_kb[1:]})
    bins = _bins(pairs, edges_kb)
    table["n_pairs"] = np.bincount(bins, minlength=len(table))
    for name, n_people in linkage.n_people.items():
        r2 = pairs.of(getattr(linkage, name)) ** 2 - 1 / max(n_people - 1, 1)
        table[name] = _bin_means(r2, bins, len(table))
    return table


def block_table(linkage: Linkage) -> pd.DataFrame:
    """Correlations of the neighbouring variants that lie closest together, for the heat map."""
    chromosome = linkage.variants["chromosome"].to_numpy()
    position_bp = linkage.variants["position_bp"].to_numpy()
    n = min(N_IN_BLOCK, int(pd.Series(chromosome).value_counts().max()))
    same = chromosome[n - 1 :] == chromosome[: len(chromosome) - n + 1]
    extent = position_bp[n - 1 :] - position_bp[: len(position_bp) - n + 1]
    start = int(np.argmin(np.where(same, extent, np.inf)))
    i, j = (index.ravel() for index in np.indices((n, n)))
    real, synthetic = (
        matrix[start : start + n, start : start + n].ravel()
        for matrix in (linkage.train, linkage.synthetic)
    )
    return pd.DataFrame({"i": i, "j": j, "real": real, "synthetic": synthetic})


def _agreement(linkage: Linkage, pairs: Pairs, blocks: NDArray[np.intp]) -> Estimate:
    train, synthetic = pairs.of(linkage.train), pairs.of(linkage.synthetic)
    usable = np.isfinite(train) & np.isfinite(synthetic)
    pairs, train, synthetic = pairs.take(usable), train[usable], synthetic[usable]
    return block_jackknife(
        lambda keep: finite_pearson(synthetic[keep], train[keep]),
        blocks[pairs.first],
        blocks[pairs.second],
        limits=(-1.0, 1.0),
    )


def _decay_rmse(linkage: Linkage, pairs: Pairs, blocks: NDArray[np.intp]) -> Estimate:
    edges_kb = _distance_bins(pairs)
    bins = _bins(pairs, edges_kb)
    bias = {name: 1 / max(n - 1, 1) for name, n in linkage.n_people.items()}
    excess = (pairs.of(linkage.synthetic) ** 2 - bias["synthetic"]) - (
        pairs.of(linkage.train) ** 2 - bias["train"]
    )

    def rmse(keep: NDArray[np.bool_]) -> float:
        means = _bin_means(excess[keep], bins[keep], N_BINS)
        means = means[np.isfinite(means)]
        return float(np.sqrt((means**2).mean())) if len(means) else float("nan")

    estimate = block_jackknife(
        rmse, blocks[pairs.first], blocks[pairs.second], limits=(0.0, np.inf)
    )
    n_bins = int(np.isfinite(_bin_means(excess, bins, N_BINS)).sum())
    return Estimate(estimate.value, estimate.ci_low, estimate.ci_high, n_bins)


def _distance_bins(pairs: Pairs) -> NDArray[np.float64]:
    apart_kb = pairs.distance_kb[pairs.distance_kb > 0]
    if not len(apart_kb):
        return np.geomspace(1.0, 2.0, N_BINS + 1)
    return np.geomspace(apart_kb.min(), max(apart_kb.max(), apart_kb.min() * 2), N_BINS + 1)


def _bins(pairs: Pairs, edges_kb: NDArray[np.float64]) -> NDArray[np.intp]:
    return np.clip(np.searchsorted(edges_kb, pairs.distance_kb, side="right") - 1, 0, N_BINS - 1)


def _bin_means(
    values: NDArray[np.float64], bins: NDArray[np.intp], n_bins: int
) -> NDArray[np.float64]:
    usable = np.isfinite(values)
    n = np.bincount(bins[usable], minlength=n_bins)
    total = np.bincount(bins[usable], weights=values[usable], minlength=n_bins)
    return ratio(total, n, above=MIN_PAIRS_IN_BIN - 1)
