"""Utility: known nulls and positives, and answers that do not depend on how people are listed."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.calibration import calibration_curve
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import precision_score, recall_score, roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from genosynth.data.genotypes import Genotypes
from genosynth.errors import ArtifactMismatch
from genosynth.evaluation.comparison import Comparison, filled, rounded_means
from genosynth.evaluation.utility import predictors
from genosynth.evaluation.utility.prediction import evaluate_utility
from genosynth.scores import FAMILIES, METRICS
from genosynth.settings.evaluation import EvaluationSettings
from tests.evaluation.simulated_people import (
    ANCESTRY,
    HEIGHT,
    LABELS,
    population,
    shuffled_columns,
    shuffled_people,
    swapped_alleles,
    with_missing_calls,
)

PEOPLE = population(120)
TRAIN = with_missing_calls(PEOPLE.people(1200, 1), 1)
HOLDOUT = with_missing_calls(PEOPLE.people(500, 2), 2)
SETTINGS = EvaluationSettings(n_bootstrap=100)
MODELS = ("prs", "logistic", "xgboost")


@pytest.fixture(autouse=True, scope="module")
def few_trees():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(predictors, "NUMBERS_OF_TREES", (5, 10, 15))
        yield


@pytest.fixture(scope="module")
def from_train(few_trees):
    """Scores and figures of the training people as the release."""
    return evaluate(TRAIN)


def evaluate(synthetic: Genotypes, labels=LABELS, *, train: Genotypes = TRAIN):
    comparison = Comparison(train, HOLDOUT, synthetic, labels)
    evaluation = evaluate_utility(comparison, settings=SETTINGS, seed=1)
    return {score.metric: score for score in evaluation.scores}, evaluation.figures


def scores(synthetic: Genotypes, labels=LABELS, *, train: Genotypes = TRAIN):
    return evaluate(synthetic, labels, train=train)[0]


def with_trait(people: Genotypes, values) -> Genotypes:
    return replace(people, samples=people.samples.assign(disease=values))


def test_prediction__learns_from_fresh_people_as_from_train() -> None:
    found = scores(PEOPLE.people(1200, 3))
    for model in MODELS:
        assert found[f"trtr_auc.{model}"].ci_low > 0.55
        assert abs(found[f"tstr_gap.{model}"].value) < 0.06
        assert found[f"tstr_gap.{model}"].value == pytest.approx(
            found[f"tstr_auc.{model}"].value - found[f"trtr_auc.{model}"].value
        )
        # fresh people share no chance effects with train, so nothing is inflated
        on_strangers = found[f"trtr_auc.{model}"]
        assert found[f"trts_auc.{model}"].value == pytest.approx(on_strangers.value, abs=0.06)
    assert found["trts_excess.prs"].ci_high < 0
    assert found["tstr_calibration_slope.xgboost"].ci_low > 0.5


def test_prediction__from_train_itself_loses_nothing(from_train) -> None:
    found, figures = from_train
    for model in MODELS:
        gap = found[f"tstr_gap.{model}"]
        assert (gap.value, gap.ci_low, gap.ci_high) == (0, 0, 0)
        assert found[f"tstr_auprc.{model}"].value == found[f"trtr_auprc.{model}"].value
        # the winner's curse: those learnt from are separated better than strangers
        assert found[f"trts_auc.{model}"].ci_low > found[f"trtr_auc.{model}"].value
    assert found["trts_excess.prs"].value < 0  # LD, which the control has lost
    assert abs(found["augmentation_gain.logistic"].value) < 0.01
    assert abs(found["balancing_gain.logistic"].value) < 0.01
    assert (figures["utility_groups"]["gap"] == 0).all()


def test_prediction__from_permuted_labels_is_chance() -> None:
    values = np.random.default_rng(5).permutation(TRAIN.samples["disease"])
    found = scores(with_trait(TRAIN, values))
    for model in MODELS:
        assert found[f"tstr_auc.{model}"].value == pytest.approx(0.5, abs=0.08)
        share_of_cases = HOLDOUT.samples["disease"].mean()
        assert found[f"tstr_auprc.{model}"].value == pytest.approx(share_of_cases, abs=0.08)
    assert found["tstr_gap.logistic"].ci_high < 0
    assert found["augmentation_gain.logistic"].ci_high < 0
    assert found["balancing_gain.logistic"].ci_high < 0
    slope = found["tstr_calibration_slope.logistic"]
    assert slope.ci_low < 0 < slope.ci_high


def single_variants(trait: str, *, factor: float) -> Genotypes:
    """Draw each variant of the training people by their trait, its effect times a factor."""
    y = TRAIN.samples[trait].to_numpy()
    centred = y - y.mean()
    counts = np.maximum(TRAIN.counts, 0)
    slopes = factor * (centred @ counts) / (centred @ centred)
    mean = (counts.mean(axis=0) + centred[:, None] * slopes).clip(0, 2)
    return replace(TRAIN, counts=np.random.default_rng(1).binomial(2, mean / 2).astype(np.int8))


def test_separability__of_single_variants_drawn_as_in_train_is_no_excess() -> None:
    found = scores(shuffled_columns(TRAIN, 1))
    excess = found["trts_excess.prs"]
    assert excess.ci_low < 0 < excess.ci_high
    assert found["trts_auc.prs"].ci_low > found["trtr_auc.prs"].ci_high


@pytest.mark.parametrize("labels", [LABELS, [HEIGHT]], ids=["binary", "quantitative"])
def test_separability__tells_exaggerated_from_faded_effects(labels) -> None:
    excess = {
        factor: scores(single_variants(labels[0].name, factor=factor), labels)["trts_excess.prs"]
        for factor in (0.5, 1.0, 1.6)
    }
    assert excess[0.5].ci_high < 0 < excess[1.6].ci_low
    assert excess[1.0].value == pytest.approx(0, abs=0.03)


def test_augmentation__gains_from_new_people_and_not_from_copies() -> None:
    small = TRAIN.take(np.arange(300))
    new, copies = (
        scores(people, train=small)["augmentation_gain.logistic"]
        for people in (PEOPLE.people(1500, 3), small)
    )
    assert new.ci_low > 0
    assert copies.value < 0.5 * new.value


def by_hand(model, counts, trait, *, weights=None, measure):
    """What a model of scikit-learn, fitted to these people, is worth in held-out ones."""
    scaler = StandardScaler().fit(counts, sample_weight=weights)
    model.fit(scaler.transform(counts), trait, sample_weight=weights)
    held_out = scaler.transform(filled(HOLDOUT.counts, rounded_means(SMALL.counts)))
    return measure(held_out)


SMALL = TRAIN.take(np.arange(400))
SMALL_COUNTS = filled(SMALL.counts, rounded_means(SMALL.counts))


@pytest.fixture
def one_penalty(monkeypatch):
    """Nothing to choose: a fit can be repeated by hand."""
    monkeypatch.setattr(predictors, "PENALTIES", (1.0,))


def test_gains__are_those_of_refits_by_hand(one_penalty) -> None:
    is_case = SMALL.samples["disease"].to_numpy() == 1
    people = PEOPLE.people(1200, 3)
    cases, controls = (np.flatnonzero(people.samples["disease"] == value) for value in (1, 0))
    people = people.take(np.r_[cases[: is_case.sum()], controls[:200]])  # each own case twice
    n_cases = is_case.sum()

    def area(counts, trait, weights=None) -> float:
        model = LogisticRegression(C=1 / 120, solver="newton-cholesky", tol=1e-8)
        status = HOLDOUT.samples["disease"]
        return by_hand(
            model,
            counts,
            trait,
            weights=weights,
            measure=lambda x: roc_auc_score(status, model.decision_function(x)),
        )

    alone = area(SMALL_COUNTS, is_case)
    weighted = area(SMALL_COUNTS, is_case, np.where(is_case, 2.0, 1.0))
    added = np.r_[SMALL_COUNTS, people.counts]
    status = np.r_[is_case, people.samples["disease"] == 1]
    expected = {
        "augmentation_gain.logistic": area(added, status) - alone,
        "balancing_gain.logistic": area(added[: 400 + n_cases], status[: 400 + n_cases]) - weighted,
        "reweighting_gain.logistic": weighted - alone,
    }
    found = scores(people, train=SMALL)
    assert {name: found[name].value for name in expected} == pytest.approx(expected, abs=3e-4)
    assert max(expected.values()) > 0.01


def test_gain__in_numbers_is_that_of_a_refit_by_hand(one_penalty) -> None:
    people = PEOPLE.people(600, 3)

    def explained(counts, trait) -> float:
        model = Ridge(120.0)
        return by_hand(
            model,
            counts,
            trait,
            measure=lambda x: np.corrcoef(model.predict(x), HOLDOUT.samples["height"])[0, 1] ** 2,
        )

    added = np.r_[SMALL_COUNTS, people.counts]
    heights = np.r_[SMALL.samples["height"], people.samples["height"]]
    expected = explained(added, heights) - explained(SMALL_COUNTS, SMALL.samples["height"])
    found = scores(people, [HEIGHT], train=SMALL)["augmentation_gain.ridge"]
    assert found.value == pytest.approx(expected, abs=1e-3)
    assert expected > 0.01


def test_balancing__with_training_people_is_reweighting(one_penalty) -> None:
    """Cases of train as the release, each once: the very people that weights count twice."""
    assert abs(scores(TRAIN)["balancing_gain.logistic"].value) < 1e-4


def test_calibration_and_classes__are_those_of_scikit_learn(one_penalty) -> None:
    figures = evaluate(TRAIN)[1]
    fill = rounded_means(TRAIN.counts)
    model = make_pipeline(StandardScaler(), LogisticRegression(C=1 / 120, tol=1e-8))
    model.fit(filled(TRAIN.counts, fill), TRAIN.samples["disease"])
    risk = model.predict_proba(filled(HOLDOUT.counts, fill))[:, 1]
    status, is_called = HOLDOUT.samples["disease"], risk > TRAIN.samples["disease"].mean()
    observed, predicted = calibration_curve(status, risk, n_bins=10, strategy="quantile")
    expected = {
        (level, measure): score(status, is_called, pos_label=value)
        for level, value in (("case", 1), ("control", 0))
        for measure, score in (("sensitivity", recall_score), ("precision", precision_score))
    }
    for name in ("real", "synthetic"):
        curve, classes = (
            figures[table][figures[table]["trained_on"] == name]
            for table in ("calibration", "utility_classes")
        )
        assert curve["n"].tolist() == [50] * 10
        assert curve["observed"].to_numpy() == pytest.approx(observed)
        assert curve["predicted"].to_numpy() == pytest.approx(predicted, abs=1e-3)
        assert (curve["observed_low"] < curve["observed_high"]).all()
        found = classes.set_index(["class", "measure"])["value"].to_dict()
        assert found == pytest.approx(expected)
    assert all(evaluate(TRAIN, [HEIGHT])[1][table].empty for table in ("calibration", "roc"))


def test_groups__are_levels_with_enough_people() -> None:
    _, figures = evaluate(PEOPLE.people(1200, 3))
    table = figures["utility_groups"].set_index("level")
    assert table["n"].to_dict() == HOLDOUT.samples["ancestry"].value_counts().to_dict()
    assert (table["gap"] - (table["tstr"] - table["trtr"])).abs().max() < 1e-12
    assert (table["gap_low"] < table["gap"]).all()
    rare = replace(HOLDOUT, samples=HOLDOUT.samples.assign(ancestry=["west"] * 15 + ["east"] * 485))
    comparison = Comparison(TRAIN, rare, PEOPLE.people(1200, 3), [HEIGHT, ANCESTRY])
    of_numbers = evaluate_utility(comparison, settings=SETTINGS, seed=1).figures["utility_groups"]
    assert dict(zip(of_numbers["level"], of_numbers["n"], strict=True)) == {"east": 485, "west": 15}
    comparison = replace(comparison, labels=LABELS)
    of_cases = evaluate_utility(comparison, settings=SETTINGS, seed=1).figures["utility_groups"]
    assert list(of_cases["level"]) == ["east"]


def test_prediction__of_numbers() -> None:
    found = scores(PEOPLE.people(1200, 3), [HEIGHT, ANCESTRY])
    expected = {name for name, metric in METRICS.items() if metric.kind == "quantitative"}
    expected -= set(FAMILIES)
    either = {"tstr_gap.prs", "tstr_gap.xgboost", "trts_excess.prs"}
    assert set(found) == expected | either
    assert found["trtr_r2.ridge"].ci_low > 0.2
    assert abs(found["tstr_gap.ridge"].value) < 0.06


def test_prediction__of_a_disease_has_every_score_of_its_kind(from_train) -> None:
    expected = {
        name
        for name, metric in METRICS.items()
        if metric.group == "utility" and metric.kind in ("", "binary") and name not in FAMILIES
    }
    assert set(from_train[0]) == expected


PGS = pd.DataFrame({"score": "pgs", "id": PEOPLE.variants()["id"], "weight": PEOPLE.effects})


def scores_of_pgs(synthetic: Genotypes, labels=LABELS):
    evaluation = evaluate_utility(
        Comparison(TRAIN, HOLDOUT, synthetic, labels),
        polygenic_scores=PGS.sample(frac=1, random_state=1),
        settings=SETTINGS,
        seed=1,
    )
    return {score.metric: score for score in evaluation.scores if score.metric.startswith("pgs")}


@pytest.mark.parametrize("labels", [LABELS, [HEIGHT]], ids=["binary", "quantitative"])
def test_pgs__is_worth_the_same_in_other_people(labels) -> None:
    measure = {"binary": "pgs_auc.pgs", "quantitative": "pgs_r2.pgs"}[labels[0].kind]
    found = scores_of_pgs(PEOPLE.people(1200, 3), labels)
    assert set(found) == {measure, "pgs_gap.pgs"}
    assert abs(found["pgs_gap.pgs"].value) < 0.06
    assert found[measure].ci_low > {"pgs_auc.pgs": 0.7, "pgs_r2.pgs": 0.3}[measure]
    shuffled = np.random.default_rng(5).permutation(TRAIN.samples[labels[0].name])
    in_vain = replace(TRAIN, samples=TRAIN.samples.assign(**{labels[0].name: shuffled}))
    assert scores_of_pgs(in_vain, labels)["pgs_gap.pgs"].ci_high < -0.1


def test_pgs__named_like_a_model_takes_nothing_from_it(from_train) -> None:
    namesake = PGS.assign(score="logistic", weight=-PGS["weight"])
    comparison = Comparison(TRAIN, HOLDOUT, TRAIN, LABELS)
    found = evaluate_utility(comparison, polygenic_scores=namesake, settings=SETTINGS, seed=1)
    values = {score.metric: score.value for score in found.scores}
    assert values["pgs_auc.logistic"] < 0.3
    assert values["tstr_auc.logistic"] == from_train[0]["tstr_auc.logistic"].value
    assert found.figures["roc"].equals(from_train[1]["roc"])


def test_pgs__is_weighed_as_written() -> None:
    found = scores_of_pgs(TRAIN.take(np.arange(400)))["pgs_auc.pgs"]
    people = TRAIN.take(np.arange(400))
    counts = filled(people.counts, rounded_means(TRAIN.counts))
    is_case = people.samples["disease"] == 1
    assert found.value == pytest.approx(roc_auc_score(is_case, counts @ PEOPLE.effects))


def test_scores__nearly_ignore_order_and_ignore_alleles() -> None:
    comparison = Comparison(TRAIN, HOLDOUT, PEOPLE.people(1200, 3), LABELS)
    first, swapped, again = (
        {
            score.metric: score.value
            for score in evaluate_utility(each, settings=SETTINGS, seed=1).scores
        }
        for each in (comparison, swapped_alleles(comparison), shuffled_people(comparison, 1))
    )
    is_slope = {name: "calibration" in name for name in first}
    for name, value in first.items():
        # trees settle ties between variants and thresholds by their order
        room = 0.02 if "xgboost" in name else 3e-3
        assert swapped[name] == pytest.approx(value, abs=10 * room if is_slope[name] else room)
        # folds that choose settings, people drawn for trees or for equal classes, are others
        room = 0.08 if "xgboost" in name else 0.03
        assert again[name] == pytest.approx(value, abs=10 * room if is_slope[name] else room)


def test_scores__of_a_class_too_small_are_nan_with_a_count() -> None:
    found, figures = evaluate(with_trait(TRAIN, 0.0))
    adds_controls = found.pop("augmentation_gain.logistic")  # to cases and controls of train
    assert abs(adds_controls.value) < 0.02
    for name, score in found.items():
        assert np.isnan(score.value)
        assert name.startswith("trts") or score.n == 500
    assert figures["roc"].empty
    assert figures["utility_groups"]["tstr"].isna().all()
    nobody = scores(TRAIN.take(np.zeros(0, np.intp)), [HEIGHT])
    assert all(np.isnan(score.value) for score in nobody.values())


def test_utility__needs_a_trait() -> None:
    with pytest.raises(ArtifactMismatch, match="no trait"):
        scores(TRAIN, [ANCESTRY])


def test_roc__shows_both_arms(from_train) -> None:
    curves = from_train[1]["roc"]
    assert list(curves) == ["trained_on", "fpr", "tpr"]
    assert set(curves["trained_on"]) == {"synthetic", "real"}
    assert curves.groupby("trained_on").size().max() <= 200
    assert evaluate(TRAIN, [HEIGHT])[1]["roc"].empty
