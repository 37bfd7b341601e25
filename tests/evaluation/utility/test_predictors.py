"""Models against slopes by hand, the best of scikit-learn, and a trait that is not additive."""

from functools import partial

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression, Ridge

from genosynth.evaluation.roc import auc
from genosynth.evaluation.utility import predictors
from genosynth.evaluation.utility.predictors import fit_logistic, fit_prs, fit_ridge, fit_trees
from tests.evaluation.simulated_people import population

PEOPLE = population(120)
FITS = {
    "prs": fit_prs,
    "logistic": fit_logistic,
    "ridge": fit_ridge,
    "xgboost": partial(fit_trees, objective="binary:logistic"),
}


def test_prs__is_a_sum_of_single_variant_slopes() -> None:
    counts = PEOPLE.people(300, 6).counts
    trait = np.random.default_rng(1).standard_normal(300)
    slopes = [np.polyfit(column, trait, 1)[0] for column in counts.T]
    expected = (counts - counts.mean(axis=0)) @ slopes
    assert fit_prs(counts, trait, seed=1)(counts) == pytest.approx(expected, rel=1e-3, abs=1e-3)
    constant = fit_prs(np.zeros_like(counts), trait, seed=1)
    assert np.array_equal(constant(counts), np.zeros(300))


@pytest.mark.parametrize("name", FITS)
def test_scores__are_those_of_each_person_alone(name: str) -> None:
    people = PEOPLE.people(300, 6)
    score = FITS[name](people.counts, people.samples["disease"].to_numpy(), seed=1)
    assert score(people.counts[200:]) == pytest.approx(score(people.counts)[200:], abs=1e-5)
    assert score(people.counts[:0]).shape == (0,)


def test_penalty__is_chosen_where_strangers_are_predicted_best() -> None:
    fitted, others = PEOPLE.people(800, 7), PEOPLE.people(2000, 8)
    status = others.samples["disease"].to_numpy() == 1
    mean, spread = fitted.counts.mean(axis=0), fitted.counts.std(axis=0)
    x, strangers = ((people.counts - mean) / spread for people in (fitted, others))
    y = fitted.samples["disease"].to_numpy()
    areas = [
        auc(LogisticRegression(C=1 / (p * 120)).fit(x, y).decision_function(strangers), status)
        for p in (0.001, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)
    ]
    found = fit_logistic(fitted.counts, y, seed=1)(others.counts)
    assert auc(found, status) > max(areas) - 0.01
    height = fitted.samples["height"].to_numpy()
    found = fit_ridge(fitted.counts, height, seed=1)(others.counts)
    best = max(
        np.corrcoef(Ridge(p * 120).fit(x, height).predict(strangers), others.samples["height"])[
            0, 1
        ]
        for p in (0.001, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)
    )
    assert np.corrcoef(found, others.samples["height"])[0, 1] > best - 0.01


@pytest.mark.parametrize("name", ["logistic", "ridge", "xgboost"])
def test_settings__are_not_chosen_by_people_who_were_learnt_from(name: str, monkeypatch) -> None:
    """Of people said three times over, who they are tells which fold they belong to."""
    seen = []

    def folds(n_rows, seed, who):
        masks = list(all_folds(n_rows, seed, who))
        seen.extend(masks)
        return masks

    all_folds = predictors._folds
    monkeypatch.setattr(predictors, "_folds", folds)
    people, again = PEOPLE.people(90, 6), np.tile(np.arange(90), 3)
    trait = people.samples["disease"].to_numpy()
    FITS[name](people.counts[again], trait[again], seed=1, who=again)
    assert len(seen) == 3
    assert (np.sum(seen, axis=0) == 1).all()
    for left_out in seen:
        assert not set(again[left_out]) & set(again[~left_out])


@pytest.mark.parametrize("objective", ["binary:logistic", "reg:squarederror"])
def test_trees__see_pairs_of_variants_that_no_sum_sees(objective: str) -> None:
    rng = np.random.default_rng(2)
    counts = rng.integers(0, 3, (4000, 12)).astype(np.int8)
    # carriers of exactly one of two variants: neither has an effect of its own
    is_case = ((counts[:, 0] > 0) ^ (counts[:, 1] > 0)) ^ (rng.random(4000) < 0.1)
    trait = is_case.astype(float)
    fitted, others = slice(3000), slice(3000, None)
    trees = fit_trees(counts[fitted], trait[fitted], seed=1, objective=objective)
    linear = fit_logistic(counts[fitted], trait[fitted], seed=1)
    assert auc(trees(counts[others]), is_case[others]) > 0.85
    assert auc(linear(counts[others]), is_case[others]) < 0.75


def test_trees__give_log_odds() -> None:
    carrier = np.repeat([0, 2], 500).astype(np.int8)
    rng = np.random.default_rng(1)
    trait = (rng.random(1000) < np.where(carrier > 0, 0.6, 0.2)).astype(float)
    score = fit_trees(carrier[:, None], trait, seed=1, objective="binary:logistic")
    expected = [np.log(p / (1 - p)) for p in (trait[:500].mean(), trait[500:].mean())]
    assert score(carrier[[0, 999], None]) == pytest.approx(expected, abs=0.2)
