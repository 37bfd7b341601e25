"""Models of a trait given dosages: fitted to some people, they score any others."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Protocol

import numpy as np
import xgboost
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression, Ridge

from genosynth.evaluation.agreement import ratio
from genosynth.evaluation.comparison import chunks

Values = NDArray[np.float64]
Floats = NDArray[np.float32] | Values
Counts = NDArray[np.int8]  # without missing calls
Rows = NDArray[np.intp]
Scorer = Callable[[Counts], Values]  # one score for each person


class Fit(Protocol):
    """Learns a trait from some people."""

    def __call__(
        self, counts: Counts, trait: Values, *, seed: int, who: Rows | None = None
    ) -> Scorer:
        """Give what scores people; seed: of the folds that choose a setting.

        who: the person that each row is, where some are there more than once; a person's rows stay
        in one fold, or those left out would be known.
        """


PENALTIES = (0.1, 0.3, 1.0, 3.0, 10.0, 30.0)  # for each variant; dosages are standardised
N_FOLDS = 3
CONSTANT = 1e-6  # spread below which a dosage does not vary
DEPTHS = (1, 2)  # of trees: variants one by one, variants in pairs
NUMBERS_OF_TREES = range(5, 101, 5)  # one is chosen, with the depth
BOOSTING = {
    "tree_method": "hist",
    "max_bin": 4,  # a dosage has three values
    "eta": 0.2,  # on the demo, half of it needs twice the trees for 0.005 of AUC
    "subsample": 0.8,
    "nthread": 1,
}


def log_loss(log_odds: Values, trait: Values) -> float:
    """Mean nats of a binary trait."""
    return float(np.logaddexp(0, (1 - 2 * trait) * log_odds).mean())


def squared_error(scores: Values, trait: Values) -> float:
    """Mean square of what is missed of a quantitative trait."""
    return float(((scores - trait) ** 2).mean())


# What xgboost minimises under these names, to choose the number of trees by.
LOSSES = {"binary:logistic": log_loss, "reg:squarederror": squared_error}


def fit_prs(counts: Counts, trait: Values, *, seed: int, who: Rows | None = None) -> Scorer:
    """Polygenic scores: dosages weighted by single-variant regression slopes; nothing to choose."""
    mean, spread = _mean_and_spread(counts)
    centred = trait - trait.mean()
    covariance = sum(
        centred[start : start + len(chunk)] @ chunk for start, chunk in _float_chunks(counts)
    ) / len(trait)
    slopes = ratio(covariance, spread**2, above=CONSTANT**2, otherwise=0.0)
    return partial(_weigh, weights=slopes, constant=-float(mean @ slopes))


def given_weights(
    counts: Counts, trait: Values, *, seed: int, who: Rows | None = None, weights: Values
) -> Scorer:
    """Polygenic scores by weights (n_variants,) made elsewhere: nothing is learnt."""
    return partial(_weigh, weights=weights, constant=0.0)


def fit_logistic(counts: Counts, trait: Values, *, seed: int, who: Rows | None = None) -> Scorer:
    """Log odds by ridge logistic regression, its penalty chosen by log loss."""

    def fit(x: Floats, y: Values, penalty: float) -> tuple[Values, float]:
        model = LogisticRegression(C=1 / penalty, max_iter=1000).fit(x, y)
        return model.coef_[0], float(model.intercept_[0])

    return _fit_penalised(counts, trait, fit=fit, loss=log_loss, seed=seed, who=who)


def fit_ridge(counts: Counts, trait: Values, *, seed: int, who: Rows | None = None) -> Scorer:
    """Values by ridge regression, its penalty chosen by squared error."""

    def fit(x: Floats, y: Values, penalty: float) -> tuple[Values, float]:
        model = Ridge(penalty, solver="lsqr").fit(x, y)
        return model.coef_, float(model.intercept_)

    return _fit_penalised(counts, trait, fit=fit, loss=squared_error, seed=seed, who=who)


def fit_trees(
    counts: Counts, trait: Values, *, seed: int, who: Rows | None = None, objective: str
) -> Scorer:
    """Log odds or values by boosted trees, depth and number chosen by the objective's loss."""
    options = [
        BOOSTING | {"objective": objective, "max_depth": depth, "seed": seed} for depth in DEPTHS
    ]
    losses = np.zeros((len(DEPTHS), len(NUMBERS_OF_TREES)))
    for left_out in _folds(len(trait), seed, who):
        fitting = _matrix(counts[~left_out], trait[~left_out])
        for i, option in enumerate(options):
            booster = xgboost.train(option, fitting, max(NUMBERS_OF_TREES))
            for j, n_trees in enumerate(NUMBERS_OF_TREES):
                scores = _margins(booster[:n_trees], counts[left_out])
                losses[i, j] += LOSSES[objective](scores, trait[left_out])
    depth, number = np.unravel_index(np.argmin(losses), losses.shape)
    booster = xgboost.train(options[depth], _matrix(counts, trait), NUMBERS_OF_TREES[number])
    return partial(_margins, booster)


def _matrix(counts: Counts, trait: Values) -> xgboost.DMatrix:
    # a QuantileDMatrix takes twice as long to make
    return xgboost.DMatrix(counts, trait, nthread=BOOSTING["nthread"])


def _margins(booster: xgboost.Booster, counts: Counts) -> Values:
    return np.asarray(booster.inplace_predict(counts, predict_type="margin"), float)


def _fit_penalised(
    counts: Counts,
    trait: Values,
    *,
    fit: Callable[[Floats, Values, float], tuple[Values, float]],
    loss: Callable[[Values, Values], float],
    seed: int,
    who: Rows | None,
) -> Scorer:
    """Choose the penalty by cross-validation among the fitted people, then fit to all of them."""
    mean, spread = _mean_and_spread(counts)
    scale = np.where(spread > CONSTANT, spread, 1)
    x = counts.astype(np.float32)
    x -= mean.astype(np.float32)
    x /= scale.astype(np.float32)
    penalties = np.array(PENALTIES) * counts.shape[1]
    losses = np.zeros(len(penalties))
    for left_out in _folds(len(trait), seed, who):
        fitting, judging = x[~left_out], x[left_out]
        for i, penalty in enumerate(penalties):
            weights, constant = fit(fitting, trait[~left_out], penalty)
            losses[i] += loss(judging @ weights + constant, trait[left_out])
    weights, constant = fit(x, trait, penalties[np.argmin(losses)])
    weights = weights / scale
    return partial(_weigh, weights=weights, constant=constant - float(mean @ weights))


def _folds(n_rows: int, seed: int, who: Rows | None) -> Iterator[NDArray[np.bool_]]:
    """Masks of the rows left out in each round."""
    people = np.arange(n_rows) if who is None else who
    fold = np.random.default_rng(seed).permutation(people.max(initial=-1) + 1) % N_FOLDS
    return (fold[people] == number for number in range(N_FOLDS))


def _mean_and_spread(counts: Counts) -> tuple[Values, Values]:
    mean = counts.mean(axis=0)
    square = (counts * counts).mean(axis=0)  # at most 4: stays within int8
    return mean, np.sqrt(np.maximum(square - mean**2, 0))


def _float_chunks(counts: Counts) -> Iterator[tuple[int, NDArray[np.float32]]]:
    """Dosages as floats, some people at a time, with the number of the first of them."""
    start = 0
    for chunk in chunks(counts):
        yield start, chunk.astype(np.float32)
        start += len(chunk)


def _weigh(counts: Counts, *, weights: Values, constant: float) -> Values:
    parts = [chunk @ weights + constant for _, chunk in _float_chunks(counts)]
    return np.concatenate([np.zeros(0), *parts])
