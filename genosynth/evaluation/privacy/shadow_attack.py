"""Membership by shadow models: what somebody finds who can train the whole pipeline again.

LiRA (Carlini et al. 2022, Membership Inference Attacks From First Principles). Many models are
trained, each on a random half of a pool of people. How does a statistic of a person, such as the
nearness of synthetic people, differ between releases of models that saw the person and of models
that did not? A release is judged by the likelihood ratio of the two normal distributions.
"""

import numpy as np
from numpy.typing import NDArray

from genosynth.evaluation.estimates import SHARE, Estimate
from genosynth.evaluation.privacy.thresholds import n_caught
from genosynth.evaluation.roc import aucs

FEWEST_MODELS = 6  # so that every person is in two shadows, and out of two, beside the target

Values = NDArray[np.float64]
Mask = NDArray[np.bool_]


def halves(n_models: int, n_people: int, *, seed: int) -> Mask:
    """Who is trained on, (n_models, n_people): models in pairs, each person in one of the two.

    Raises:
        ValueError: the number of models is odd or below FEWEST_MODELS.
    """
    if n_models % 2 or n_models < FEWEST_MODELS:
        raise ValueError(f"{n_models} models: an even number from {FEWEST_MODELS} on is needed")
    rng = np.random.default_rng(seed)
    is_member = np.zeros((n_models, n_people), bool)
    for first in range(0, n_models, 2):
        chosen = rng.permutation(n_people)[: n_people // 2]
        is_member[first, chosen] = True
        is_member[first + 1] = ~is_member[first]
    return is_member


def likelihood_ratios(statistics: Values, is_member: Mask) -> Values:
    """Score people by model, (n_models, n_people), each model by the others as its shadows.

    Means are a person's own, the two variances those of everybody: a person's own variance is not
    to be had from a few shadows.
    """
    scores = np.zeros_like(statistics)
    for target in range(len(statistics)):
        others = np.arange(len(statistics)) != target
        seen, unseen = (_fit(statistics[others], mask[others]) for mask in (is_member, ~is_member))
        scores[target] = _log_normal(statistics[target], *seen) - _log_normal(
            statistics[target], *unseen
        )
    return scores


def score_models(scores: Values, is_member: Mask, *, name: str) -> dict[str, Estimate]:
    """AUC, and share of members found at 1 % false alarms: means over models, t intervals."""
    areas = [
        float(aucs(own[None], members).areas[0])
        for own, members in zip(scores, is_member, strict=True)
    ]
    found = [
        n_caught(own[members], own[~members]) / members.sum()
        for own, members in zip(scores, is_member, strict=True)
    ]
    return {
        f"{name}_{what}": Estimate.around(
            float(np.mean(values)),
            float(np.std(values, ddof=1) / len(values) ** 0.5),
            n=is_member.size,
            degrees=len(values) - 1,
            limits=SHARE,
        )
        for what, values in (("auc", areas), ("tpr_at_1pct", found))
    }


def _fit(statistics: Values, counts: Mask) -> tuple[Values, float]:
    """Mean of each person over the models that count, and the standard deviation about it."""
    n = counts.sum(axis=0)
    mean = (statistics * counts).sum(axis=0) / n
    squares = float((((statistics - mean) * counts) ** 2).sum())
    return mean, (squares / max(int((n - 1).sum()), 1)) ** 0.5 or 1.0


def _log_normal(values: Values, mean: Values, sd: float) -> Values:
    return np.asarray(-(((values - mean) / sd) ** 2) / 2 - np.log(sd))
