"""Membership from allele frequencies: training people pull the released frequencies to themselves.

Frequencies are those of the target's class (trait and conditions), so that neither a composition
that was asked for nor ancestry moves them.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from genosynth.data.genotypes import MISSING
from genosynth.evaluation.agreement import ratio
from genosynth.evaluation.comparison import chunks
from genosynth.evaluation.privacy.attacker import (
    AttackerView,
    ScoreTargets,
    Stratum,
    standardised_within_strata,
)

N_PEOPLE = 2048  # whose genotypes measure linkage disequilibrium
BLOCK = 1024

Counts = NDArray[np.int8]
Values = NDArray[np.float64]
Statistic = Callable[[Counts, Values, Values], Values]


def attack_by_likelihood_ratio(view: AttackerView) -> Values:
    """Score targets by the likelihood ratio of released over reference allele frequencies."""
    return standardised_within_strata(view, _by_frequencies(likelihood_ratio))


def attack_by_homer(view: AttackerView) -> Values:
    """Score targets by whose frequencies their alleles are nearer to."""
    return standardised_within_strata(view, _by_frequencies(homer_statistic))


# Sankararaman et al. 2009, with two alleles a person; best for independent variants.
def likelihood_ratio(counts: Counts, released: Values, reference: Values) -> Values:
    """Log likelihood ratio of each person (n_samples,); ALT frequencies strictly within 0 and 1."""
    alt, ref = np.log(released / reference), np.log((1 - released) / (1 - reference))
    return np.concatenate(
        [
            np.maximum(chunk, 0) @ (alt - ref) + 2 * ((chunk != MISSING) @ ref)
            for chunk in chunks(counts)
        ]
    )


# Homer et al. 2008: y, the person's own frequency, is 0, ½ or 1.
def homer_statistic(counts: Counts, released: Values, reference: Values) -> Values:
    """T of |y − reference| − |y − released| over the called variants of each person."""
    pieces = []
    for chunk in chunks(counts):
        called = chunk != MISSING
        own = chunk / 2
        nearer = np.where(called, np.abs(own - reference) - np.abs(own - released), 0)
        n = called.sum(axis=1)
        mean = ratio(nearer.sum(axis=1), n, otherwise=0.0)
        variance = ratio((nearer**2).sum(axis=1), n, otherwise=0.0) - mean**2
        pieces.append(ratio(mean * np.sqrt(n), np.sqrt(variance.clip(min=0)), otherwise=0.0))
    return np.concatenate(pieces)


def smoothed_frequency(counts: Counts) -> Values:
    """ALT frequency with half an allele of each kind added, so that it is never 0 or 1."""
    n_alt, n_called = np.zeros((2, counts.shape[1]), np.int64)
    for chunk in chunks(counts):
        n_alt += np.maximum(chunk, 0).sum(axis=0, dtype=np.int64)
        n_called += (chunk != MISSING).sum(axis=0)
    return np.asarray((n_alt + 0.5) / (2 * n_called + 1))


def expected_separation(
    m_effective: float, *, n_train: int, n_synthetic: int, n_reference: int
) -> float:
    """d′ between members and others that a faithful generator cannot help but release.

    n_train training people pull the released frequencies by 1/2n each; what hides the pull is
    sampling noise of the training people, the release and the reference panel.
    """
    noise = 1 / (2 * n_train) + 1 / (2 * n_synthetic) + 1 / (2 * n_reference)
    return float(np.sqrt(2 * m_effective / noise) / (2 * n_train))


def expected_success(
    strata: list[Stratum], m_effective: float, *, false_alarms: float
) -> tuple[float, float]:
    """AUC and true positive rate of the likelihood ratio against a faithful generator.

    Means over the targets, each with the people of their class.
    """
    separations = [
        expected_separation(
            m_effective,
            n_train=max(stratum.n_train, 1),
            n_synthetic=int(stratum.synthetic.sum()),
            n_reference=int(stratum.reference.sum()),
        )
        for stratum in strata
    ]
    weights = [stratum.targets.sum() for stratum in strata]
    auc = np.average(ndtr(np.array(separations) / np.sqrt(2)), weights=weights)
    tpr = np.average(ndtr(np.array(separations) + ndtri(false_alarms)), weights=weights)
    return float(auc), float(tpr)


def effective_variants(counts: Counts, groups: NDArray[np.intp]) -> float:
    """Independent variants that would give an attack as much: m² / Σ r², bias taken off.

    r is the correlation of two variants within groups; the sum of r² over pairs of variants equals
    one over pairs of people, which is cheap for large panels. NaN without variation.
    """
    every = slice(None, None, -(-len(counts) // N_PEOPLE) or 1)
    standard = _standardised(counts[every], groups[every])
    n, m = standard.shape
    degrees = n - len(np.unique(groups[every]))
    if degrees < 2 or not m:
        return float("nan")
    blocks = [standard[start : start + BLOCK] for start in range(0, n, BLOCK)]
    squares = sum(
        float(((left @ right.T) ** 2).sum(dtype=np.float64)) for left in blocks for right in blocks
    )
    by_chance = m * (m - 1) / degrees  # of pairs of different variants
    return float(m**2 / max(squares / n**2 - by_chance, m))


def _standardised(counts: Counts, groups: NDArray[np.intp]) -> NDArray[np.float32]:
    """Dosages of mean 0 in each group and variance 1; a missing call lies at the mean."""
    called = counts != MISSING
    dosage = np.where(called, counts, 0).astype(np.float32)
    for group in np.unique(groups):
        rows = groups == group
        mean = ratio(dosage[rows].sum(axis=0), called[rows].sum(axis=0), otherwise=0.0)
        dosage[rows] -= mean * called[rows]
    spread = np.sqrt((dosage**2).mean(axis=0, dtype=np.float64))
    varies = spread > 1e-6
    return np.asarray(dosage[:, varies] / spread[varies].astype(np.float32))


def _by_frequencies(statistic: Statistic) -> ScoreTargets:
    """Score targets by frequencies of synthetic and of reference people."""

    def score(targets: Counts, synthetic: Counts, reference: Counts) -> Values:
        return statistic(targets, smoothed_frequency(synthetic), smoothed_frequency(reference))

    return score
