"""Models of a trait given dosages: fitted to some people, they score others."""

from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression, Ridge

from genosynth.evaluation.agreement import ratio

Values = NDArray[np.float64]
Counts = NDArray[np.int8]  # without missing calls


class Predictor(Protocol):
    """Scores people after learning a trait from others."""

    def __call__(self, fitted: Counts, trait: Values, scored: Counts, *, seed: int) -> Values:
        """Give one score for each scored person; seed: of the folds that choose a penalty."""


PENALTIES = (0.1, 0.3, 1.0, 3.0, 10.0, 30.0)  # for each variant; dosages are standardised
N_FOLDS = 3
CONSTANT = 1e-6  # spread below which a dosage does not vary


def marginal_scores(fitted: Counts, trait: Values, scored: Counts, *, seed: int) -> Values:
    """Polygenic scores: dosages weighted by single-variant regression slopes; nothing to choose."""
    mean, spread = fitted.mean(axis=0), fitted.std(axis=0)
    covariance = (trait - trait.mean()) @ fitted.astype(np.float32) / len(trait)
    slopes = ratio(covariance, spread**2, above=CONSTANT**2, otherwise=0.0)
    return np.asarray((scored - mean) @ slopes)


def logistic_scores(fitted: Counts, trait: Values, scored: Counts, *, seed: int) -> Values:
    """Log odds by ridge logistic regression, its penalty chosen by log loss."""

    def fit_and_score(x: Values, y: Values, other: Values, penalty: float) -> Values:
        model = LogisticRegression(C=1 / penalty, max_iter=1000).fit(x, y)
        return np.asarray(model.decision_function(other), float)

    def log_loss(scores: Values, y: Values) -> float:
        return float(np.logaddexp(0, (1 - 2 * y) * scores).mean())

    return _penalised(fitted, trait, scored, fit_and_score=fit_and_score, loss=log_loss, seed=seed)


def ridge_scores(fitted: Counts, trait: Values, scored: Counts, *, seed: int) -> Values:
    """Values by ridge regression, its penalty chosen by squared error."""

    def fit_and_score(x: Values, y: Values, other: Values, penalty: float) -> Values:
        return np.asarray(Ridge(penalty, solver="lsqr").fit(x, y).predict(other), float)

    def squared_error(scores: Values, y: Values) -> float:
        return float(((scores - y) ** 2).mean())

    return _penalised(
        fitted, trait, scored, fit_and_score=fit_and_score, loss=squared_error, seed=seed
    )


def _penalised(
    fitted: Counts,
    trait: Values,
    scored: Counts,
    *,
    fit_and_score: Callable[[Values, Values, Values, float], Values],
    loss: Callable[[Values, Values], float],
    seed: int,
) -> Values:
    """Choose the penalty by cross-validation among the fitted people, then fit to all of them."""
    mean, spread = fitted.mean(axis=0), fitted.std(axis=0)
    scale = np.where(spread > CONSTANT, spread, 1)
    x, other = (((people - mean) / scale).astype(np.float32) for people in (fitted, scored))
    penalties = np.array(PENALTIES) * fitted.shape[1]
    fold = np.random.default_rng(seed).permutation(len(trait)) % N_FOLDS
    losses = np.zeros(len(penalties))
    for left_out in (fold == number for number in range(N_FOLDS)):
        for i, penalty in enumerate(penalties):
            scores = fit_and_score(x[~left_out], trait[~left_out], x[left_out], penalty)
            losses[i] += loss(scores, trait[left_out])
    return fit_and_score(x, trait, other, penalties[np.argmin(losses)])
