"""Attacks within groups of people."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from genosynth.data.genotypes import MISSING, Genotypes
from genosynth.evaluation.comparison import Comparison
from genosynth.evaluation.privacy.attacker import attacker_view
from genosynth.evaluation.privacy.exposure import (
    EVERYBODY,
    FAR,
    FIRST,
    RARE,
    RELATED,
    exposure_groups,
    exposure_table,
    has_relatives,
    rare_allele_load,
)
from genosynth.evaluation.privacy.frequency_theory import theory_of
from genosynth.evaluation.privacy.thresholds import n_caught
from genosynth.evaluation.roc import auc
from tests.evaluation.simulated_people import LABELS, population, with_swapped_alleles

PEOPLE = population(100)
TARGETS, REFERENCE = PEOPLE.people(1000, 1), PEOPLE.people(500, 2)
IS_MEMBER = np.arange(1000) < 500


def view_of(targets: Genotypes, reference: Genotypes = REFERENCE):
    train = targets.take(IS_MEMBER)
    comparison = Comparison(train, targets.take(~IS_MEMBER), PEOPLE.people(500, 3), LABELS)
    view = attacker_view(
        targets,
        synthetic=comparison.synthetic,
        reference=reference,
        train=train.samples,
        labels=LABELS,
    )
    return view, comparison


def table_of(score: np.ndarray, targets: Genotypes = TARGETS) -> pd.DataFrame:
    view, comparison = view_of(targets)
    groups = exposure_groups(view, comparison)
    theories = {name: theory_of(view.strata, 80.0, among=among) for name, among in groups.items()}
    found = exposure_table({"attack": score}, IS_MEMBER, groups, theories=theories)
    return found.set_index("group")


def test_exposure__is_the_area_within_each_group():
    score = np.random.default_rng(1).normal(size=1000) + 0.3 * IS_MEMBER
    found = table_of(score)
    east = (TARGETS.samples["ancestry"] == "east").to_numpy()
    assert list(found.index) == [EVERYBODY, RARE, FAR, "ancestry east", "ancestry west", *FIRST]
    assert found.loc["ancestry east", "auc"] == pytest.approx(auc(score[east], IS_MEMBER[east]))
    assert found.loc[EVERYBODY, "auc"] == pytest.approx(auc(score, IS_MEMBER))
    assert found.loc["ancestry west", "n"] == (~east).sum()
    assert found.loc["ancestry west", "n_members"] == (~east & IS_MEMBER).sum()


def test_exposure__members_found_are_those_of_a_threshold_within_the_group():
    score = np.random.default_rng(1).normal(size=1000) + 2 * IS_MEMBER
    found = table_of(score)
    east = (TARGETS.samples["ancestry"] == "east").to_numpy()
    caught = n_caught(score[east & IS_MEMBER], score[east & ~IS_MEMBER])
    assert found.loc["ancestry east", "tpr_at_1pct"] == caught / (east & IS_MEMBER).sum()
    assert np.isnan(found.loc[RARE, "tpr_at_1pct"])  # 1 % of fifty held-out people is nobody


def test_exposure__of_those_with_rare_alleles_alone_is_seen():
    load = rare_allele_load(TARGETS, REFERENCE)
    exposed = load >= np.quantile(load, 0.9)
    score = np.random.default_rng(1).normal(size=1000) + 3 * (IS_MEMBER & exposed)
    found = table_of(score)
    assert found.loc[RARE, "auc_low"] > 0.9
    assert found.loc[EVERYBODY, "auc"] < 0.6


def test_exposure__of_those_who_are_like_nobody_alone_is_seen():
    strange = np.arange(1000) % 10 == 0  # of no population: tossed coins
    coins = np.random.default_rng(2).integers(0, 3, TARGETS.counts.shape).astype(np.int8)
    targets = replace(TARGETS, counts=np.where(strange[:, None], coins, TARGETS.counts))
    score = np.random.default_rng(1).normal(size=1000) + 3 * (IS_MEMBER & strange)
    found = table_of(score, targets)
    assert found.loc[FAR, "auc_low"] > 0.8
    assert found.loc[EVERYBODY, "auc"] < 0.6


def test_exposure__those_accused_first_are_counted():
    perfect = table_of(IS_MEMBER + np.random.default_rng(1).random(1000) / 2)
    assert perfect.loc["first 20 accused", ["n", "n_members"]].tolist() == [20, 20]
    guessing = table_of(np.random.default_rng(1).random(1000))
    assert guessing.loc["first 1 % accused", "n"] == 10
    assert 3 <= guessing.loc["first 20 accused", "n_members"] <= 17
    assert np.isnan(guessing.loc["first 20 accused", "auc"])


def test_exposure__theory_is_that_of_the_groups_own_classes():
    found = table_of(np.arange(1000.0))
    view, _ = view_of(TARGETS)
    east = (TARGETS.samples["ancestry"] == "east").to_numpy()
    in_east = [each for each in view.strata if (each.targets & east).any()]
    expected = theory_of(in_east, 80.0).auc()
    assert found.loc["ancestry east", "expected_auc"] == pytest.approx(expected)
    n, area = (found.loc[:"ancestry west", name] for name in ("n", "expected_auc"))
    both = ["ancestry east", "ancestry west"]
    assert (n * area)[both].sum() == pytest.approx((n * area)[EVERYBODY])


def test_relatives__are_members_of_a_family_of_their_own_part():
    among = pd.DataFrame({"family": [1, 1, 2, 3, 3, 3, 4]})
    people = pd.DataFrame({"family": [1, 2, 3, 4]})
    assert has_relatives(people, among=among).tolist() == [True, False, True, False]


def test_exposure__of_relatives_is_judged_where_there_are_enough():
    numbers = np.arange(1000)
    is_paired = numbers % 5 == 0  # each pair within one part
    samples = TARGETS.samples.assign(family=np.where(is_paired, numbers // 10, 10_000 + numbers))
    score = np.random.default_rng(1).normal(size=1000) + 3 * (IS_MEMBER & is_paired)
    found = table_of(score, replace(TARGETS, samples=samples))
    assert found.loc[RELATED, ["n", "n_members"]].tolist() == [200, 100]
    assert found.loc[RELATED, "auc_low"] > 0.9
    alone = table_of(score, replace(TARGETS, samples=samples.assign(family=np.arange(1000))))
    assert alone.loc[RELATED, "n"] == 0
    assert alone.loc[RELATED, ["auc", "tpr_at_1pct", "expected_auc"]].isna().all()


def test_rare_allele_load__does_not_depend_on_which_allele_is_counted():
    plain = rare_allele_load(TARGETS, REFERENCE)
    swapped = rare_allele_load(with_swapped_alleles(TARGETS), with_swapped_alleles(REFERENCE))
    assert swapped == pytest.approx(plain)
    rarest = TARGETS.counts.copy()
    rarest[0] = np.where(REFERENCE.counts.mean(axis=0) > 1, 0, 2)
    people = Genotypes(rarest, TARGETS.samples, TARGETS.variants)
    assert rare_allele_load(people, REFERENCE).argmax() == 0


def test_rare_allele_load__of_a_person_without_calls_is_nothing():
    counts = TARGETS.counts.copy()
    counts[:5] = MISSING
    load = rare_allele_load(replace(TARGETS, counts=counts), REFERENCE)
    assert not load[:5].any()
    assert load[5:].all()


def test_exposure__small_groups_are_named_and_not_judged():
    few = TARGETS.samples.assign(ancestry=np.where(np.arange(1000) % 40 == 0, "west", "east"))
    found = table_of(np.arange(1000.0), Genotypes(TARGETS.counts, few, TARGETS.variants))
    assert found.loc["ancestry west", "n"] == 25
    assert found.loc["ancestry west", ["auc", "auc_low", "tpr_at_1pct"]].isna().all()
