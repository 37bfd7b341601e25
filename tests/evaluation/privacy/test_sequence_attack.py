"""Chains of genotypes: counted by hand, and an attack that sees what frequencies hide."""

from dataclasses import replace

import numpy as np
import pytest

from genosynth.data.genotypes import MISSING, Genotypes
from genosynth.evaluation.privacy.attacker import attacker_view
from genosynth.evaluation.privacy.frequency_attacks import attack_by_likelihood_ratio
from genosynth.evaluation.privacy.sequence_attack import (
    PRIOR_PEOPLE,
    attack_by_sequence,
    fit_chain,
)
from genosynth.evaluation.roc import auc
from tests.evaluation.simulated_people import population

IS_FIRST = np.array([True, False, True])
COUNTS = np.array([[0, 0, 2], [0, 1, 2], [1, 1, 0], [1, MISSING, 0]], np.int8)


def test_chain__counts_who_follows_whom():
    chain = fit_chain(COUNTS, IS_FIRST)
    alone = np.array([1.5, 2.5, 0.5]) / 4.5  # of the second variant, one call missing
    assert np.exp(chain.alone[:, 1]) == pytest.approx(alone)
    expected = (1 + PRIOR_PEOPLE * alone[1]) / (2 + PRIOR_PEOPLE)  # of two with 0, one goes on to 1
    assert np.exp(chain.following[0, 1, 1]) == pytest.approx(expected)
    assert np.exp(chain.following).sum(axis=1) == pytest.approx(1)
    assert chain.following[1, :, 2] == pytest.approx(chain.alone[:, 2])  # another chromosome


def test_chain__missing_genotypes_say_nothing_of_themselves_or_the_next():
    chain = fit_chain(COUNTS, IS_FIRST)
    people = np.array([[0, 1, 2], [MISSING, 1, 2], [0, MISSING, 2]], np.int8)
    first, second, third = chain.log_probability(people)
    assert first == pytest.approx(chain.alone[0, 0] + chain.following[0, 1, 1] + chain.alone[2, 2])
    assert second == pytest.approx(chain.alone[1, 1] + chain.alone[2, 2])
    assert third == pytest.approx(chain.alone[0, 0] + chain.alone[2, 2])


def attack(attacker, synthetic: Genotypes, members: Genotypes, others: Genotypes) -> float:
    targets = Genotypes(
        np.concatenate([members.counts, others.counts]),
        members.samples.iloc[np.r_[np.arange(200), np.arange(200)]].reset_index(drop=True),
        members.variants,
    )
    view = attacker_view(
        targets,
        synthetic=synthetic,
        reference=PEOPLE.people(600, 5, part="reference"),
        train=members.samples,
        labels=[],
    )
    return auc(attacker(view), np.arange(400) < 200)


PEOPLE = population(200)
MEMBERS, OTHERS = PEOPLE.people(200, 1), PEOPLE.people(200, 2)


def test_attack__finds_training_people_by_their_neighbouring_genotypes():
    """Halves of training people joined anew: nobody is copied, neighbours are theirs."""
    joined = MEMBERS.counts.copy()
    order = np.random.default_rng(1).permutation(200)
    joined[:, 100:] = joined[order][:, 100:]
    synthetic = replace(MEMBERS, counts=joined)
    by_sequence = attack(attack_by_sequence, synthetic, MEMBERS, OTHERS)
    assert by_sequence > attack(attack_by_likelihood_ratio, synthetic, MEMBERS, OTHERS) + 0.01
    assert by_sequence > 0.8


def test_attack__fresh_people_give_nobody_away():
    fresh = PEOPLE.people(400, 3)
    assert attack(attack_by_sequence, fresh, MEMBERS, OTHERS) == pytest.approx(0.5, abs=0.09)
