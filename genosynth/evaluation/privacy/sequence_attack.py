"""Membership from neighbouring genotypes: what a release says of pairs of variants.

A chain along each chromosome, each genotype given the one before, is learnt from synthetic and from
reference people of the target's class; the score is the log of the ratio of a person's probability
under both. An autoregressive generator that repeats the chance part of its training people's
linkage gives itself away here.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genosynth.data.genotypes import MISSING
from genosynth.evaluation.comparison import chunks
from genosynth.evaluation.privacy.attacker import AttackerView, standardised_within_strata

PRIOR_PEOPLE = 10.0  # with the genotype before, who show the frequencies of all people

Counts = NDArray[np.int8]
Values = NDArray[np.float64]


@dataclass(frozen=True)
class Chain:
    """Log probabilities of a genotype: alone (3, n_variants), and given the one before.

    following: (3, 3, n_variants), of the genotype before, then the genotype; for the first variant
    of a chromosome, as alone.
    """

    alone: Values
    following: Values

    def log_probability(self, counts: Counts) -> Values:
        """Of people (n_samples,); a missing genotype says nothing of itself or the next one."""
        return np.concatenate([np.zeros(0), *(self._of_chunk(chunk) for chunk in chunks(counts))])

    def _of_chunk(self, counts: Counts) -> Values:
        before = np.concatenate([np.full_like(counts[:, :1], MISSING), counts[:, :-1]], axis=1)
        variants = np.arange(counts.shape[1])
        given = self.following[before, counts, variants]
        found = np.where(before == MISSING, self.alone[counts, variants], given)
        return np.asarray(np.where(counts == MISSING, 0, found).sum(axis=1))


def attack_by_sequence(view: AttackerView) -> Values:
    """Score targets by the likelihood ratio of chains of synthetic over chains of real people."""
    chromosomes = view.targets.variants["chromosome"].to_numpy()
    is_first = np.r_[True, chromosomes[1:] != chromosomes[:-1]]

    def score(targets: Counts, synthetic: Counts, reference: Counts) -> Values:
        released, real = (fit_chain(each, is_first) for each in (synthetic, reference))
        return released.log_probability(targets) - real.log_probability(targets)

    return standardised_within_strata(view, score)


def fit_chain(counts: Counts, is_first: NDArray[np.bool_]) -> Chain:
    """Learn from people (n_samples, n_variants); is_first: (n_variants,) of a chromosome."""
    n_alone = np.full((3, counts.shape[1]), 0.5)
    pairs = np.zeros((3, 3, counts.shape[1]))
    for chunk in chunks(counts):
        is_at = np.stack([chunk == copies for copies in range(3)])  # (3, n_people, n_variants)
        n_alone += is_at.sum(axis=1)
        for before in range(3):
            pairs[before, :, 1:] += (is_at[before, None, :, :-1] & is_at[:, :, 1:]).sum(axis=1)
    alone = n_alone / n_alone.sum(axis=0)
    pairs[:, :, is_first] = 0
    following = pairs + PRIOR_PEOPLE * alone
    return Chain(np.log(alone), np.log(following / following.sum(axis=1, keepdims=True)))
