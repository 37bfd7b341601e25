"""The threshold rule, by hand."""

import numpy as np
import pytest

from genosynth.evaluation.privacy.thresholds import n_allowed, n_caught

STRANGERS = np.arange(200.0)  # two of them may be accused: 198 and 199


@pytest.mark.parametrize(("n", "allowed"), [(99, 0), (100, 1), (199, 1), (200, 2), (700, 7)])
def test_allowed__is_the_share_rounded_down(n: int, allowed: int) -> None:
    assert n_allowed(n, 0.01) == allowed


def test_allowed__is_not_fooled_by_binary_fractions() -> None:
    assert n_allowed(100, 0.29) == 29  # 0.29 × 100 = 28.999…


def test_caught__are_those_above_the_first_stranger_who_must_go_free() -> None:
    suspects = np.array([500.0, 199.0, 197.5, 197.0, 3.0])
    assert n_caught(suspects, STRANGERS) == 3


def test_caught__ties_go_free() -> None:
    # Three strangers share the highest value, two may be accused: none of them can be.
    tied = np.r_[STRANGERS[:197], 300.0, 300.0, 300.0]
    assert n_caught(np.array([300.0, 299.0, 300.5]), tied) == 1


def test_caught__of_few_strangers_none_may_be_accused() -> None:
    assert n_caught(np.array([9.0, 50.0, 51.0]), np.arange(51.0)) == 1


def test_caught__all_where_everybody_may_be_accused() -> None:
    assert n_caught(np.array([-5.0, 1.0]), STRANGERS, false_alarms=1.0) == 2


def test_caught__strangers_among_themselves_are_never_more_than_allowed() -> None:
    rng = np.random.default_rng(1)
    for n in rng.integers(1, 500, 50):
        values = rng.integers(0, 40, n).astype(float)  # many ties
        assert n_caught(values, values) <= n_allowed(n, 0.01)
