"""The classifier two-sample test is calibrated, and catches what it should."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from genosynth.evaluation.comparison import Comparison, equal_sides
from genosynth.evaluation.estimates import Estimate
from genosynth.evaluation.fidelity.classifier import compare_by_classifier, largest_stretches
from tests.evaluation.simulated_people import LABELS, population, shuffled_columns

PEOPLE = population(120, n_chromosomes=4)
HOLDOUT = PEOPLE.people(500, 2)
REAL, FRESH = PEOPLE.people(800, 1), PEOPLE.people(800, 3)
INDEPENDENT = shuffled_columns(REAL, 1)
METRICS = ["c2st_auc", "c2st_auc.all", "c2st_auc.pcs", "c2st_auc.chr", "c2st_auc_linear"]


@cache
def told_apart(name: str) -> dict[str, Estimate]:
    synthetic = {"fresh": FRESH, "independent": INDEPENDENT}[name]
    sides = equal_sides(Comparison(REAL, HOLDOUT, synthetic, LABELS), n_max=5000, seed=1)
    return compare_by_classifier(
        sides, labels=LABELS, components_from=np.ones(120, bool), seed=2**32 - 1, n_threads=2
    )


def test_classifier__cannot_tell_real_people_apart() -> None:
    assert list(told_apart("fresh")) == METRICS
    for metric, estimate in told_apart("fresh").items():
        assert estimate.ci_low < 0.5 < estimate.ci_high, metric
        # DeLong's standard error of 500 people a side, times √(1/5 + 1/3) / √(1/5)
        assert estimate.ci_high - estimate.ci_low == pytest.approx(4 * 1.63 * 0.0183, rel=0.15)
        assert estimate.n > 450


def test_classifier__catches_the_independent_sampler() -> None:
    found = told_apart("independent")
    assert found["c2st_auc"].value > 0.8
    assert found["c2st_auc.all"].ci_low > 0.65
    assert found["c2st_auc.chr"].value > 0.7
    assert found["c2st_auc_linear"].ci_low < 0.5  # frequencies are right: no line divides them


def test_classifier__is_repeatable_whatever_the_threads() -> None:
    sides = equal_sides(Comparison(REAL, HOLDOUT, FRESH, LABELS), n_max=5000, seed=1)
    again = compare_by_classifier(
        sides, labels=LABELS, components_from=np.ones(120, bool), seed=2**32 - 1, n_threads=1
    )
    assert again == told_apart("fresh")


def test_classifier__of_few_people_says_nothing() -> None:
    sides = equal_sides(Comparison(REAL, HOLDOUT, FRESH, LABELS), n_max=99, seed=1)
    estimates = compare_by_classifier(
        sides, labels=LABELS, components_from=np.ones(120, bool), seed=1, n_threads=1
    )
    assert list(estimates) == METRICS
    assert all(np.isnan(each.value) and each.n == 99 for each in estimates.values())


def test_classifier__works_without_labels_and_with_constant_variants() -> None:
    def frozen(people):
        return replace(
            people, counts=np.where(np.arange(120) < 60, 0, people.counts).astype("int8")
        )

    comparison = Comparison(frozen(REAL), frozen(HOLDOUT), frozen(FRESH), [])
    sides = equal_sides(comparison, n_max=150, seed=1)
    estimates = compare_by_classifier(
        sides, labels=[], components_from=np.ones(120, bool), seed=1, n_threads=1
    )
    assert all(np.isfinite(each.value) for each in estimates.values())


def test_stretches__are_the_largest_chromosomes_or_thirds() -> None:
    variants = population(20, n_chromosomes=6).variants()
    sizes = [len(stretch) for stretch in largest_stretches(variants)]
    assert sizes == [4, 4, 3]
    thirds = largest_stretches(population(20, n_chromosomes=2).variants())
    assert np.concatenate(thirds).tolist() == list(range(20))
