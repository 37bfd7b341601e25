"""Utility: does a model learnt from synthetic people predict held-out people as well?

Two arms: trained on synthetic, tested on real (TSTR), and trained on real, tested on real (TRTR).
Both see dosages only, as many people of each class, and choose their penalty among the people they
are fitted to. Missing calls become the rounded mean of the training people in both arms. The
measure is the AUC for a binary trait; for a quantitative one the squared correlation of prediction
and value, negative where the correlation is. The gap is taken on the same held-out people.
"""

import logging
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genosynth.data.genotypes import Genotypes
from genosynth.data.labels import Label
from genosynth.errors import ArtifactMismatch
from genosynth.evaluation.agreement import ratio
from genosynth.evaluation.comparison import Comparison, apart, filled, rounded_means
from genosynth.evaluation.estimates import Estimate, Evaluation, ScoreSheet
from genosynth.evaluation.roc import aucs, roc_points
from genosynth.evaluation.utility.predictors import (
    Predictor,
    Values,
    logistic_scores,
    marginal_scores,
    ridge_scores,
)
from genosynth.settings.evaluation import EvaluationSettings

logger = logging.getLogger(__name__)

MODELS: dict[str, dict[str, Predictor]] = {
    "binary": {"prs": marginal_scores, "logistic": logistic_scores},
    "quantitative": {"prs": marginal_scores, "ridge": ridge_scores},
}
MAX_FITTED = 50_000  # people of each arm: memory, and more change no conclusion
MIN_IN_CLASS = 10  # people; with fewer nothing is learnt or judged


@dataclass(frozen=True)
class Arm:
    """People whose trait is known, as a model sees them."""

    counts: NDArray[np.int8]  # without missing calls
    trait: Values


@dataclass(frozen=True)
class Arms:
    """Synthetic and training people to learn from, equal in number and classes, and the judges."""

    synthetic: Arm
    train: Arm
    holdout: Arm


def evaluate_utility(
    comparison: Comparison, *, settings: EvaluationSettings, seed: int
) -> Evaluation:
    """Predict the trait of held-out people from synthetic and from training people.

    Raises:
        ArtifactMismatch: the panel has no trait.
    """
    trait = comparison.trait
    if trait is None:
        raise ArtifactMismatch("labels.json names no trait: prediction needs one")
    arms = equal_arms(comparison, trait, seed=seed)
    is_binary = trait.kind == "binary"
    sheet = ScoreSheet()
    curves = []
    for model, predict in MODELS[trait.kind].items():
        scores = predict_from_both(arms, predict, is_binary=is_binary, seed=seed)
        if is_binary:
            sheet.enter(compare_aucs(scores, arms.holdout.trait == 1, model=model))
            curves = [_curve(name, scores[i], arms) for i, name in enumerate(("synthetic", "real"))]
        else:
            n_bootstrap = settings.n_bootstrap
            sheet.enter(
                compare_r2(scores, arms.holdout.trait, model=model, n=n_bootstrap, seed=seed)
            )
        logger.info(
            "predicted %s by %s, %d people an arm", trait.name, model, len(arms.train.trait)
        )
    empty = pd.DataFrame({"trained_on": [], "fpr": [], "tpr": []})
    return Evaluation(sheet.scores, {"roc": pd.concat(curves) if curves else empty})


def equal_arms(comparison: Comparison, trait: Label, *, seed: int) -> Arms:
    """Give both arms as many people of each class, and all held-out people who are not in one."""
    synthetic, holdout = apart(comparison)
    fill = rounded_means(comparison.train.counts)
    sets = [_arm(people, trait, fill) for people in (synthetic, comparison.train, holdout)]
    classes = [arm.trait if trait.kind == "binary" else np.zeros(len(arm.trait)) for arm in sets]
    rng = np.random.default_rng(seed)
    chosen: list[list[NDArray[np.intp]]] = [[], []]
    for value in np.unique(classes[0]):
        members = [np.flatnonzero(own == value) for own in classes[:2]]
        most = MAX_FITTED * max(len(members[1]), 1) // max(len(classes[1]), 1)
        n = min(len(members[0]), len(members[1]), most)
        for side in range(2):
            chosen[side].append(rng.permutation(members[side])[:n])
    rows = [np.sort(np.concatenate([np.zeros(0, np.intp), *side])) for side in chosen]
    first, second = (
        Arm(arm.counts[row], arm.trait[row]) for arm, row in zip(sets[:2], rows, strict=True)
    )
    return Arms(synthetic=first, train=second, holdout=sets[2])


def predict_from_both(
    arms: Arms, predict: Predictor, *, is_binary: bool, seed: int
) -> NDArray[np.float64]:
    """Scores of the held-out people, (2, n_holdout): learnt from synthetic, from training people.

    NaN where an arm or a class of it is too small.
    """
    scores = np.full((2, len(arms.holdout.trait)), np.nan)
    sizes = [
        np.bincount(arm.trait.astype(int), minlength=2).min() if is_binary else len(arm.trait)
        for arm in (arms.synthetic, arms.train, arms.holdout)
    ]
    if min(sizes) < MIN_IN_CLASS:
        return scores
    for i, arm in enumerate((arms.synthetic, arms.train)):
        scores[i] = predict(arm.counts, arm.trait, arms.holdout.counts, seed=seed)
    return scores


def compare_aucs(
    scores: NDArray[np.float64], is_case: NDArray[np.bool_], *, model: str
) -> dict[str, Estimate]:
    """AUC of both arms and their difference on the same people, by DeLong."""
    measured = aucs(scores, is_case)
    (tstr, trtr), covariance = measured.areas, measured.covariance
    variances = [covariance[0, 0], covariance[1, 1], covariance.trace() - 2 * covariance[0, 1]]
    return _three(model, "auc", [tstr, trtr, tstr - trtr], variances, n=len(is_case))


def compare_r2(
    scores: NDArray[np.float64], trait: Values, *, model: str, n: int, seed: int
) -> dict[str, Estimate]:
    """Signed r² of both arms and their difference on the same people, by n bootstrap samples."""
    rng = np.random.default_rng(seed)
    n_people = len(trait)
    weights = np.vstack(
        [np.ones(n_people), rng.multinomial(n_people, [1 / n_people] * n_people, n)]
    )
    tstr, trtr = (signed_r2(each, trait, weights) for each in scores)  # (1 + n,)
    values = [tstr, trtr, tstr - trtr]
    variances = [float(value[1:].var()) for value in values]
    return _three(model, "r2", [value[0] for value in values], variances, n=n_people)


def signed_r2(scores: Values, trait: Values, weights: NDArray[np.float64]) -> Values:
    """r·|r| of scores and trait for each row of weights (n_rows, n_people)."""
    total = weights.sum(axis=1)
    x, y, xx, yy, xy = (
        weights @ column / total for column in (scores, trait, scores**2, trait**2, scores * trait)
    )
    variance = (xx - x**2) * (yy - y**2)
    r = ratio(xy - x * y, np.sqrt(np.maximum(variance, 0)))
    return np.asarray(r * np.abs(r))


def _arm(people: Genotypes, trait: Label, fill: NDArray[np.int8]) -> Arm:
    values = people.samples[trait.name].to_numpy(float)
    known = np.isfinite(values)
    return Arm(filled(people.counts[known], fill), values[known])


def _three(
    model: str, measure: str, values: list[float], variances: list[float], *, n: int
) -> dict[str, Estimate]:
    names = [f"tstr_{measure}.{model}", f"trtr_{measure}.{model}", f"tstr_gap.{model}"]
    errors = np.sqrt(np.maximum(variances, 0))  # rounding can leave −1e-18
    return {
        name: Estimate.around(value, error, n=n, limits=(-1.0, 1.0))
        for name, value, error in zip(names, values, errors, strict=True)
    }


def _curve(name: str, scores: Values, arms: Arms) -> pd.DataFrame:
    if not np.isfinite(scores).all() or not len(scores):
        return pd.DataFrame({"trained_on": [], "fpr": [], "tpr": []})
    fpr, tpr = roc_points(scores, arms.holdout.trait == 1)
    return pd.DataFrame({"trained_on": name, "fpr": fpr, "tpr": tpr})
