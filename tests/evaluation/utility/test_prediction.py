"""Utility: known nulls and positives, arms that are alike, gaps on the same people."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression, Ridge

from genosynth.data.genotypes import Genotypes
from genosynth.errors import ArtifactMismatch
from genosynth.evaluation.comparison import Comparison
from genosynth.evaluation.roc import auc
from genosynth.evaluation.utility.prediction import (
    compare_aucs,
    compare_r2,
    equal_arms,
    evaluate_utility,
    signed_r2,
)
from genosynth.evaluation.utility.predictors import (
    logistic_scores,
    marginal_scores,
    ridge_scores,
)
from genosynth.scores import METRICS
from genosynth.settings.evaluation import EvaluationSettings
from tests.evaluation.simulated_people import (
    ANCESTRY,
    HEIGHT,
    LABELS,
    TRAIT,
    population,
    shuffled_people,
    swapped_alleles,
    with_missing_calls,
)

PEOPLE = population(120)
TRAIN = with_missing_calls(PEOPLE.people(1200, 1), 1)
HOLDOUT = with_missing_calls(PEOPLE.people(500, 2), 2)
SETTINGS = EvaluationSettings(n_bootstrap=100)


def scores(synthetic: Genotypes, labels=LABELS):
    comparison = Comparison(TRAIN, HOLDOUT, synthetic, labels)
    evaluation = evaluate_utility(comparison, settings=SETTINGS, seed=1)
    return {score.metric: score for score in evaluation.scores}


def with_trait(people: Genotypes, values) -> Genotypes:
    return replace(people, samples=people.samples.assign(disease=values))


def test_prediction__learns_from_fresh_people_as_from_train() -> None:
    found = scores(PEOPLE.people(1200, 3))
    for model in ("prs", "logistic"):
        assert found[f"trtr_auc.{model}"].ci_low > 0.6
        assert abs(found[f"tstr_gap.{model}"].value) < 0.06
        assert found[f"tstr_gap.{model}"].value == pytest.approx(
            found[f"tstr_auc.{model}"].value - found[f"trtr_auc.{model}"].value
        )


def test_prediction__from_train_itself_loses_nothing() -> None:
    found = scores(TRAIN)
    for model in ("prs", "logistic"):
        gap = found[f"tstr_gap.{model}"]
        assert (gap.value, gap.ci_low, gap.ci_high) == (0, 0, 0)


def test_prediction__from_permuted_labels_is_chance() -> None:
    values = np.random.default_rng(5).permutation(TRAIN.samples["disease"])
    found = scores(with_trait(TRAIN, values))
    assert found["tstr_auc.logistic"].value == pytest.approx(0.5, abs=0.08)
    assert found["tstr_gap.logistic"].ci_high < 0


def test_prediction__of_numbers() -> None:
    found = scores(PEOPLE.people(1200, 3), [HEIGHT, ANCESTRY])
    assert list(found) == [
        f"{name}.{model}"
        for model in ("prs", "ridge")
        for name in ("tstr_r2", "trtr_r2", "tstr_gap")
    ]
    assert found["trtr_r2.ridge"].ci_low > 0.2
    assert abs(found["tstr_gap.ridge"].value) < 0.06


@pytest.mark.parametrize("labels", [LABELS, [HEIGHT]], ids=["binary", "quantitative"])
def test_scores__have_a_meaning(labels) -> None:
    for metric in scores(TRAIN, labels):
        assert METRICS[metric].group == "utility"


def test_scores__nearly_ignore_order_and_ignore_alleles() -> None:
    comparison = Comparison(TRAIN, HOLDOUT, PEOPLE.people(1200, 3), LABELS)
    first = evaluate_utility(comparison, settings=SETTINGS, seed=1).scores
    swapped = evaluate_utility(swapped_alleles(comparison), settings=SETTINGS, seed=1).scores
    again = evaluate_utility(shuffled_people(comparison, 1), settings=SETTINGS, seed=1).scores
    for score, flipped, reordered in zip(first, swapped, again, strict=True):
        assert flipped.value == pytest.approx(score.value, abs=2e-3)
        # folds that choose the penalty, and people left out for equal classes, are others
        assert reordered.value == pytest.approx(score.value, abs=0.02)


def test_scores__of_a_class_too_small_are_nan_with_a_count() -> None:
    found = scores(with_trait(TRAIN, 0.0))
    assert all(np.isnan(score.value) and score.n == 500 for score in found.values())
    nobody = scores(TRAIN.take(np.zeros(0, np.intp)), [HEIGHT])
    assert all(np.isnan(score.value) for score in nobody.values())


def test_utility__needs_a_trait() -> None:
    with pytest.raises(ArtifactMismatch, match="no trait"):
        scores(TRAIN, [ANCESTRY])


def test_arms__have_equal_classes_whatever_was_asked_for() -> None:
    people = PEOPLE.people(3000, 4)
    is_case = people.samples["disease"].to_numpy() == 1
    balanced = people.take(
        np.r_[np.flatnonzero(is_case), np.flatnonzero(~is_case)[: is_case.sum()]]
    )
    arms = equal_arms(Comparison(TRAIN, HOLDOUT, balanced, LABELS), TRAIT, seed=1)
    for value in (0, 1):
        assert (arms.synthetic.trait == value).sum() == (arms.train.trait == value).sum()
    assert (arms.train.trait == 1).sum() == TRAIN.samples["disease"].sum()
    assert len(arms.holdout.trait) == 500
    assert arms.holdout.counts.min() >= 0


def test_arms__judges_are_not_among_the_fitted() -> None:
    row = replace(HOLDOUT, samples=HOLDOUT.samples.assign(source=HOLDOUT.samples["iid"]))
    arms = equal_arms(Comparison(TRAIN, HOLDOUT, row, LABELS), TRAIT, seed=1)
    assert len(arms.holdout.trait) == 250
    assert 200 < len(arms.synthetic.trait) == len(arms.train.trait) <= 250


def test_arms__leave_out_people_of_unknown_trait() -> None:
    unknown = with_trait(HOLDOUT, HOLDOUT.samples["disease"].where(np.arange(500) >= 20))
    arms = equal_arms(Comparison(TRAIN, unknown, TRAIN, LABELS), TRAIT, seed=1)
    assert len(arms.holdout.trait) == 480


def test_roc__shows_both_arms() -> None:
    comparison = Comparison(TRAIN, HOLDOUT, TRAIN, LABELS)
    curves = evaluate_utility(comparison, settings=SETTINGS, seed=1).figures["roc"]
    assert list(curves) == ["trained_on", "fpr", "tpr"]
    assert set(curves["trained_on"]) == {"synthetic", "real"}
    assert curves.groupby("trained_on").size().max() <= 200
    of_numbers = Comparison(TRAIN, HOLDOUT, TRAIN, [HEIGHT])
    assert evaluate_utility(of_numbers, settings=SETTINGS, seed=1).figures["roc"].empty


def test_gap__interval_is_paired() -> None:
    rng = np.random.default_rng(1)
    is_case = rng.random(800) < 0.3
    shared = rng.standard_normal(800) + is_case
    both = np.stack([shared, shared + 0.05 * rng.standard_normal(800)])
    found = compare_aucs(both, is_case, model="prs")
    width = {name: each.ci_high - each.ci_low for name, each in found.items()}
    assert width["tstr_gap.prs"] < 0.2 * width["tstr_auc.prs"]
    trait = rng.standard_normal(800) + shared
    found = compare_r2(both, trait, model="prs", n=200, seed=1)
    width = {name: each.ci_high - each.ci_low for name, each in found.items()}
    assert width["tstr_gap.prs"] < 0.2 * width["tstr_r2.prs"]


def test_r2__is_signed() -> None:
    x = np.random.default_rng(1).standard_normal(50)
    y = x + np.random.default_rng(2).standard_normal(50)
    r = np.corrcoef(x, y)[0, 1]
    once = np.ones((1, 50))
    assert signed_r2(x, y, once)[0] == pytest.approx(r**2)
    assert signed_r2(-x, y, once)[0] == pytest.approx(-(r**2))
    assert np.isnan(signed_r2(np.zeros(50), y, once)[0])


def test_prs__is_a_sum_of_single_variant_slopes() -> None:
    counts = PEOPLE.people(300, 6).counts
    trait = np.random.default_rng(1).standard_normal(300)
    slopes = [np.polyfit(column, trait, 1)[0] for column in counts.T]
    expected = (counts - counts.mean(axis=0)) @ slopes
    found = marginal_scores(counts, trait, counts, seed=1)
    assert found == pytest.approx(expected, rel=1e-3, abs=1e-3)
    constant = np.zeros_like(counts)
    assert np.array_equal(marginal_scores(constant, trait, counts, seed=1), np.zeros(300))


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
    found = logistic_scores(fitted.counts, y, others.counts, seed=1)
    assert auc(found, status) > max(areas) - 0.01
    height = fitted.samples["height"].to_numpy()
    found = ridge_scores(fitted.counts, height, others.counts, seed=1)
    best = max(
        np.corrcoef(Ridge(p * 120).fit(x, height).predict(strangers), others.samples["height"])[
            0, 1
        ]
        for p in (0.001, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)
    )
    assert np.corrcoef(found, others.samples["height"])[0, 1] > best - 0.01
