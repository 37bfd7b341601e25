"""Structure: expectations of Fst, closed forms of the Fréchet distance, known bad generators."""

from dataclasses import replace

import numpy as np
import pytest

from genosynth.data.genotypes import MISSING
from genosynth.evaluation.comparison import Sides
from genosynth.evaluation.fidelity.allele_frequency import alt_frequency, genotype_frequencies
from genosynth.evaluation.fidelity.correlations import co_moments
from genosynth.evaluation.fidelity.structure import (
    compare_structure,
    component_table,
    fit_components,
    frechet_distance,
    hudson_fst,
    pruned,
)
from tests.evaluation.simulated_people import population, shuffled_columns, with_missing_calls

PEOPLE = population(300, fst=0.05)
TRAIN = PEOPLE.people(900, 1)
SIDES = Sides(PEOPLE.people(500, 2), PEOPLE.people(500, 3))
ALL = np.ones(300, bool)


def test_fst__of_two_samples_is_zero_and_its_plain_form_has_a_floor() -> None:
    rng = np.random.default_rng(1)
    p, n = rng.uniform(0.1, 0.5, 20_000), 400
    left, right = (rng.binomial(2 * n, p) / (2 * n) for _ in range(2))
    plain = hudson_fst(left, right, n_left=10**9, n_right=10**9)
    assert plain == pytest.approx(1 / (2 * n), rel=0.05)  # (1/n₁ + 1/n₂) / 4
    assert abs(hudson_fst(left, right, n_left=n, n_right=n)) < 0.05 / (2 * n)
    # the form H_T − H_S over H_T is half of it at small distances: floor 1/(4n)
    middle = (left + right) / 2
    within = left * (1 - left) + right * (1 - right)
    excess = 1 - within.sum() / (2 * middle * (1 - middle)).sum()
    assert excess == pytest.approx(1 / (4 * n), rel=0.05)


def test_fst__of_two_populations_is_that_of_the_simulation() -> None:
    both = population(3000, fst=0.05, seed=4).frequencies
    rng = np.random.default_rng(1)
    left, right = (rng.binomial(2000, p) / 2000 for p in both)
    assert hudson_fst(left, right, n_left=1000, n_right=1000) == pytest.approx(0.05, rel=0.1)


def test_frechet__closed_forms() -> None:
    rng = np.random.default_rng(1)
    points = rng.standard_normal((2000, 2)) * [2.0, 1.0]
    points -= points.mean(axis=0)
    assert frechet_distance(points, points) == pytest.approx(0, abs=1e-12)
    total = np.trace(np.cov(points.T))
    assert frechet_distance(points + np.array([3, 4]), points) == pytest.approx(25 / total)
    # tr(Σ + c²Σ − 2cΣ) / tr Σ = (c − 1)²
    assert frechet_distance(points * 1.5, points) == pytest.approx(0.25, rel=1e-6)
    assert np.isnan(frechet_distance(points[:1], points))


def test_components__are_those_of_a_singular_value_decomposition() -> None:
    used = np.arange(300) % 3 > 0
    components = fit_components(TRAIN, used=used)
    p = alt_frequency(genotype_frequencies(TRAIN))
    standard = ((TRAIN.counts - 2 * p) / np.sqrt(2 * p * (1 - p)))[:, used]
    left, singular, _ = np.linalg.svd(standard, full_matrices=False)
    scores = components.project(TRAIN.counts)
    assert np.abs(scores) == pytest.approx(np.abs(left * singular)[:, :10], rel=1e-3, abs=1e-2)
    assert np.array_equal(components.axes, fit_components(TRAIN, used=used).axes)


def test_components__of_people_without_variation_are_none() -> None:
    still = replace(TRAIN, counts=np.zeros_like(TRAIN.counts))
    components = fit_components(still, used=ALL)
    assert components.project(TRAIN.counts).shape == (900, 0)
    estimates = compare_structure(Sides(still, still), components)
    assert np.isnan(estimates["pca_distance"].value)
    assert np.isnan(estimates["fst"].value)
    assert component_table(SIDES, components)["pc1"].eq(0).all()


def test_components__leave_missing_calls_at_the_mean() -> None:
    components = fit_components(TRAIN, used=ALL)
    nobody = np.full((1, 300), MISSING, np.int8)
    assert components.project(nobody) == pytest.approx(np.zeros((1, 10)))


def test_structure__halves_agree_and_lost_ancestry_is_seen() -> None:
    components = fit_components(TRAIN, used=ALL)
    halves = compare_structure(SIDES, components)
    assert halves["pca_distance"].value < 0.05
    assert halves["fst"].ci_low < 0 < halves["fst"].ci_high
    blurred = Sides(shuffled_columns(SIDES.synthetic, 1), SIDES.holdout)
    lost = compare_structure(blurred, components)
    assert lost["pca_distance"].ci_low > 5 * halves["pca_distance"].value
    assert lost["fst"].value == pytest.approx(halves["fst"].value)  # frequencies alone


def test_structure__does_not_depend_on_order_or_allele() -> None:
    components = fit_components(TRAIN, used=ALL)
    first = compare_structure(SIDES, components)

    def swap(people):
        return replace(people, counts=2 - people.counts)

    order = np.random.default_rng(1).permutation(500)
    sides = Sides(swap(SIDES.synthetic).take(order), swap(SIDES.holdout))
    again = compare_structure(sides, fit_components(swap(TRAIN), used=ALL))
    for metric, estimate in first.items():
        assert again[metric].value == pytest.approx(estimate.value, rel=1e-3, abs=1e-9)


def test_pruned__keeps_no_linked_pair_and_all_that_could_stay() -> None:
    r2 = co_moments(with_missing_calls(TRAIN, 1).counts).correlations() ** 2
    kept = pruned(np.sqrt(r2))
    among = r2[np.ix_(kept, kept)] - np.eye(kept.sum())
    assert among.max() <= 0.2
    assert (r2[np.ix_(~kept, kept)].max(axis=1) > 0.2).all()
    assert 0 < kept.sum() < 300


def test_table__shows_both_sets() -> None:
    components = fit_components(TRAIN, used=ALL)
    table = component_table(SIDES, components)
    assert list(table) == ["set", "pc1", "pc2"]
    assert table["set"].unique().tolist() == ["holdout", "synthetic"]
    for name, people in {"holdout": SIDES.holdout, "synthetic": SIDES.synthetic}.items():
        shown = table.loc[table["set"] == name, ["pc1", "pc2"]].to_numpy()
        assert shown == pytest.approx(components.project(people.counts)[:, :2]), name
