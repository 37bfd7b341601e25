"""Fit the haplotype-cluster generator."""

import logging

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from genosynth.data.genotypes import Genotypes
from genosynth.data.labels import Label
from genosynth.models.clusters import Ancestries, ClustersModel, HaplotypeClusters
from genosynth.models.frequencies import GenotypeFrequencies, group_codes
from genosynth.settings.clusters import ClustersSettings
from genosynth.training.cluster_chains import first_clusters, fit_chains
from genosynth.training.frequencies import (
    divergence_from,
    dosage_slopes,
    fit_frequencies,
    label_covariance,
    tally_genotypes,
)

logger = logging.getLogger(__name__)

Array = NDArray[np.float64]
MIN_DIVERGENCE = 5e-4  # F between a condition's levels from which each has its own clusters
PURE_SHIFT, IMPURE_SHIFT = 0.5, 3.0  # of log-odds, by groups
LARGEST_SPREAD = 8.0  # of log-odds, by quantitative labels
N_HALVINGS = 36
NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(9)  # means over normal labels
WEIGHTS /= WEIGHTS.sum()
TINY = 1e-12


def fit_clusters(
    train: Genotypes, labels: list[Label], *, settings: ClustersSettings, seed: int
) -> ClustersModel:
    """Fit clusters within ancestries, then what brings about the frequencies given the labels."""
    frequencies = fit_frequencies(train, labels, pseudocount=settings.pseudocount)
    codes = group_codes(train.samples, tuple(labels))
    ancestries, ancestry = find_ancestries(train.counts, codes)
    known = np.flatnonzero(ancestry >= 0)
    generator = np.random.default_rng(seed)
    rows = np.sort(generator.permutation(known)[: settings.max_people])
    counts = train.counts[rows]
    chromosomes = train.variants["chromosome"].to_numpy()
    clusters = fit_chains(
        first_clusters(
            counts,
            np.append(True, chromosomes[1:] != chromosomes[:-1]),
            n_ancestries=len(ancestries.people),
            n_clusters=settings.n_clusters,
            seed=seed,
        ),
        counts,
        ancestry[rows],
        max_iterations=settings.max_iterations,
    )
    shifts, slopes = _effects_of_labels(train, frequencies, ancestries, clusters)
    logger.info(
        "fitted %d clusters to %d people of %d ancestries",
        settings.n_clusters,
        len(rows),
        len(ancestries.people),
    )
    return ClustersModel(frequencies, ancestries, clusters, shifts, slopes)


def find_ancestries(
    counts: NDArray[np.int8], codes: NDArray[np.int16]
) -> tuple[Ancestries, NDArray[np.intp]]:
    """Combinations of trait class and conditions that divide, and each person's (or −1).

    Sex divides none, and would halve the people behind each cluster probability.
    """
    n_conditions = codes.shape[1] - 1
    divides = [_divides(counts, codes[:, 1 + item]) for item in range(n_conditions)]
    columns = np.flatnonzero([True, *divides])
    is_known = (codes[:, columns] >= 0).all(axis=1)
    if not is_known.any():
        columns, is_known = columns[:1], codes[:, 0] >= 0
    of_people = codes[:, columns]
    levels, row, n_people = np.unique(
        of_people[is_known], axis=0, return_inverse=True, return_counts=True
    )
    ancestry = np.full(len(codes), -1)
    ancestry[is_known] = row.ravel()
    return Ancestries(columns, levels, n_people / n_people.sum()), ancestry


def _divides(counts: NDArray[np.int8], levels: NDArray[np.int16]) -> bool:
    known = np.unique(levels[levels >= 0])
    if len(known) < 2:
        return False
    tallies = np.stack([tally_genotypes(counts[levels == level]) for level in known])
    together = tallies.sum(axis=0)
    parent = together / np.maximum(together.sum(axis=0), 1)
    return divergence_from(parent, tallies) > MIN_DIVERGENCE


def largest_shifts(clusters: HaplotypeClusters, shares: Array) -> Array:
    """Of log-odds (n_variants,), where clusters are pure and where they say nothing of alleles.

    A large shift makes pure clusters impure: variants in perfect linkage would then disagree in ten
    times as many people. Where clusters are pure, their shares tell groups apart.
    """
    alt = clusters.alt
    mean = (shares * alt).sum(axis=1)
    impurity = (shares * alt * (1 - alt)).sum(axis=1) / (mean * (1 - mean))
    largest: Array = PURE_SHIFT + (IMPURE_SHIFT - PURE_SHIFT) * impurity
    return largest


def _effects_of_labels(
    train: Genotypes,
    frequencies: GenotypeFrequencies,
    ancestries: Ancestries,
    clusters: HaplotypeClusters,
) -> tuple[Array, Array]:
    """Shifts (n_groups, n_variants) and slopes (n_quantitative, n_variants) of log-odds."""
    shares = np.tensordot(ancestries.weights(frequencies.groups), clusters.shares(), axes=1)
    target = frequencies.expected_dosages() / 2
    group = frequencies.group_of(train.samples)
    weight = np.bincount(group, minlength=len(target)) / len(group)
    slopes = dosage_slopes(train, frequencies) / 2
    covariance = label_covariance(train, frequencies)
    variance = np.einsum("kv,kl,lv->v", slopes, covariance, slopes)
    explained = np.sqrt(np.maximum(variance, 0))
    of_all = np.tensordot(weight, shares, axes=1)
    sd = spread_to(explained, weight @ target, of_all, alt=clusters.alt)
    largest = largest_shifts(clusters, of_all) + sd**2
    shifts = shift_to(target, shares, alt=clusters.alt, sd=sd).clip(-largest, largest)
    return shifts, slopes * sd / np.maximum(explained, TINY)


def spread_to(explained: Array, target: Array, shares: Array, *, alt: Array) -> Array:
    """SD (n_variants,) of normal log-odds that spread frequencies by `explained` along with them.

    Bisection: the covariance of frequency and a label grows with the label's slope.
    """
    low, high = np.zeros_like(explained), np.full_like(explained, LARGEST_SPREAD)
    for _ in range(N_HALVINGS):
        middle = (low + high) / 2
        shift = shift_to(target, shares, alt=alt, sd=middle)
        reached = (WEIGHTS * NODES) @ _frequencies(shift, shares, alt, middle)
        low = np.where(reached < explained, middle, low)
        high = np.where(reached < explained, high, middle)
    return low


def shift_to(target: Array, shares: Array, *, alt: Array, sd: Array) -> Array:
    """What to add to the log-odds of all clusters so that the mean frequency is the target.

    target: (…, n_variants); shares: (…, n_variants, n_clusters) of haplotypes; alt: (n_variants,
    n_clusters); sd: (n_variants,) of the log-odds around it, by quantitative labels.
    """
    low, high = np.full(target.shape, -30.0), np.full(target.shape, 30.0)
    for _ in range(N_HALVINGS):
        middle = (low + high) / 2
        reached = np.tensordot(WEIGHTS, _frequencies(middle, shares, alt, sd), axes=1)
        low = np.where(reached < target, middle, low)
        high = np.where(reached < target, high, middle)
    shift: Array = (low + high) / 2
    return shift


def _frequencies(shift: Array, shares: Array, alt: Array, sd: Array) -> Array:
    """Of the ALT allele (n_nodes, …, n_variants), labels at each of the nodes."""
    odds = logit(alt)
    return np.stack(
        [(shares * expit(odds + (shift + sd * node)[..., None])).sum(axis=-1) for node in NODES]
    )
