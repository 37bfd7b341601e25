"""How well a model judges people in its arms: areas, precision, calibration, explained variance.

Two arms are compared on the same people, so that chance in who was held out cancels.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import expit, logit

from genosynth.evaluation.agreement import ratio
from genosynth.evaluation.estimates import (
    CORRELATION,
    N_GROUPS,
    SHARE,
    Estimate,
    in_group,
    jackknife,
)
from genosynth.evaluation.roc import aucs
from genosynth.evaluation.utility.arms import (
    AUGMENTED,
    BALANCED,
    CONTROL,
    REAL,
    REWEIGHTED,
    TRTR,
    TRTS,
    TSTR,
    Arm,
    Pupil,
)
from genosynth.evaluation.utility.predictors import Values

MAX_STEPS = 50  # of Newton's method, which needs under ten where there is a solution

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Measured:
    """One value for each row of scores of the same people, and the covariance of their errors."""

    values: Values  # (n_rows,)
    covariance: NDArray[np.float64]  # (n_rows, n_rows)
    n: int

    def of(self, *signs: int) -> Estimate:
        """Estimate a sum of the values, each with its sign."""
        sign = np.array(signs)
        variance = max(float(sign @ self.covariance @ sign), 0.0)  # rounding can leave −1e-18
        return Estimate.around(
            float(sign @ self.values), variance**0.5, n=self.n, limits=CORRELATION
        )


class Measure(Protocol):
    """How well scores of people go with their trait."""

    def __call__(self, scores: Values, trait: Values, *, n_bootstrap: int, seed: int) -> Measured:
        """Measure each row of scores (n_rows, n_people)."""


def measure_auc(scores: Values, trait: Values, *, n_bootstrap: int, seed: int) -> Measured:
    """AUC for cases (1) against controls (0); the covariance is DeLong's."""
    measured = aucs(scores, trait == 1)
    return Measured(measured.areas, measured.covariance, len(trait))


def measure_r2(scores: Values, trait: Values, *, n_bootstrap: int, seed: int) -> Measured:
    """Signed r²; the covariance is that of bootstrap samples of people."""
    n = len(trait)
    if not n:
        nothing = np.full(len(scores), np.nan)
        return Measured(nothing, np.outer(nothing, nothing), n)
    rng = np.random.default_rng(seed)
    weights = np.vstack([np.ones(n), rng.multinomial(n, [1 / n] * n, n_bootstrap)])
    values = np.stack([signed_r2(each, trait, weights) for each in scores])  # (n_rows, 1 + n)
    covariance = np.atleast_2d(np.cov(values[:, 1:], bias=True))
    return Measured(values[:, 0], covariance, n)


MEASURES: dict[str, Measure] = {"auc": measure_auc, "r2": measure_r2}


def measure_arms(pupil: Pupil, *arms: Arm, by: str, among: Mask | None = None) -> Measured:
    """Measure arms that judge the same people; among: these of them only."""
    people = slice(None) if among is None else among
    scores, trait = pupil.scores(*arms)[:, people], pupil.judged(arms[0]).trait[people]
    return MEASURES[by](scores, trait, n_bootstrap=pupil.n_bootstrap, seed=pupil.seed)


def arm_scores(pupil: Pupil, *, by: str) -> dict[str, Estimate]:
    """Score held-out people in both arms with the gap, and synthetic people."""
    on_holdout = measure_arms(pupil, TSTR, TRTR, by=by)
    return {
        f"tstr_{by}": on_holdout.of(1, 0),
        f"trtr_{by}": on_holdout.of(0, 1),
        f"trts_{by}": measure_arms(pupil, TRTS, by=by).of(1),
        "tstr_gap": on_holdout.of(1, -1),
    }


def excess(pupil: Pupil, *, by: str) -> dict[str, Estimate]:
    """Score synthetic people beyond the control."""
    return {"trts_excess": beyond(pupil, TRTS, CONTROL, by=by)}


def carried_over(pupil: Pupil, *, by: str) -> dict[str, Estimate]:
    """Score synthetic people by weights made elsewhere, and beyond held-out people by the same."""
    return {
        f"pgs_{by}": measure_arms(pupil, TRTS, by=by).of(1),
        "pgs_gap": beyond(pupil, TRTS, TRTR, by=by),
    }


def beyond(pupil: Pupil, arm: Arm, other: Arm, *, by: str) -> Estimate:
    """Difference of two arms that judge different people: variances add up."""
    found, control = (measure_arms(pupil, each, by=by) for each in (arm, other))
    both = Measured(
        np.concatenate([found.values, control.values]),
        np.diag([found.covariance[0, 0], control.covariance[0, 0]]),
        found.n,
    )
    return both.of(1, -1)


def augmentation(pupil: Pupil, *, by: str) -> dict[str, Estimate]:
    """Score what adding synthetic people to all training people gains."""
    return {"augmentation_gain": measure_arms(pupil, AUGMENTED, REAL, by=by).of(1, -1)}


def balancing(pupil: Pupil) -> dict[str, Estimate]:
    """Score what synthetic people of the rarer class gain, and what their number alone does."""
    found = measure_arms(pupil, BALANCED, REWEIGHTED, REAL, by="auc")
    return {"balancing_gain": found.of(1, -1, 0), "reweighting_gain": found.of(0, 1, -1)}


def precision_scores(pupil: Pupil) -> dict[str, Estimate]:
    """Average precision on held-out people of both arms, by jackknife."""
    arms = {"tstr_auprc": TSTR, "trtr_auprc": TRTR}
    is_case = pupil.judged(TSTR).trait == 1
    scores = dict(zip(arms, pupil.scores(*arms.values()), strict=True))

    def measure(among: Mask) -> dict[str, float]:
        return {name: average_precision(s[among], is_case[among]) for name, s in scores.items()}

    n = len(is_case)
    return jackknife(
        measure(np.ones(n, bool)),
        [measure(~in_group(n, group)) for group in range(N_GROUPS)],
        counted=dict.fromkeys(arms, n),
        limits=dict.fromkeys(arms, SHARE),
    )


def calibration(pupil: Pupil) -> dict[str, Estimate]:
    """Slope and intercept of held-out people's outcome on log odds learnt from synthetic people."""
    log_odds, is_case = pupil.scores(TSTR)[0], pupil.judged(TSTR).trait == 1
    found = {"slope": calibration_slope, "intercept": calibration_intercept}
    return {
        f"tstr_calibration_{name}": Estimate.around(*find(log_odds, is_case), n=len(is_case))
        for name, find in found.items()
    }


def signed_r2(scores: Values, trait: Values, weights: Values) -> Values:
    """r·|r| of scores and trait for each row of weights (n_rows, n_people)."""
    total = weights.sum(axis=1)
    x, y, xx, yy, xy = (
        weights @ column / total for column in (scores, trait, scores**2, trait**2, scores * trait)
    )
    variance = (xx - x**2) * (yy - y**2)
    r = ratio(xy - x * y, np.sqrt(np.maximum(variance, 0)))
    return np.asarray(r * np.abs(r))


def average_precision(scores: Values, is_case: Mask) -> float:
    """Precision at each threshold, weighted by the cases it adds; ties share a threshold.

    NaN without cases or scores. A model that knows nothing reaches the share of cases.

    >>> round(average_precision(np.array([3.0, 2.0, 1.0]), np.array([True, False, True])), 4)
    0.8333
    """
    if not is_case.any() or not np.isfinite(scores).all():
        return float("nan")
    order = np.argsort(-scores, kind="stable")
    last_of_tie = np.r_[np.flatnonzero(np.diff(scores[order])), len(scores) - 1]
    n_found = np.cumsum(is_case[order])[last_of_tie]
    return float(np.diff(n_found, prepend=0) @ (n_found / (last_of_tie + 1)) / n_found[-1])


# Cox 1958: logit P(case) = intercept + slope · log odds, by maximum likelihood.
def calibration_slope(log_odds: Values, is_case: Mask) -> tuple[float, float]:
    """Slope of the outcome on a model's log odds, and its standard error.

    1: as sure as it should be; below, too sure; 0: it knows nothing. NaN where log odds do not
    vary or separate the classes, so that no slope fits best.
    """
    spread = log_odds.std()
    if not spread > 0 or not 0 < is_case.mean() < 1:
        return float("nan"), float("nan")
    x = np.stack([np.ones(len(log_odds)), (log_odds - log_odds.mean()) / spread], axis=1)
    weights = np.array([logit(is_case.mean()), 0.0])
    for _ in range(MAX_STEPS):
        chance = expit(x @ weights)
        information = (x.T * (chance * (1 - chance))) @ x
        if not np.linalg.det(information) > 0:
            break
        step = np.linalg.solve(information, x.T @ (is_case - chance))
        weights = weights + step
        if np.abs(step).max() < 1e-8:
            error = np.sqrt(np.linalg.inv(information)[1, 1])
            return float(weights[1] / spread), float(error / spread)
    return float("nan"), float("nan")


# Calibration in the large: Cox 1958 with the slope held at 1.
def calibration_intercept(log_odds: Values, is_case: Mask) -> tuple[float, float]:
    """What must be added to a model's log odds to foretell as many cases as there are, and its SE.

    0: as many as predicted; above, more. NaN where there are no cases, no controls or no scores.
    """
    if not np.isfinite(log_odds).all() or not 0 < is_case.mean() < 1:
        return float("nan"), float("nan")
    wanted = logit(is_case.mean()) - log_odds  # of each person alone; the answer lies between

    def too_many(added: float) -> float:
        return float(expit(log_odds + added).sum() - is_case.sum())

    low, high = float(wanted.min()), float(wanted.max())
    added = brentq(too_many, low, high) if high - low > 1e-9 else (low + high) / 2
    chance = expit(log_odds + added)
    return float(added), float((chance * (1 - chance)).sum() ** -0.5)
