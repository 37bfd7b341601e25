"""Measures of prediction against scikit-learn, closed forms and simulated truth."""

import numpy as np
import pytest
from scipy.special import expit, logit
from scipy.stats import norm
from scipy.stats import t as student
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score

from genosynth.evaluation.utility.measures import (
    MEASURES,
    Measured,
    average_precision,
    calibration_intercept,
    calibration_slope,
    measure_auc,
    signed_r2,
)

RESAMPLED = {"n_bootstrap": 200, "seed": 1}


def test_measured__sum_has_the_variance_of_a_sum() -> None:
    found = Measured(np.array([0.7, 0.6]), np.array([[4.0, 1.0], [1.0, 9.0]]) * 1e-4, 50)
    gap = found.of(1, -1)
    assert (gap.value, gap.n) == (pytest.approx(0.1), 50)
    assert (gap.ci_high - gap.ci_low) / 2 == pytest.approx(1.96 * np.sqrt(11e-4), rel=1e-3)


@pytest.mark.parametrize("by", MEASURES)
def test_gap__interval_is_paired(by: str) -> None:
    rng = np.random.default_rng(1)
    is_case = rng.random(800) < 0.3
    shared = rng.standard_normal(800) + is_case
    both = np.stack([shared, shared + 0.05 * rng.standard_normal(800)])
    trait = {"auc": is_case.astype(float), "r2": rng.standard_normal(800) + shared}[by]
    found = MEASURES[by](both, trait, **RESAMPLED)
    alone, gap = found.of(1, 0), found.of(1, -1)
    assert gap.ci_high - gap.ci_low < 0.2 * (alone.ci_high - alone.ci_low)


def simulate_pair(by: str, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Two correlated scores of 400 people, (2, 400), and their trait."""
    shared, own = rng.standard_normal(400), rng.standard_normal((2, 400))
    noise = np.sqrt(0.8) * shared + np.sqrt(0.2) * own
    if by == "auc":
        trait = (rng.random(400) < 0.25).astype(float)
        return noise + np.outer([0.8, 0.6], trait), trait
    trait = rng.standard_normal(400)
    r = np.array([[0.5], [0.4]])
    return r * trait + np.sqrt(1 - r**2) * noise, trait


TRUE_GAP = {"auc": norm.cdf(0.8 / 2**0.5) - norm.cdf(0.6 / 2**0.5), "r2": 0.5**2 - 0.4**2}


def gap_in_five_folds(by: str, both: np.ndarray, trait: np.ndarray) -> tuple[float, float]:
    """Interval of the mean of five gaps, each among a fifth of the people."""
    folds = [
        MEASURES[by](both[:, i::5], trait[i::5], n_bootstrap=2, seed=1).values for i in range(5)
    ]
    gaps = np.array([values[0] - values[1] for values in folds])
    reach = student.ppf(0.975, 4) * gaps.std(ddof=1) / np.sqrt(5)
    return gaps.mean() - reach, gaps.mean() + reach


@pytest.mark.parametrize("by", MEASURES)
def test_gap__of_all_people_holds_the_truth_as_five_folds_do_and_is_narrower(by: str) -> None:
    rng = np.random.default_rng(11)
    intervals = []
    for _ in range(1000):
        both, trait = simulate_pair(by, rng)
        gap = MEASURES[by](both, trait, **RESAMPLED).of(1, -1)
        intervals.append([(gap.ci_low, gap.ci_high), gap_in_five_folds(by, both, trait)])
    low, high = np.moveaxis(np.array(intervals), 2, 0)  # (1000, 2)
    held = ((low <= TRUE_GAP[by]) & (TRUE_GAP[by] <= high)).mean(axis=0)
    assert held == pytest.approx(0.95, abs=0.03)
    width, width_of_folds = (high - low).mean(axis=0)
    assert width_of_folds == pytest.approx(1.33 * width, rel=0.07)  # Student's t of 4 degrees
    spread, spread_of_folds = (high - low).std(axis=0) / (high - low).mean(axis=0)
    assert spread < 0.15 < 0.3 < spread_of_folds


def test_auc__of_a_separating_score_is_one() -> None:
    trait = np.repeat([0.0, 1.0], 20)
    assert measure_auc(np.stack([trait, -trait]), trait, **RESAMPLED).values.tolist() == [1, 0]


def test_r2__is_signed() -> None:
    x = np.random.default_rng(1).standard_normal(50)
    y = x + np.random.default_rng(2).standard_normal(50)
    r = np.corrcoef(x, y)[0, 1]
    once = np.ones((1, 50))
    assert signed_r2(x, y, once)[0] == pytest.approx(r**2)
    assert signed_r2(-x, y, once)[0] == pytest.approx(-(r**2))
    assert np.isnan(signed_r2(np.zeros(50), y, once)[0])


@pytest.mark.parametrize("n_values", [3, 10, 10**6])
def test_average_precision__equals_that_of_scikit_learn(n_values: int) -> None:
    rng = np.random.default_rng(n_values)
    is_case = rng.random(300) < 0.1
    scores = rng.integers(0, n_values, 300) + n_values * 0.3 * is_case
    expected = average_precision_score(is_case, scores)
    assert average_precision(scores, is_case) == pytest.approx(expected)


def test_average_precision__of_ignorance_is_the_share_of_cases() -> None:
    is_case = np.arange(200) < 30
    assert average_precision(np.zeros(200), is_case) == pytest.approx(0.15)
    assert np.isnan(average_precision(np.zeros(200), np.zeros(200, bool)))


def test_calibration__of_two_log_odds_is_a_log_odds_ratio() -> None:
    cases, controls = np.array([30, 60]), np.array([170, 90])
    log_odds = np.repeat([-1.0, 1.0, -1.0, 1.0], [*cases, *controls])
    is_case = np.repeat([True, False], [cases.sum(), controls.sum()])
    slope, error = calibration_slope(log_odds, is_case)
    assert slope == pytest.approx(np.log(60 * 170 / (30 * 90)) / 2)
    assert error == pytest.approx(np.sqrt((1 / cases).sum() + (1 / controls).sum()) / 2)


@pytest.mark.parametrize("factor", [0.5, 1.0, 2.0, -1.0])
def test_calibration__finds_how_far_log_odds_are_exaggerated(factor: float) -> None:
    rng = np.random.default_rng(3)
    log_odds = rng.normal(0, 1.2, 20_000)
    is_case = rng.random(20_000) < expit(log_odds - 2)
    slope, error = calibration_slope(factor * log_odds, is_case)
    assert abs(slope - 1 / factor) < 3.5 * error < 0.15
    other = LogisticRegression(C=1e9).fit(factor * log_odds[:, None], is_case)
    assert slope == pytest.approx(other.coef_[0, 0], rel=5e-3)


def test_calibration_intercept__of_one_risk_is_a_difference_of_log_odds() -> None:
    is_case = np.arange(200) < 30
    added, error = calibration_intercept(np.full(200, -1.0), is_case)
    assert added == pytest.approx(logit(0.15) + 1)
    assert error == pytest.approx((200 * 0.15 * 0.85) ** -0.5)


def test_calibration_intercept__holds_what_was_taken_away_at_its_rate() -> None:
    rng = np.random.default_rng(4)
    held = []
    for _ in range(1000):
        log_odds = rng.normal(-1, 1.2, 500)
        added, error = calibration_intercept(log_odds - 0.7, rng.random(500) < expit(log_odds))
        held.append(abs(added - 0.7) < 1.96 * error)
    assert np.mean(held) == pytest.approx(0.95, abs=0.02)


def test_calibration_intercept__without_cases_or_scores_is_nan() -> None:
    assert np.isnan(calibration_intercept(np.arange(40.0), np.zeros(40, bool))).all()
    assert np.isnan(calibration_intercept(np.full(40, np.nan), np.arange(40) < 20)).all()


def test_calibration__without_a_best_slope_is_nan() -> None:
    is_case = np.arange(40) >= 20
    for log_odds in (np.zeros(40), np.where(is_case, 1.0, -1.0), np.arange(40.0)):
        assert np.isnan(calibration_slope(log_odds, is_case)).all()
    assert np.isnan(calibration_slope(np.arange(40.0), np.zeros(40, bool))).all()
