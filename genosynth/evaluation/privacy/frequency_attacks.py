"""Membership from allele frequencies: training people pull the released frequencies to themselves.

Frequencies are those of the target's class (trait and conditions), so that neither a composition
that was asked for nor ancestry moves them.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from genosynth.data.genotypes import MISSING
from genosynth.evaluation.agreement import ratio
from genosynth.evaluation.comparison import chunks
from genosynth.evaluation.privacy.attacker import (
    AttackerView,
    ScoreTargets,
    standardised_within_strata,
)

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


def _by_frequencies(statistic: Statistic) -> ScoreTargets:
    """Score targets by frequencies of synthetic and of reference people."""

    def score(targets: Counts, synthetic: Counts, reference: Counts) -> Values:
        return statistic(targets, smoothed_frequency(synthetic), smoothed_frequency(reference))

    return score
