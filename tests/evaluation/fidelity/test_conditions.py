"""Conditions: read from genotypes that show them, guessed from those that do not."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import Ridge
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from genosynth.data.genotypes import Genotypes
from genosynth.data.labels import Label
from genosynth.evaluation.comparison import Comparison
from genosynth.evaluation.fidelity.conditions import (
    compare_conditions,
    level_probabilities,
    macro_auc,
)
from genosynth.evaluation.fidelity.structure import fit_components
from genosynth.evaluation.utility.predictors import PENALTIES
from tests.evaluation.simulated_people import ANCESTRY, HEIGHT, population, with_missing_calls

PEOPLE = population(150, fst=0.05)
TRAIN = with_missing_calls(PEOPLE.people(1000, 1), 1)
HOLDOUT = PEOPLE.people(600, 2, part="test")
SEX = Label("sex", "condition", "categorical", levels=("1", "2"))
BODY = replace(HEIGHT, role="condition")
COMPONENTS = fit_components(TRAIN, used=np.ones(150, bool))


def with_sex(people: Genotypes, seed: int) -> Genotypes:
    sex = np.random.default_rng(seed).choice(["1", "2"], len(people.samples))
    return replace(people, samples=people.samples.assign(sex=sex))


def shuffled(people: Genotypes, column: str) -> Genotypes:
    values = np.random.default_rng(0).permutation(people.samples[column])
    return replace(people, samples=people.samples.assign(**{column: values}))


def score(people: Genotypes, *labels: Label):
    comparison = Comparison(with_sex(TRAIN, 3), HOLDOUT, with_sex(people, 4), list(labels))
    return compare_conditions(comparison, COMPONENTS, seed=1)


def test_levels__of_fresh_people_are_read_and_of_shuffled_ones_are_not():
    fresh = score(PEOPLE.people(800, 5), ANCESTRY)["condition_auc.ancestry"]
    assert fresh.ci_low > 0.9
    assert fresh.n == 800
    asked_in_vain = shuffled(PEOPLE.people(800, 5), "ancestry")
    vain = score(asked_in_vain, ANCESTRY)["condition_auc.ancestry"]
    assert vain.ci_low < 0.5 < vain.ci_high


def test_levels__that_genotypes_do_not_show_are_guessed():
    sex = score(PEOPLE.people(800, 5), SEX)["condition_auc.sex"]
    assert sex.ci_low < 0.5 < sex.ci_high


def test_values__of_fresh_people_are_read_and_of_shuffled_ones_are_not():
    fresh = score(PEOPLE.people(800, 5), BODY)["condition_r2.height"]
    assert fresh.ci_low > 0.15  # of a heritability of .5
    vain = score(shuffled(PEOPLE.people(800, 5), "height"), BODY)["condition_r2.height"]
    assert abs(vain.value) < 0.02


def test_values__are_read_as_well_as_by_ridge_regression_of_scikit_learn():
    train = PEOPLE.people(1000, 6)
    people = PEOPLE.people(800, 5)
    found = compare_conditions(Comparison(train, HOLDOUT, people, [BODY]), COMPONENTS, seed=1)
    read = [
        make_pipeline(StandardScaler(), Ridge(150 * penalty))
        .fit(train.counts, train.samples["height"])
        .predict(people.counts)
        for penalty in PENALTIES
    ]
    r2 = np.corrcoef([*read, people.samples["height"]])[-1, :-1] ** 2
    assert np.abs(r2 - found["condition_r2.height"].value).min() < 1e-4
    assert found["condition_r2.height"].value > r2.max() - 0.01


def test_values__of_many_people_are_read_up_to_their_heritability():
    """Daetwyler et al. 2008: r² = h⁴ / (h² + (1 − r²) m / n) for m independent variants."""
    rng = np.random.default_rng(1)
    effects = rng.standard_normal(150)
    train, people = (people_of(rng, 3000, effects, h2=0.6) for _ in range(2))
    found = compare_conditions(Comparison(train, people, people, [BODY]), COMPONENTS, seed=1)
    expected = 0.6**2 / (0.6 + 0.4 * 150 / 3000)
    assert found["condition_r2.height"].value == pytest.approx(expected, abs=0.03)


def people_of(rng: np.random.Generator, n: int, effects: np.ndarray, *, h2: float) -> Genotypes:
    """People of independent variants, each allele tossed, and a height of this heritability."""
    counts = rng.binomial(2, 0.5, (n, len(effects))).astype(np.int8)
    value = counts @ effects * np.sqrt(2 * h2 / (effects @ effects))  # variance ½ a variant
    height = value + rng.normal(0, np.sqrt(1 - h2), n)
    return Genotypes(counts, pd.DataFrame({"height": height}), TRAIN.variants)


def test_conditions__leave_unknown_values_and_the_trait_out():
    people = PEOPLE.people(400, 5)
    unknown = people.samples["ancestry"].where(np.arange(400) % 2 == 0)
    found = score(
        replace(people, samples=people.samples.assign(ancestry=unknown)), HEIGHT, ANCESTRY
    )
    assert {name: each.n for name, each in found.items()} == {"condition_auc.ancestry": 200}


def test_conditions__of_which_train_shows_one_level_are_not_scored():
    constant = replace(TRAIN, samples=TRAIN.samples.assign(ancestry="east"))
    comparison = Comparison(constant, HOLDOUT, HOLDOUT, [ANCESTRY])
    found = compare_conditions(comparison, COMPONENTS, seed=1)["condition_auc.ancestry"]
    assert np.isnan(found.value)


def test_probabilities__of_rare_levels_are_zero_and_rows_add_up():
    names = np.where(np.arange(1000) < 3, "rare", TRAIN.samples["ancestry"])
    label = replace(ANCESTRY, levels=("east", "rare", "west"))
    train = replace(TRAIN, samples=TRAIN.samples.assign(ancestry=names))
    probabilities = level_probabilities(train, label, COMPONENTS)(HOLDOUT.counts)
    assert (probabilities[:, 1] == 0).all()
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)


def test_macro_auc__equals_that_of_scikit_learn():
    rng = np.random.default_rng(2)
    codes = rng.integers(0, 3, 300)
    probabilities = rng.dirichlet(np.ones(3), 300) + 0.3 * np.eye(3)[codes]
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    expected = roc_auc_score(codes, probabilities, multi_class="ovr")
    assert macro_auc(probabilities, codes) == pytest.approx(expected)
