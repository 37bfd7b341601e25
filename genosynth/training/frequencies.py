"""Fit genotype frequencies given the labels."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from genosynth.data.genotypes import Genotypes
from genosynth.data.labels import Label
from genosynth.models.frequencies import ANY, GenotypeFrequencies, group_codes, label_z_scores

BLOCK = 2**22  # genotypes that are floats at a time
MAX_EXPLAINED = 0.99  # of the latent variance, by quantitative labels
LEAST_DIVERGENCE = 1e-4  # F below which groups of a class are taken to be alike


def fit_frequencies(
    train: Genotypes, labels: list[Label], *, pseudocount: float
) -> GenotypeFrequencies:
    """Fit the ordered probit model of genotypes given labels.

    Frequencies shrink along a chain: Hardy-Weinberg proportions → everybody → class of the trait →
    group. The first two steps weigh `pseudocount` people; the last one as many as the divergence of
    the groups says, so that a rare group borrows from its class and sex alone changes nothing.
    """
    codes = group_codes(train.samples, tuple(labels))
    groups, group = np.unique(codes, axis=0, return_inverse=True)
    tallies = np.stack([tally_genotypes(train.counts[group == row]) for row in range(len(groups))])
    classes, class_of_group = np.unique(groups[:, 0], return_inverse=True)
    class_tallies = np.stack(
        [tallies[class_of_group == row].sum(axis=0) for row in range(len(classes))]
    )
    pooled = tallies.sum(axis=0)

    everybody = _shrink(pooled, _hardy_weinberg(pooled), pseudocount)
    of_class = _shrink(class_tallies, everybody, pseudocount)
    n_borrowed = _people_worth_of_class(tallies, of_class[class_of_group])
    of_group = _shrink(tallies, of_class[class_of_group], n_borrowed)

    levels = np.full((1 + len(classes), groups.shape[1]), ANY, np.int16)
    levels[1:, 0] = classes
    return _with_effects(
        train,
        tuple(labels),
        np.concatenate([levels, groups]),
        _thresholds(np.concatenate([everybody[None], of_class, of_group])),
    )


def blocks_of_people(counts: NDArray[np.int8]) -> Iterator[slice]:
    """Rows of people few enough for their genotypes to become floats."""
    n_people = max(1, BLOCK // counts.shape[1])
    for start in range(0, len(counts), n_people):
        yield slice(start, start + n_people)


def tally_genotypes(counts: NDArray[np.int8]) -> NDArray[np.float64]:
    """People with 0, 1 and 2 ALT alleles (3, n_variants); missing calls count nowhere."""
    return np.stack([(counts == copies).sum(axis=0) for copies in range(3)]).astype(float)


def _shrink(
    tallies: NDArray[np.float64], prior: NDArray[np.float64], n_people: float
) -> NDArray[np.float64]:
    """Genotype frequencies (…, 3, n_variants) after adding `n_people` people of the prior."""
    n_called = tallies.sum(axis=-2, keepdims=True)
    frequencies: NDArray[np.float64] = (tallies + n_people * prior) / (n_called + n_people)
    return frequencies


def _hardy_weinberg(tallies: NDArray[np.float64]) -> NDArray[np.float64]:
    """Expected genotype frequencies at the variants' allele frequencies, never 0 or 1."""
    alt = (tallies[1] + 2 * tallies[2] + 0.5) / (2 * tallies.sum(axis=0) + 1)
    return np.stack([(1 - alt) ** 2, 2 * alt * (1 - alt), alt**2])


def _people_worth_of_class(tallies: NDArray[np.float64], of_class: NDArray[np.float64]) -> float:
    """How many people of the class to add to each group: (1 − F) / 2F of Balding & Nichols 1995."""
    divergence = max(divergence_from(of_class, tallies), LEAST_DIVERGENCE)
    return (1 - divergence) / (2 * divergence)


def divergence_from(parent: NDArray[np.float64], tallies: NDArray[np.float64]) -> float:
    """F of groups, beyond what sampling 2n alleles explains.

    parent: genotype frequencies (…, 3, n_variants); tallies: (n_groups, 3, n_variants).
    """
    n_called = tallies.sum(axis=1)
    expected = parent[..., 1, :] / 2 + parent[..., 2, :]
    alt = (tallies[:, 1] / 2 + tallies[:, 2]) / np.maximum(n_called, 1)
    spread = expected * (1 - expected) * (n_called > 0)
    beyond_sampling = (n_called * (alt - expected) ** 2 - spread / 2).sum()
    return float(beyond_sampling / (n_called * spread).sum())


def _thresholds(frequencies: NDArray[np.float64]) -> NDArray[np.float64]:
    """Latent values (n_groups, 2, n_variants) above which there is one, there are two ALT alleles.

    From the smaller tail, so that rare genotypes keep their precision.
    """
    none, one, two = frequencies.swapaxes(0, 1)
    at_least = np.stack([one + two, two], axis=1)
    below = np.stack([none, none + one], axis=1)
    thresholds: NDArray[np.float64] = np.where(at_least < below, -ndtri(at_least), ndtri(below))
    return thresholds


def _with_effects(
    train: Genotypes,
    labels: tuple[Label, ...],
    groups: NDArray[np.int16],
    thresholds: NDArray[np.float64],
) -> GenotypeFrequencies:
    """Add the effects of quantitative labels, from covariances within groups.

    For a latent value of variance 1, cov(dosage, label) = cov(latent, label) · Σ φ(threshold)
    (Stein's lemma), which solved for the latent effect keeps the slope of dosage on the label.
    """
    centres = _group_means(train, labels, groups)
    n_variants = thresholds.shape[2]
    no_effects = np.zeros((centres.shape[1], n_variants))
    plain = GenotypeFrequencies(
        labels, groups, thresholds, centres, no_effects, np.ones(n_variants)
    )
    group = plain.group_of(train.samples)
    covariance = label_covariance(train, plain)
    density = np.exp(-(thresholds**2) / 2).sum(axis=1) / np.sqrt(2 * np.pi)
    share = np.bincount(group, minlength=len(groups)) / len(group)
    effects = dosage_slopes(train, plain) / (share @ density)
    explained = np.einsum("kv,kl,lv->v", effects, covariance, effects)
    too_much = np.maximum(explained / MAX_EXPLAINED, 1)
    return replace(
        plain,
        effects=effects / np.sqrt(too_much),
        noise_sd=np.sqrt(1 - explained / too_much),
    )


def _group_means(
    train: Genotypes, labels: tuple[Label, ...], groups: NDArray[np.int16]
) -> NDArray[np.float64]:
    """Mean z-score (n_groups, n_quantitative) of each quantitative label; 0 where none is known."""
    codes, z_scores = group_codes(train.samples, labels), label_z_scores(train.samples, labels)
    means = np.zeros((len(groups), z_scores.shape[1]))
    for row, levels in enumerate(groups):
        members = z_scores[((levels == ANY) | (codes == levels)).all(axis=1)]
        n_known = (~np.isnan(members)).sum(axis=0)
        means[row] = np.nansum(members, axis=0) / np.maximum(n_known, 1)
    return means


def label_covariance(train: Genotypes, frequencies: GenotypeFrequencies) -> NDArray[np.float64]:
    """Covariance (n_quantitative, n_quantitative) of quantitative labels within groups."""
    deviations = frequencies.deviations(train.samples, frequencies.group_of(train.samples))
    covariance: NDArray[np.float64] = deviations.T @ deviations / len(deviations)
    return covariance


def dosage_slopes(train: Genotypes, frequencies: GenotypeFrequencies) -> NDArray[np.float64]:
    """Regression (n_quantitative, n_variants) of dosages on quantitative labels, within groups."""
    group = frequencies.group_of(train.samples)
    deviations = frequencies.deviations(train.samples, group)
    products = np.zeros((deviations.shape[1], frequencies.n_variants))
    n_pairs = np.zeros(frequencies.n_variants)
    dosages = frequencies.expected_dosages()
    for rows in blocks_of_people(train.counts):
        called = train.counts[rows] >= 0
        residuals = np.where(called, train.counts[rows] - dosages[group[rows]], 0)
        products += deviations[rows].T @ residuals
        n_pairs += called.sum(axis=0)
    slopes: NDArray[np.float64] = np.linalg.pinv(label_covariance(train, frequencies)) @ (
        products / np.maximum(n_pairs, 1)
    )
    return slopes
