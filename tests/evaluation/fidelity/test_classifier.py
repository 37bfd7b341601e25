"""The classifier two-sample test is calibrated, and catches what it should."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from scipy.stats import chi2, norm

from genosynth.data.genotypes import Genotypes
from genosynth.evaluation.comparison import Comparison, Sides, equal_sides
from genosynth.evaluation.estimates import Estimate
from genosynth.evaluation.fidelity.classifier import (
    LONGEST_BLOCK,
    MIN_PEOPLE,
    N_BLOCKS,
    compare_by_classifier,
    neighbours_in_blocks,
)
from tests.evaluation.simulated_people import ANCESTRY, LABELS, population, shuffled_columns

PEOPLE = population(120, n_chromosomes=4)
HOLDOUT = PEOPLE.people(500, 2)
REAL, FRESH = PEOPLE.people(800, 1), PEOPLE.people(800, 3)
N_REPEATS = 8
INDEPENDENT = shuffled_columns(REAL, 1)
METRICS = ["c2st_auc", "c2st_auc.all", "c2st_auc.pcs", "c2st_auc.blocks", "c2st_auc_linear"]


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
    assert found["c2st_auc.blocks"].ci_low > 0.8
    assert found["c2st_auc_linear"].ci_low < 0.5  # frequencies are right: no line divides them


def test_classifier__of_a_lost_ancestry_finds_what_can_be_found() -> None:
    """Nobody tells the ancestry that is there from itself: the best area is ½ + lost / 2."""
    source = population(120, n_chromosomes=4, fst=0.3)
    holdout, people = source.people(600, 4), source.people(1200, 5)
    east = people.take(np.flatnonzero(people.samples["ancestry"] == "east")[:600])
    found = compare_by_classifier(
        Sides(east, holdout), labels=[], components_from=np.ones(120, bool), seed=1, n_threads=2
    )
    best = 0.5 + (holdout.samples["ancestry"] == "west").mean() / 2
    for metric in METRICS:
        assert found[metric].value == pytest.approx(best, abs=0.04), metric


def test_classifier__sees_labels_that_do_not_fit_the_genotypes() -> None:
    source = population(120, n_chromosomes=4, fst=0.3)
    holdout, people = source.people(800, 4), source.people(800, 6)
    shuffled = np.random.default_rng(1).permutation(people.samples["ancestry"])
    mislabelled = replace(people, samples=people.samples.assign(ancestry=shuffled))
    found = compare_by_classifier(
        Sides(mislabelled, holdout),
        labels=[ANCESTRY],
        components_from=np.ones(120, bool),
        seed=1,
        n_threads=2,
    )
    assert found["c2st_auc.all"].ci_low > 0.6
    assert found["c2st_auc.pcs"].ci_low < 0.5 < found["c2st_auc.pcs"].ci_high


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


# Of three neighbours on each of ten chromosomes one allele is the exclusive or of the other two, or
# a coin. No pair of variants is correlated either way: among all columns no first split helps.
def triplets(n: int, seed: int, *, are_linked: bool) -> Genotypes:
    people = population(100, n_chromosomes=10).people(n, seed)
    alleles = np.random.default_rng(seed).integers(0, 2, (2, n, 100), dtype=np.int8)
    if are_linked:
        alleles[:, :, 2::10] = alleles[:, :, 0::10] ^ alleles[:, :, 1::10]
    return replace(people, counts=alleles.sum(axis=0, dtype=np.int8))


def test_blocks__add_up_what_all_variants_at_once_do_not_show() -> None:
    linked = triplets(500, 1, are_linked=True)
    comparison = Comparison(linked, linked, triplets(500, 2, are_linked=False), [])
    sides = equal_sides(comparison, n_max=500, seed=1)
    found = compare_by_classifier(
        sides, labels=[], components_from=np.ones(100, bool), seed=1, n_threads=2
    )
    for metric in ("c2st_auc.all", "c2st_auc.pcs", "c2st_auc_linear"):
        assert found[metric].ci_low < 0.5 < found[metric].ci_high, metric
    assert found["c2st_auc.blocks"].ci_low > 0.65
    assert found["c2st_auc"] == found["c2st_auc.blocks"]


def deviation(found: Estimate) -> float:
    return (found.value - 0.5) / ((found.ci_high - found.ci_low) / (2 * norm.ppf(0.975)))


def test_intervals__are_not_narrower_than_areas_of_real_people_scatter() -> None:
    source = population(60, n_chromosomes=4)
    deviations = []
    for seed in range(N_REPEATS):
        fresh, holdout = (source.people(MIN_PEOPLE, 2 * seed + side) for side in (1, 2))
        sides = equal_sides(Comparison(REAL, holdout, fresh, []), n_max=500, seed=seed)
        found = compare_by_classifier(
            sides, labels=[], components_from=np.ones(60, bool), seed=seed, n_threads=2
        )
        deviations.append([deviation(found[metric]) for metric in ("c2st_auc", "c2st_auc.blocks")])
    assert (np.square(deviations).sum(axis=0) < chi2.ppf(0.999, N_REPEATS)).all()


def test_blocks__hold_neighbours_of_one_chromosome_once_each() -> None:
    variants = population(200, n_chromosomes=3).variants()
    blocks = neighbours_in_blocks(variants)
    assert sorted(np.concatenate(blocks)) == list(range(200))
    assert [len(block) for block in blocks] == [23, 22, 22, 23, 22, 22, 22, 22, 22]
    for block in blocks:
        assert (np.diff(block) == 1).all()
        assert variants["chromosome"].iloc[block].nunique() == 1


def test_blocks__of_wide_panels_are_spread_evenly() -> None:
    blocks = neighbours_in_blocks(population(40 * N_BLOCKS, n_chromosomes=1).variants())
    assert len(blocks) == N_BLOCKS
    assert blocks[0][0] == 0
    assert blocks[-1][-1] == 40 * N_BLOCKS - 1
    assert np.diff([block[0] for block in blocks]).max() <= 2 * LONGEST_BLOCK
