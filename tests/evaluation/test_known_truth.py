"""Simulated cohorts: causal variants and their effects, known from the simulation."""

import numpy as np
import pandas as pd
import pytest

from genosynth.data.genotypes import Genotypes
from genosynth.evaluation.association import evaluate_association
from genosynth.evaluation.comparison import Comparison
from genosynth.evaluation.effects import estimate_effects
from genosynth.evaluation.known_truth import load_truth
from tests.evaluation.simulated_people import HEIGHT, population, shuffled_columns

PEOPLE = population(100)
TRAIN, HOLDOUT = PEOPLE.people(3000, 1), PEOPLE.people(1000, 2)
SPREAD = np.sqrt(2 * PEOPLE.frequencies.mean(0) * (1 - PEOPLE.frequencies.mean(0)))
TRUTH = pd.Series(PEOPLE.effects / SPREAD, index=PEOPLE.variants()["id"])[PEOPLE.effects != 0]


def score(synthetic: Genotypes) -> dict[str, float]:
    comparison = Comparison(TRAIN, HOLDOUT, synthetic, [HEIGHT])
    found = evaluate_association(comparison, truth=TRUTH).scores
    return {each.metric: each.value for each in found if each.metric.startswith("causal_")}


def test_effects_per_allele__are_those_of_the_simulation():
    found = estimate_effects(TRAIN, "height").per_allele
    is_known = PEOPLE.variants()["id"].isin(TRUTH.index)
    slope, noise = np.polyfit(TRUTH.to_numpy(), found[is_known], 1)
    assert slope == pytest.approx(1, abs=0.15)
    assert noise == pytest.approx(0, abs=0.05)


def test_fresh_people__find_what_train_finds():
    found = score(PEOPLE.people(3000, 3))
    assert found["causal_effect_slope"] == pytest.approx(1, abs=0.1)
    assert found["causal_recall"] == pytest.approx(1, abs=0.25)


def test_people_without_effects__find_nothing():
    people = PEOPLE.people(3000, 3)
    height = people.samples["height"].sample(frac=1, random_state=1).to_numpy()
    found = score(Genotypes(people.counts, people.samples.assign(height=height), people.variants))
    assert found["causal_recall"] < 0.1
    assert abs(found["causal_effect_slope"]) < 0.2


def test_fewer_people__find_fewer_causal_variants_of_the_same_effects():
    few = score(PEOPLE.people(500, 3))
    assert few["causal_recall"] < 0.8
    assert few["causal_effect_slope"] == pytest.approx(1, abs=0.3)


def test_real_cohorts__have_no_truth(tmp_path):
    assert load_truth([], trait="height") is None
    comparison = Comparison(TRAIN, HOLDOUT, shuffled_columns(TRAIN, 1), [HEIGHT])
    metrics = {each.metric for each in evaluate_association(comparison).scores}
    assert not {metric for metric in metrics if metric.startswith("causal_")}


def test_truth__is_that_of_the_trait(tmp_path):
    table = pd.DataFrame({"trait": ["a", "b"], "id": ["rs1", "rs1"], "effect": [0.5, -1.0]})
    table.to_csv(tmp_path / "truth.tsv", sep="\t", index=False)
    assert load_truth([tmp_path / "truth.tsv"], trait="b").to_dict() == {"rs1": -1.0}
