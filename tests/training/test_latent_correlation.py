"""The tetrachoric series against simulation, and the fit of a root against its derivative."""

import numpy as np
import pytest
from scipy.optimize import check_grad
from scipy.special import ndtri

from genosynth.training.latent_correlation import (
    hermite_coefficients,
    pair_series,
    value_and_slope,
)
from genosynth.training.linkage import LinkageTarget, _loss, blocks_of_neighbours, fit_root

THRESHOLDS = -ndtri(np.array([[0.6, 0.3], [0.2, 0.05]]).T)[None]  # one group, two variants


@pytest.mark.parametrize("latent", [-0.6, 0.1, 0.5, 0.9])
def test_series__is_the_covariance_of_dosages(latent):
    generator = np.random.default_rng(1)
    first, other = generator.normal(size=(2, 400_000))
    second = latent * first + np.sqrt(1 - latent**2) * other
    counts = [
        (value[:, None] > THRESHOLDS[0, :, variant]).sum(axis=1)
        for variant, value in enumerate((first, second))
    ]
    coefficients = hermite_coefficients(THRESHOLDS, np.ones(1))
    series = pair_series(coefficients, np.array([0]), np.array([1]))
    value, _ = value_and_slope(series, np.array([latent], np.float32))
    assert value[0] == pytest.approx(np.cov(*counts)[0, 1], abs=0.003)


def target(correlations: np.ndarray) -> LinkageTarget:
    """Pairs whose dosage correlation is their latent one."""
    first, second = np.triu_indices(len(correlations), 1)
    n_pairs = len(first)
    return LinkageTarget(
        variance=np.ones(len(correlations)),
        first=first,
        second=second,
        correlations=correlations[first, second].astype(np.float32),
        series=np.ones((1, n_pairs), np.float32),
        fixed=np.zeros(n_pairs, np.float32),
        scale=np.ones(n_pairs, np.float32),
    )


def test_fit_root__finds_a_possible_matrix_and_the_nearest_to_an_impossible_one():
    distance = abs(np.subtract.outer(np.arange(6), np.arange(6)))
    possible = 0.7**distance
    root = fit_root(target(possible))
    np.testing.assert_allclose(root @ root.T, possible, atol=2e-3)

    impossible = np.array([[1, -0.9, -0.9], [-0.9, 1, -0.9], [-0.9, -0.9, 1]])
    root = fit_root(target(impossible))
    # By symmetry the nearest correlation matrix has −1/2 everywhere.
    np.testing.assert_allclose((root @ root.T)[np.triu_indices(3, 1)], -0.5, atol=2e-3)


def test_loss__has_the_gradient_it_says():
    generator = np.random.default_rng(2)
    goal = target(np.corrcoef(generator.normal(size=(5, 8))))
    root = generator.normal(size=25)
    error = check_grad(
        lambda flat: _loss(flat.reshape(5, 5), goal)[0],
        lambda flat: _loss(flat.reshape(5, 5), goal)[1],
        root,
        epsilon=1e-3,
    )
    assert error < 1e-2 * np.linalg.norm(_loss(root.reshape(5, 5), goal)[1])


def test_blocks_of_neighbours__are_cut_where_nothing_is_linked(monkeypatch):
    monkeypatch.setattr("genosynth.training.linkage.MOST_LINKED", 10)
    correlations = np.zeros((27, 27))
    for start, stop in ((0, 7), (7, 16), (16, 27)):
        correlations[start:stop, start:stop] = 0.5
    blocks = blocks_of_neighbours(correlations)
    assert [block.stop for block in blocks[:2]] == [7, 16]
    assert [block.start for block in blocks] == [0, *(block.stop for block in blocks[:-1])]
    assert blocks[-1].stop == 27
    assert all(block.stop - block.start <= 10 for block in blocks)
