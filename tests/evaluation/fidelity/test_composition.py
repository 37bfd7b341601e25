"""Composition: who is missing, whatever share of cases was asked for."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.spatial.distance import cityblock

from genosynth.data.genotypes import Genotypes
from genosynth.evaluation.comparison import Comparison
from genosynth.evaluation.estimates import Estimate
from genosynth.evaluation.fidelity.composition import compare_composition
from tests.evaluation.simulated_people import ANCESTRY, HEIGHT, TRAIT, population

PEOPLE = population(30, fst=0.2)  # cases are more frequent in one ancestry
TRAIN = PEOPLE.people(4000, 1)
BODY = replace(HEIGHT, role="condition")


def compare(synthetic: Genotypes, *labels) -> dict[str, Estimate]:
    return compare_composition(Comparison(TRAIN, TRAIN, synthetic, list(labels)))


def taken(people: Genotypes, mask) -> Genotypes:
    return people.take(np.flatnonzero(mask))


def shares(people: Genotypes) -> pd.Series:
    return people.samples["ancestry"].value_counts(normalize=True).sort_index()


def test_distance__is_half_of_scipys_between_shares():
    others = PEOPLE.people(900, 2)
    found = compare(others, ANCESTRY)["composition_distance.ancestry"]
    assert found.value == pytest.approx(cityblock(shares(others), shares(TRAIN)) / 2)
    assert found.n == 900


def test_people_of_train__have_its_composition():
    for each in compare(TRAIN, TRAIT, ANCESTRY, BODY).values():
        assert each.value == pytest.approx(0)
        assert each.ci_high < 0.02


def test_missing_ancestry__is_the_share_it_had():
    east = taken(TRAIN, TRAIN.samples["ancestry"] == "east")
    found = compare(east, ANCESTRY)["composition_distance.ancestry"]
    assert found.value == found.ci_low == pytest.approx(shares(TRAIN)["west"])


def test_share_of_cases_that_was_asked_for__is_no_fault():
    is_case = TRAIN.samples["disease"] == 1
    assert TRAIN.samples["ancestry"][is_case].value_counts(normalize=True)["west"] != pytest.approx(
        shares(TRAIN)["west"], abs=0.05
    )
    cases = taken(TRAIN, is_case)
    assert compare(cases, ANCESTRY)["composition_distance.ancestry"].value > 0.05
    assert compare(cases, TRAIT, ANCESTRY)["composition_distance.ancestry"].value < 1e-12


def test_numbers__are_compared_in_the_fifths_of_train():
    tall = taken(TRAIN, TRAIN.samples["height"] > HEIGHT.quantiles[-1])
    rest = (TRAIN.samples["height"] <= HEIGHT.quantiles[-1]).mean()
    found = compare(tall, BODY)["composition_distance.height"]
    assert found.value == pytest.approx(rest)


def test_people_without_a_level__do_not_count():
    unknown = TRAIN.samples["ancestry"].where(np.arange(4000) % 2 == 0)
    some = replace(TRAIN, samples=TRAIN.samples.assign(ancestry=unknown))
    assert compare(some, ANCESTRY)["composition_distance.ancestry"].n == 2000
    nobody = replace(TRAIN, samples=TRAIN.samples.assign(ancestry=unknown.where(unknown.isna())))
    assert np.isnan(compare(nobody, ANCESTRY)["composition_distance.ancestry"].value)
