"""Attacks within groups of people."""

import numpy as np
import pytest

from genosynth.data.genotypes import Genotypes
from genosynth.evaluation.privacy.exposure import (
    EVERYBODY,
    RARE,
    exposure_table,
    rare_allele_load,
)
from genosynth.evaluation.roc import auc
from tests.evaluation.simulated_people import LABELS, population, with_swapped_alleles

PEOPLE = population(100)
TARGETS, REFERENCE = PEOPLE.people(1000, 1), PEOPLE.people(500, 2)
IS_MEMBER = np.arange(1000) < 500


def table_of(score: np.ndarray, targets: Genotypes = TARGETS):
    found = exposure_table(
        {"attack": score}, IS_MEMBER, targets, reference=REFERENCE, labels=LABELS
    )
    return found.set_index("group")


def test_exposure__is_the_area_within_each_group():
    score = np.random.default_rng(1).normal(size=1000) + 0.3 * IS_MEMBER
    found = table_of(score)
    east = (TARGETS.samples["ancestry"] == "east").to_numpy()
    assert list(found.index) == [EVERYBODY, RARE, "ancestry east", "ancestry west"]
    assert found.loc["ancestry east", "auc"] == pytest.approx(auc(score[east], IS_MEMBER[east]))
    assert found.loc[EVERYBODY, "auc"] == pytest.approx(auc(score, IS_MEMBER))
    assert found.loc["ancestry west", "n"] == (~east).sum()


def test_exposure__of_those_with_rare_alleles_alone_is_seen():
    load = rare_allele_load(TARGETS, REFERENCE)
    exposed = load >= np.quantile(load, 0.9)
    score = np.random.default_rng(1).normal(size=1000) + 3 * (IS_MEMBER & exposed)
    found = table_of(score)
    assert found.loc[RARE, "auc_low"] > 0.9
    assert found.loc[EVERYBODY, "auc"] < 0.6


def test_rare_allele_load__does_not_depend_on_which_allele_is_counted():
    plain = rare_allele_load(TARGETS, REFERENCE)
    swapped = rare_allele_load(with_swapped_alleles(TARGETS), with_swapped_alleles(REFERENCE))
    assert swapped == pytest.approx(plain)
    rarest = TARGETS.counts.copy()
    rarest[0] = np.where(REFERENCE.counts.mean(axis=0) > 1, 0, 2)
    people = Genotypes(rarest, TARGETS.samples, TARGETS.variants)
    assert rare_allele_load(people, REFERENCE).argmax() == 0


def test_exposure__small_groups_are_left_out():
    few = TARGETS.samples.assign(ancestry=np.where(np.arange(1000) % 40 == 0, "west", "east"))
    found = table_of(np.arange(1000.0), Genotypes(TARGETS.counts, few, TARGETS.variants))
    assert list(found.index) == [EVERYBODY, RARE, "ancestry east"]
