"""Intervals: closed forms, and the rate at which they cover."""

import math

import numpy as np
import pytest

from genosynth.evaluation.estimates import (
    N_GROUPS,
    Estimate,
    ScoreSheet,
    in_group,
    jackknife,
    share_difference,
    share_estimate,
)


def test_share__clopper_pearson_as_published() -> None:
    estimate = share_estimate(10, 1000)
    assert (estimate.ci_low, estimate.ci_high) == pytest.approx((0.0048, 0.0183), abs=5e-5)
    assert share_estimate(0, 100).ci_low == 0
    assert share_estimate(100, 100).ci_high == 1
    assert math.isnan(share_estimate(0, 0).value)


def test_around__stays_within_what_a_value_can_be() -> None:
    estimate = Estimate.around(0.99, 0.02, n=5, limits=(0.0, 1.0))
    assert estimate.ci_high == 1
    assert estimate.ci_low == pytest.approx(0.99 - 1.96 * 0.02, abs=1e-4)


def test_difference__of_shares_is_agresti_and_caffo() -> None:
    estimate = share_difference(7, 2, n=18, n_other=18)
    # shares with one more hit and one more miss: 8/20 and 3/20
    error = math.sqrt((0.4 * 0.6 + 0.15 * 0.85) / 20)
    assert estimate.value == pytest.approx(5 / 18)
    assert estimate.ci_low == pytest.approx(0.25 - 1.96 * error, abs=1e-4)
    assert share_difference(0, 0, n=100, n_other=100).ci_high > 0
    assert math.isnan(share_difference(0, 0, n=0, n_other=5).value)


def jackknife_of_means(values: np.ndarray) -> Estimate:
    n = len(values)
    left_out = [{"mean": float(values[~in_group(n, g)].mean())} for g in range(N_GROUPS)]
    return jackknife({"mean": float(values.mean())}, left_out, counted={"mean": n})["mean"]


def test_jackknife__of_a_mean_is_the_standard_error_of_group_means() -> None:
    values = np.random.default_rng(1).standard_normal(200)
    means = [values[in_group(200, group)].mean() for group in range(N_GROUPS)]
    error = np.std(means, ddof=1) / math.sqrt(N_GROUPS)
    estimate = jackknife_of_means(values)
    assert estimate.value == pytest.approx(values.mean())
    assert estimate.ci_high - estimate.value == pytest.approx(2.093 * error, rel=1e-3)  # t, 19 d.f.


def test_jackknife__covers_at_its_rate() -> None:
    rng = np.random.default_rng(2)
    estimates = [jackknife_of_means(rng.exponential(1, 100)) for _ in range(400)]
    hits = sum(estimate.ci_low < 1 < estimate.ci_high for estimate in estimates)
    assert 0.91 <= hits / 400 <= 0.98


def test_jackknife__without_a_value_is_nan_with_a_count() -> None:
    estimate = jackknife({"r": math.nan}, [{"r": math.nan}] * 20, counted={"r": 6})["r"]
    assert math.isnan(estimate.value)
    assert math.isnan(estimate.ci_low)
    assert estimate.n == 6


def test_sheet__keeps_order_and_time() -> None:
    sheet = ScoreSheet()
    sheet.enter({"b": Estimate(1.0, n=2), "a": Estimate(2.0, n=3)})
    assert [score.metric for score in sheet.scores] == ["b", "a"]
    assert sheet.scores[0].seconds == sheet.scores[1].seconds > 0
