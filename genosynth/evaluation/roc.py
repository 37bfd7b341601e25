"""Areas under ROC curves with ties counted ½, and their covariance."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

N_POINTS = 200  # of a drawn curve


@dataclass(frozen=True)
class Aucs:
    """Areas of several classifiers on the same people, and the covariance of their errors."""

    areas: NDArray[np.float64]  # (n_classifiers,)
    covariance: NDArray[np.float64]  # (n_classifiers, n_classifiers)


# DeLong, DeLong and Clarke-Pearson 1988, with the ranks of Sun and Xu 2014.
def aucs(scores: NDArray[np.float64], is_case: NDArray[np.bool_]) -> Aucs:
    """Areas of classifiers (n_classifiers, n_people) that should give cases the larger scores.

    NaN where a class is empty; a class of one person has no variance (NaN covariance).
    """
    cases, controls = scores[:, is_case], scores[:, ~is_case]
    n_cases, n_controls = cases.shape[1], controls.shape[1]
    if not n_cases or not n_controls:
        empty = np.full(len(scores), np.nan)
        return Aucs(empty, np.outer(empty, empty))
    ranks = average_ranks(scores)
    # share of the other class that each person is placed above
    placed_cases = (ranks[:, is_case] - average_ranks(cases)) / n_controls
    placed_controls = 1 - (ranks[:, ~is_case] - average_ranks(controls)) / n_cases
    covariance = np.full((len(scores),) * 2, np.nan)
    if min(n_cases, n_controls) > 1:
        covariance = np.cov(placed_cases) / n_cases + np.cov(placed_controls) / n_controls
    return Aucs(placed_cases.mean(axis=1), np.atleast_2d(covariance))


def average_ranks(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rank each row from 1; ties share the mean of their ranks, NaN ranks nothing.

    >>> average_ranks(np.array([[0.5, 0.1, 0.5]]))
    array([[2.5, 1. , 2.5]])
    """
    ranks = np.empty(scores.shape)
    for row, values in zip(ranks, scores, strict=True):
        _, position, n = np.unique(values, return_inverse=True, return_counts=True)
        row[:] = (np.cumsum(n) - (n - 1) / 2)[position]
    ranks[np.isnan(scores).any(axis=1)] = np.nan
    return ranks


def auc(scores: NDArray[np.float64], is_case: NDArray[np.bool_]) -> float:
    """Area of one classifier.

    >>> auc(np.array([1.0, 2.0, 2.0, 3.0]), np.array([False, False, True, True]))
    0.875
    """
    return float(aucs(scores[None], is_case).areas[0])


def roc_points(
    scores: NDArray[np.float64], is_case: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """False and true positive rates from (0, 0) to (1, 1), at most N_POINTS of them."""
    order = np.argsort(-scores, kind="stable")
    last_of_tie = np.r_[np.flatnonzero(np.diff(scores[order])), len(scores) - 1]
    true, false = np.cumsum(is_case[order]), np.cumsum(~is_case[order])
    chosen = last_of_tie[
        np.unique(np.linspace(0, len(last_of_tie) - 1, N_POINTS - 1).astype(np.intp))
    ]
    return (
        np.r_[0, false[chosen] / max(false[-1], 1)],
        np.r_[0, true[chosen] / max(true[-1], 1)],
    )
