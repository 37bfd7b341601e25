"""Nearest neighbours: scikit-learn, exchangeable sets, shrunken people, copies."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.neighbors import NearestNeighbors

from genosynth.data.genotypes import Genotypes
from genosynth.evaluation import distances
from genosynth.evaluation.comparison import Sides
from genosynth.evaluation.estimates import Estimate
from genosynth.evaluation.fidelity.neighbours import (
    NEIGHBOURS,
    compare_coverage,
    compare_neighbours,
    neighbour_distances,
)
from tests.evaluation.simulated_people import population, shuffled_columns

PEOPLE = population(150)
HOLDOUT = PEOPLE.people(500, 1, part="test")
FRESH = PEOPLE.people(500, 2)


def score(synthetic: Genotypes) -> dict[str, Estimate]:
    return compare_neighbours(Sides(synthetic, HOLDOUT), seed=1)


def shrunken(people: Genotypes) -> Genotypes:
    """A third of all genotypes are the commonest one of the variant."""
    commonest = np.array([np.bincount(column).argmax() for column in people.counts.T], np.int8)
    changed = np.random.default_rng(3).random(people.counts.shape) < 1 / 3
    return replace(people, counts=np.where(changed, commonest, people.counts))


def test_fresh_people__are_neighbours_as_any():
    found = score(FRESH)
    for name in ("aats", "aats_truth", "aats_synthetic"):
        assert found[name].value == pytest.approx(0.5, abs=0.06), name
    for k in NEIGHBOURS:
        assert found[f"precision.{k}"].value == pytest.approx(found[f"recall.{k}"].value, abs=0.08)


def test_shrunken_people__are_precise_and_recall_nobody():
    found, ceiling = score(shrunken(FRESH)), score(FRESH)
    assert found["precision.5"].value > ceiling["precision.5"].value + 0.03
    assert found["recall.5"].value < ceiling["recall.5"].value - 0.3
    assert found["aats_truth"].value < 0.3  # some shrunken person is nearer to everybody
    assert found["aats_synthetic"].value > 0.9


def test_copies__are_nearer_than_their_own_kind():
    assert score(HOLDOUT)["aats"].value < 0.01


def test_people_without_linkage__lie_apart():
    people = replace(FRESH, samples=FRESH.samples.assign(disease=0.0))
    assert score(shuffled_columns(people, seed=1))["aats"].value > 0.55


def test_distances__agree_with_scikit_learn_whatever_the_block(monkeypatch):
    reference = NearestNeighbors(n_neighbors=max(NEIGHBOURS) + 1, metric="hamming")
    expected = reference.fit(FRESH.counts).kneighbors(FRESH.counts)[0][:, list(NEIGHBOURS)].T
    np.testing.assert_allclose(neighbour_distances(FRESH.counts), expected, atol=1e-9)
    whole = compare_coverage(FRESH.counts, HOLDOUT.counts)
    monkeypatch.setattr(distances, "BLOCK", 128)
    np.testing.assert_allclose(neighbour_distances(FRESH.counts), expected, atol=1e-9)
    assert compare_coverage(FRESH.counts, HOLDOUT.counts) == whole


def test_few_people__have_no_such_neighbours():
    few = compare_neighbours(Sides(FRESH.take(np.arange(20)), HOLDOUT.take(np.arange(20))), seed=1)
    assert np.isfinite(few["recall.5"].value)
    assert np.isnan(few["recall.50"].value)
    nobody = compare_neighbours(
        Sides(FRESH.take(np.zeros(0, int)), HOLDOUT.take(np.zeros(0, int))), seed=1
    )
    assert all(np.isnan(estimate.value) for estimate in nobody.values())
