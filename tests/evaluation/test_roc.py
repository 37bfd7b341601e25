"""Areas under ROC curves: by hand, by another implementation, by the bootstrap."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from genosynth.evaluation.roc import auc, aucs, roc_points


def noisy_scores(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    is_case = rng.random(n) < 0.3
    shared = rng.standard_normal(n)
    scores = np.stack([is_case + shared, is_case / 2 + shared + rng.standard_normal(n)])
    return scores.round(1), is_case  # rounding makes ties


def test_auc__counts_ties_half() -> None:
    # pairs (case, control): 2>1, 2=2, 3>1, 3>2
    is_case = np.array([False, False, True, True])
    assert auc(np.array([1.0, 2.0, 2.0, 3.0]), is_case) == 3.5 / 4
    assert auc(np.zeros(4), is_case) == 0.5


def test_auc__equals_sklearn() -> None:
    scores, is_case = noisy_scores(500, 1)
    assert aucs(scores, is_case).areas == pytest.approx(
        [roc_auc_score(is_case, each) for each in scores]
    )


def test_auc__covariance_equals_the_bootstrap() -> None:
    scores, is_case = noisy_scores(400, 2)
    rng = np.random.default_rng(3)
    draws = [rng.integers(0, 400, 400) for _ in range(1500)]
    resampled = np.cov(np.stack([aucs(scores[:, i], is_case[i]).areas for i in draws]).T)
    assert aucs(scores, is_case).covariance == pytest.approx(resampled, rel=0.15)


def test_auc__of_an_empty_class_is_nan() -> None:
    measured = aucs(np.zeros((2, 3)), np.zeros(3, bool))
    assert np.isnan(measured.areas).all()
    assert np.isnan(measured.covariance).all()


def test_roc__area_under_the_points_is_the_auc() -> None:
    scores, is_case = noisy_scores(300, 4)
    fpr, tpr = roc_points(scores[0], is_case)
    assert (fpr[0], tpr[0], fpr[-1], tpr[-1]) == (0, 0, 1, 1)
    assert np.trapezoid(tpr, fpr) == pytest.approx(auc(scores[0], is_case))


def test_roc__has_at_most_200_points() -> None:
    rng = np.random.default_rng(5)
    fpr, _ = roc_points(rng.random(5000), rng.random(5000) < 0.5)
    assert len(fpr) == 200
    assert (np.diff(fpr) >= 0).all()
