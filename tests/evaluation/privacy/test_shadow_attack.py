"""Shadow models: a known signal, none, and the design."""

import numpy as np
import pytest
from scipy.stats import norm

from genosynth.evaluation.privacy.shadow_attack import halves, likelihood_ratios, score_models

IS_MEMBER = halves(24, 600, seed=1)


def found(signal: float) -> dict:
    """Statistics that differ from person to person more than by membership."""
    rng = np.random.default_rng(2)
    own = rng.normal(0, 5, 600)
    statistics = own + signal * IS_MEMBER + rng.standard_normal(IS_MEMBER.shape)
    return score_models(likelihood_ratios(statistics, IS_MEMBER), IS_MEMBER, name="shadow")


def test_halves__each_person_is_in_half_of_the_models() -> None:
    assert (IS_MEMBER.sum(axis=0) == 12).all()
    assert (IS_MEMBER.sum(axis=1) == 300).all()
    assert not (IS_MEMBER[0] == IS_MEMBER[1]).any()


@pytest.mark.parametrize("n_models", [4, 7])
def test_halves__too_few_or_an_odd_number_of_models_are_refused(n_models: int) -> None:
    with pytest.raises(ValueError, match="even number"):
        halves(n_models, 10, seed=1)


def test_attack__sees_through_what_people_are_like() -> None:
    """d′ = 1 in the statistic less its person's mean, which 11 or 12 shadows of a kind tell."""
    blurred = 1 / (1 + 1 / 11.5 / 2) ** 0.5
    assert found(1.0)["shadow_auc"].value == pytest.approx(norm.cdf(blurred / 2**0.5), abs=0.015)
    assert found(1.0)["shadow_tpr_at_1pct"].ci_low > 0.03


def test_attack__finds_nothing_where_there_is_nothing() -> None:
    nothing = found(0.0)
    assert nothing["shadow_auc"].value == pytest.approx(0.5, abs=0.015)
    # of 300 strangers three may be reached: chance finds as many as lie above the fourth
    assert nothing["shadow_tpr_at_1pct"].value == pytest.approx(4 / 301, abs=0.004)
