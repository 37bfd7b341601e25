"""Fit clusters of haplotypes to unphased genotypes by expectation-maximisation.

Scheet & Stephens 2006, with cluster probabilities of each ancestry that lean on those of all.
"""

import logging

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from genosynth.models.clusters import HaplotypeClusters
from genosynth.progress import progress
from genosynth.training.cluster_pairs import ClusterPairs, Expectations, expectations

logger = logging.getLogger(__name__)

Array = NDArray[np.float64]
SPREAD = 0.3  # SD of the first log-odds of clusters around those of all
FIRST_JUMP = 0.02  # probability of a jump between neighbours, before it is fitted
MIN_JUMP = 1e-5  # a move that no training person made happens all the same
MIN_FREQUENCY = 3e-4  # of an allele in a cluster: mutations and wrong calls
MIN_GAIN = 1e-4  # nats a genotype and round
# Haplotypes added as a prior: to each cluster with the alleles of all; to the jumps of each
# ancestry, going where jumps of all ancestries go; to the latter, going anywhere.
LEANING_ALLELES, LEANING_JUMPS, ANYWHERE = 0.1, 1.0, 0.1


def fit_chains(
    start: HaplotypeClusters,
    counts: NDArray[np.int8],
    ancestry: NDArray[np.intp],
    *,
    max_iterations: int,
) -> HaplotypeClusters:
    """Fit clusters to genotypes (n, n_variants) of people of these ancestries (n,)."""
    clusters, before = start, -np.inf
    frequencies = alt_frequencies(counts)
    for _ in progress(range(max_iterations), what="clusters", total=max_iterations):
        found = expectations(clusters, counts, ancestry)
        logger.info("%.2f nats a person", found.log_likelihood / len(counts))
        if found.log_likelihood - before < MIN_GAIN * counts.size:
            break
        before = found.log_likelihood
        clusters = maximise(found, clusters, frequencies)
    return clusters


def first_clusters(
    counts: NDArray[np.int8],
    is_start: NDArray[np.bool_],
    *,
    n_ancestries: int,
    n_clusters: int,
    seed: int,
) -> HaplotypeClusters:
    """Clusters that differ by chance; is_start: (n_variants,) a chromosome's first variant."""
    odds = logit(alt_frequencies(counts))[:, None]
    noise = np.random.default_rng(seed).normal(0, SPREAD, (len(odds), n_clusters))
    return HaplotypeClusters(
        stay=np.where(is_start, 0, 1 - FIRST_JUMP),
        jumps=np.full((n_ancestries, *noise.shape), 1 / n_clusters),
        alt=expit(odds + noise),
    )


def alt_frequencies(counts: NDArray[np.int8]) -> Array:
    """Of the ALT allele (n_variants,), never 0 or 1."""
    n_called = (counts >= 0).sum(axis=0)
    n_alt = np.maximum(counts, 0).sum(axis=0, dtype=np.int64)
    frequencies: Array = (n_alt + 0.5) / (2 * n_called + 1)
    return frequencies


def maximise(
    found: Expectations, clusters: HaplotypeClusters, frequencies: Array
) -> HaplotypeClusters:
    """The maximisation step, with the prior that keeps frequencies off 0 and 1."""
    n_alt, n_alleles = _expected_alleles(found.pairs, clusters.alt)
    alt = (n_alt + LEANING_ALLELES * frequencies[:, None]) / (n_alleles + LEANING_ALLELES)
    n_haplotypes = found.jumps[:, 0].sum()  # all jump at the start
    stay = 1 - found.jumps.sum(axis=(0, 2)) / n_haplotypes
    of_all = found.jumps.sum(axis=0) + ANYWHERE / clusters.n_clusters
    of_all /= of_all.sum(axis=1, keepdims=True)
    jumps = found.jumps + LEANING_JUMPS * of_all
    return HaplotypeClusters(
        stay=np.where(clusters.stay > 0, stay.clip(0, 1 - MIN_JUMP), 0),
        jumps=jumps / jumps.sum(axis=2, keepdims=True),
        alt=alt.clip(MIN_FREQUENCY, 1 - MIN_FREQUENCY),
    )


def _expected_alleles(by_genotype: Array, alt: Array) -> tuple[Array, Array]:
    """ALT alleles and all alleles (n_variants, n_clusters) that came from each cluster."""
    pairs = ClusterPairs.of(alt.shape[1])
    first, second = pairs.holds()
    one, two = alt[:, pairs.first], alt[:, pairs.second]
    on_first = one * (1 - two) / (one * (1 - two) + two * (1 - one))  # of a heterozygote's ALT
    heterozygous, homozygous = by_genotype[:, 1], by_genotype[:, 2]
    n_alt = (homozygous + heterozygous * on_first) @ first
    n_alt += (homozygous + heterozygous * (1 - on_first)) @ second
    return n_alt, by_genotype.sum(axis=1) @ (first + second)
