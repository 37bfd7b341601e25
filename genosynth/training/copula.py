"""Fit the Gaussian copula generator."""

import logging
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genosynth.data.genotypes import Genotypes
from genosynth.data.labels import Label
from genosynth.models.copula import CopulaModel
from genosynth.models.frequencies import GenotypeFrequencies
from genosynth.progress import progress
from genosynth.settings.copula import CopulaSettings
from genosynth.training.factors import largest_eigenvalue, shuffled_across, spanning_factors
from genosynth.training.frequencies import blocks_of_people, fit_frequencies, label_covariance
from genosynth.training.latent_correlation import hermite_coefficients, pair_series
from genosynth.training.linkage import LinkageTarget, blocks_of_neighbours, fit_root

logger = logging.getLogger(__name__)
MAX_COMMUNALITY = 0.9  # of a variant's noise variance, by factors that span chromosomes


@dataclass(frozen=True)
class Pairs:
    """Correlations within groups of people of all pairs of variants, (n_variants, n_variants).

    dosages: measured. by_labels: latent, what quantitative labels explain.
    per_latent: dosage correlation for a small latent one; exact between chromosomes.
    coefficients: Hermite coefficients for units of correlation, where it is not small.
    """

    dosages: NDArray[np.float64]
    by_labels: NDArray[np.float64]
    per_latent: NDArray[np.float64]
    coefficients: NDArray[np.float64]


def fit_copula(
    train: Genotypes, labels: list[Label], *, settings: CopulaSettings, seed: int
) -> CopulaModel:
    """Fit frequencies given the labels, then the latent noise that explains what goes together.

    What spans chromosomes becomes a few factors; what these leave within a chromosome, and stands
    out of the sampling error, is LD. A chromosome of thousands of variants is cut into blocks.
    """
    frequencies = fit_frequencies(train, labels, pseudocount=settings.pseudocount)
    pairs = _measure_pairs(train, frequencies)
    loadings = _fit_factors(train, frequencies, pairs, max_factors=settings.max_factors, seed=seed)
    least = settings.threshold / np.sqrt(len(train.samples))
    blocks = _linked_variants(train.variants["chromosome"].to_numpy(), pairs.dosages)
    roots = tuple(
        fit_root(_linkage_target(block, frequencies, pairs, loadings, least))
        for block in progress(blocks, what="blocks of LD", total=len(blocks))
    )
    logger.info(
        "fitted %d variants on %d people: %d factors across chromosomes, LD within %d blocks",
        frequencies.n_variants,
        len(train.samples),
        len(loadings),
        len(roots),
    )
    return CopulaModel(frequencies, loadings, roots)


def _linked_variants(
    chromosomes: NDArray[np.object_], correlations: NDArray[np.float64]
) -> list[NDArray[np.intp]]:
    """Positions of the variants of each block, in the order of the panel."""
    found = []
    for chromosome in dict.fromkeys(chromosomes):
        own = np.flatnonzero(chromosomes == chromosome)
        blocks = blocks_of_neighbours(correlations[np.ix_(own, own)])
        found += [own[block] for block in blocks]
    return found


def _measure_pairs(train: Genotypes, frequencies: GenotypeFrequencies) -> Pairs:
    group = frequencies.group_of(train.samples)
    share = np.bincount(group, minlength=len(frequencies.groups)) / len(group)
    covariance = dosage_covariance(train.counts, group, frequencies)
    coefficients = hermite_coefficients(frequencies.thresholds, share)
    coefficients /= np.sqrt(np.diag(covariance))
    return Pairs(
        dosages=correlations(covariance),
        by_labels=(
            frequencies.effects.T @ label_covariance(train, frequencies) @ frequencies.effects
        ),
        per_latent=np.einsum("gv,gw->vw", coefficients[0], coefficients[0]),
        coefficients=coefficients,
    )


def correlations(covariance: NDArray[np.float64]) -> NDArray[np.float64]:
    """Correlations in place of a covariance (n_variants, n_variants), which is gone."""
    sd = np.sqrt(np.diag(covariance))
    for row, own in zip(covariance, sd, strict=True):
        row /= own * sd
    return covariance


def dosage_covariance(
    counts: NDArray[np.int8], group: NDArray[np.intp], frequencies: GenotypeFrequencies
) -> NDArray[np.float64]:
    """Covariance (n_variants, n_variants) of dosages within groups, over called pairs."""
    products = np.zeros((frequencies.n_variants, frequencies.n_variants))
    n_pairs = np.zeros_like(products)
    dosages = frequencies.expected_dosages().astype(np.float32)
    for rows in blocks_of_people(counts):
        called = (counts[rows] >= 0).astype(np.float32)
        residuals = called * (counts[rows] - dosages[group[rows]])
        products += residuals.T @ residuals
        n_pairs += len(called) if called.all() else called.T @ called
    np.maximum(n_pairs, 1, out=n_pairs)
    products /= n_pairs
    return products


def _fit_factors(
    train: Genotypes,
    frequencies: GenotypeFrequencies,
    pairs: Pairs,
    *,
    max_factors: int,
    seed: int,
) -> NDArray[np.float64]:
    """Loadings (n_factors, n_variants) of unit noise; as many factors as beat shuffled people.

    Parallel analysis (Horn 1965): with each chromosome's people shuffled on their own, the largest
    eigenvalue is what LD and sampling alone give.
    """
    chromosomes = train.variants["chromosome"].to_numpy()
    across = chromosomes[:, None] != chromosomes
    if not across.any() or max_factors == 0:
        return np.zeros((0, frequencies.n_variants))
    group = frequencies.group_of(train.samples)
    shuffled = dosage_covariance(
        shuffled_across(train.counts, group, chromosomes, np.random.default_rng(seed)),
        group,
        frequencies,
    )
    noise_edge = largest_eigenvalue(correlations(shuffled), across)
    del shuffled
    loadings = spanning_factors(
        pairs.dosages - pairs.per_latent * pairs.by_labels,
        across,
        noise_edge=noise_edge,
        max_factors=max_factors,
    )
    loadings /= np.sqrt(np.diag(pairs.per_latent)) * frequencies.noise_sd
    communality = (loadings**2).sum(axis=0)
    loadings *= np.sqrt(MAX_COMMUNALITY / np.maximum(communality, MAX_COMMUNALITY))
    return loadings


def _linkage_target(
    block: NDArray[np.intp],
    frequencies: GenotypeFrequencies,
    pairs: Pairs,
    loadings: NDArray[np.float64],
    least: float,
) -> LinkageTarget:
    """What labels and factors leave to explain within a block (its variants' positions).

    Pairs whose dosages are explained up to `least` get the covariance 0 as their target.
    """
    first, second = np.triu_indices(len(block), k=1)
    pair = block[first], block[second]
    scale = frequencies.noise_sd[pair[0]] * frequencies.noise_sd[pair[1]]
    by_factors = (loadings[:, pair[0]] * loadings[:, pair[1]]).sum(axis=0)
    fixed = pairs.by_labels[pair] + scale * by_factors
    explained = pairs.per_latent[pair] * fixed
    is_explained = np.abs(pairs.dosages[pair] - explained) < least
    series = pair_series(pairs.coefficients, *pair)
    series[0] = pairs.per_latent[pair]
    series[1:, is_explained] = 0
    return LinkageTarget(
        variance=1 - (loadings[:, block] ** 2).sum(axis=0),
        first=first,
        second=second,
        correlations=np.where(is_explained, explained, pairs.dosages[pair]).astype(np.float32),
        series=series,
        fixed=fixed.astype(np.float32),
        scale=scale.astype(np.float32),
    )
