"""Agreement of two scans that share nothing but chance: its closed forms."""

import numpy as np
import pytest
from scipy.stats import chi2

from genosynth.evaluation.concordance import (
    MEDIAN_CHI2,
    lambda_gc,
    sign_concordance,
    top_overlap,
)

Z, OTHER = np.random.default_rng(1).standard_normal((2, 20_000))


def test_chance__has_lambda_one_half_of_the_signs_and_a_tenth_of_the_top() -> None:
    assert pytest.approx(chi2(1).median(), abs=1e-4) == MEDIAN_CHI2
    assert lambda_gc(Z) == pytest.approx(1, abs=0.03)
    assert sign_concordance(Z, OTHER) == pytest.approx(0.5, abs=0.06)
    assert top_overlap(Z, OTHER) == pytest.approx(0.1, abs=0.03)


def test_signs__of_what_has_no_result_are_not_counted() -> None:
    z_of_train = np.array([3.0, -3.0, 3.0, 1.0])
    assert sign_concordance(np.array([2.0, 2.0, np.nan, 2.0]), z_of_train) == 0.5
    assert np.isnan(sign_concordance(np.full(4, np.nan), z_of_train))


def test_overlap__counts_shared_members_of_both_tops() -> None:
    strongest = np.r_[np.arange(1.0, 11), np.zeros(90)]
    moved = -strongest
    moved[[9, 50]] = 0, 8.5  # of the ten strongest one is lost, another gained
    assert top_overlap(moved, strongest) == pytest.approx(0.9)
    assert sign_concordance(moved, strongest) == 0
