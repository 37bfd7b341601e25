"""Ancestry that synthetic people teach, asked of real ones."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import confusion_matrix
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from genosynth.data.genotypes import Genotypes
from genosynth.evaluation.comparison import Sides
from genosynth.evaluation.estimates import Estimate
from genosynth.evaluation.fidelity.ancestry import (
    CLASSIFIERS,
    TOP_PERCENT,
    compare_ancestry,
    count_alleles,
    differences,
)
from genosynth.evaluation.fidelity.structure import fit_components
from tests.evaluation.simulated_people import ANCESTRY, TRAIT, population, with_missing_calls

PEOPLE = population(200, fst=0.05)
TRAIN = PEOPLE.people(1500, 1)
HOLDOUT = PEOPLE.people(800, 2, part="test")
COMPONENTS = fit_components(TRAIN, used=np.ones(200, bool))


def score(synthetic: Genotypes) -> dict[str, Estimate]:
    sides = Sides(synthetic, HOLDOUT)
    return compare_ancestry(sides, HOLDOUT, [TRAIT, ANCESTRY], COMPONENTS, seed=1)


def test_fresh_people__teach_ancestry():
    found = score(PEOPLE.people(800, 3))
    assert len(found) == len(CLASSIFIERS) + len(TOP_PERCENT)
    for name in CLASSIFIERS:
        assert found[f"structure_accuracy.ancestry.{name}"].ci_low > 0.85
    for percent in TOP_PERCENT:
        overlap = found[f"structure_overlap.ancestry.{percent}"]
        assert 0.6 < overlap.ci_low < overlap.value < overlap.ci_high


def test_shuffled_ancestry__teaches_nothing():
    people = PEOPLE.people(800, 3)
    ancestry = people.samples["ancestry"].sample(frac=1, random_state=1).to_numpy()
    found = score(replace(people, samples=people.samples.assign(ancestry=ancestry)))
    for name in CLASSIFIERS:
        assert found[f"structure_accuracy.ancestry.{name}"].value == pytest.approx(0.5, abs=0.12)
    for percent in TOP_PERCENT:
        overlap = found[f"structure_overlap.ancestry.{percent}"].value
        assert overlap == pytest.approx(percent / 100, abs=0.2)


def test_one_ancestry__leaves_the_other_to_be_guessed():
    people = PEOPLE.people(1600, 3)
    east = people.take(np.flatnonzero(people.samples["ancestry"] == "east")[:800])
    found = score(east)
    for name in CLASSIFIERS:
        assert found[f"structure_accuracy.ancestry.{name}"].value == 0.5
    for percent in TOP_PERCENT:
        assert np.isnan(found[f"structure_overlap.ancestry.{percent}"].value)


def test_accuracy__is_that_of_scikit_learn_on_held_out_people():
    people = PEOPLE.people(800, 3)
    model = make_pipeline(
        FunctionTransformer(COMPONENTS.project), StandardScaler(), LogisticRegression(max_iter=1000)
    )
    model.fit(people.counts, people.samples["ancestry"])
    confused = confusion_matrix(HOLDOUT.samples["ancestry"], model.predict(HOLDOUT.counts))
    recalls = np.diag(confused) / confused.sum(axis=1)
    found = score(people)["structure_accuracy.ancestry.logistic"]
    assert found.value == pytest.approx(recalls.mean(), abs=0.01)


def test_differences__are_the_z_of_two_proportions():
    left, right = with_missing_calls(TRAIN.take(np.arange(300)), 1), TRAIN.take(np.arange(300, 700))
    found = differences(count_alleles(left, seed=1), count_alleles(right, seed=2))[0]
    called = left.counts[:, 7][left.counts[:, 7] >= 0]
    n, m = 2 * len(called), 2 * 400
    p, q = called.sum() / n, right.counts[:, 7].sum() / m
    pooled = (n * p + m * q) / (n + m)
    assert found[7] == pytest.approx(abs(p - q) / (pooled * (1 - pooled) * (1 / n + 1 / m)) ** 0.5)
