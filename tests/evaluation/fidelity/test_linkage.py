"""LD: other implementations, faithful and LD-free samplers, invariances."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from genosynth.data.genotypes import MISSING, Genotypes
from genosynth.evaluation.comparison import Comparison
from genosynth.evaluation.fidelity.correlations import co_moments
from genosynth.evaluation.fidelity.haplotypes import (
    compare_haplotypes,
    count_cells,
    excess_frequencies,
    window_starts,
)
from genosynth.evaluation.fidelity.linkage import (
    block_table,
    chromosome_pairs,
    compare_linkage,
    decay_table,
    kept_variants,
    measure_linkage,
    random_pairs,
)
from genosynth.settings.evaluation import EvaluationSettings
from tests.evaluation.simulated_people import (
    population,
    shuffled_columns,
    shuffled_people,
    swapped_alleles,
    with_missing_calls,
)

SETTINGS = EvaluationSettings()
PEOPLE = population(240, n_chromosomes=12)
TRAIN, HOLDOUT = with_missing_calls(PEOPLE.people(1000, 1), 1), PEOPLE.people(400, 2)
FRESH = PEOPLE.people(1000, 3)
INDEPENDENT = shuffled_columns(TRAIN, 4)


def compare(synthetic: Genotypes, train: Genotypes = TRAIN, n_random_pairs: int = 5000):
    comparison = Comparison(train, HOLDOUT, synthetic, [])
    settings = EvaluationSettings(n_random_pairs=n_random_pairs)
    linkage = measure_linkage(comparison)
    estimates = compare_linkage(linkage, comparison, settings=settings, seed=1)
    return estimates | compare_haplotypes(comparison)


def test_correlations__ignore_missing_calls_in_pairs() -> None:
    frame = pd.DataFrame(TRAIN.counts).astype(float).where(TRAIN.counts != MISSING)
    assert co_moments(TRAIN.counts).correlations() == pytest.approx(
        frame.corr().to_numpy(), abs=1e-10
    )
    assert co_moments(FRESH.counts).correlations() == pytest.approx(
        np.corrcoef(FRESH.counts.T), abs=1e-10
    )


def test_correlations__are_not_biased_by_missing_calls() -> None:
    complete = PEOPLE.people(2000, 5)
    gaps = with_missing_calls(complete, 6, share=0.2)
    near = chromosome_pairs(complete.variants)
    expected, found = (near.r(co_moments(people.counts)) for people in (complete, gaps))
    assert found @ expected / (expected @ expected) == pytest.approx(1, abs=0.01)


def test_correlations__of_a_constant_are_nan() -> None:
    counts = FRESH.counts[:, :3].copy()
    counts[:, 1] = 2
    assert np.isnan(co_moments(counts).correlations()[1]).all()
    assert co_moments(counts).correlations()[0, 2] == pytest.approx(
        np.corrcoef(counts[:, [0, 2]].T)[0, 1]
    )


def test_linkage__fresh_people_keep_it_and_shuffled_columns_lose_it() -> None:
    fresh, independent = compare(FRESH), compare(INDEPENDENT)
    assert fresh["ld_near_pearson"].value > 0.9  # 1,000 people: noise 1/n is most of the rest
    assert fresh["haplotype_pearson"].value > 0.9
    for metric in ("ld_near_pearson", "haplotype_pearson"):
        assert independent[metric].ci_low < 0 < independent[metric].ci_high
    assert abs(independent["ld_all_pearson"].value) < 0.05
    assert fresh["ld_decay_rmse"].ci_high < 0.02
    assert independent["ld_decay_rmse"].ci_low > 0


def test_ld_all__real_against_real_is_not_one() -> None:
    # Ceiling for two samples of size n: Var(ρ) / (Var(ρ) + 1/n).
    first, second = PEOPLE.people(1000, 7), PEOPLE.people(1000, 8)
    pairs = random_pairs(240, 10**6, seed=1)  # all
    r = pairs.r(co_moments(np.concatenate([first.counts, second.counts])))
    true_variance = r.var() - 1 / 2000
    ceiling = true_variance / (true_variance + 1 / 1000)
    found = compare(second, first, n_random_pairs=10**6)["ld_all_pearson"].value
    assert found == pytest.approx(ceiling, abs=0.02)


def test_decay__independent_variants_show_none() -> None:
    counts = np.random.default_rng(1).binomial(2, 0.3, (200, 240)).astype(np.int8)
    noise = replace(FRESH, counts=counts, samples=FRESH.samples[:200])
    linkage = measure_linkage(Comparison(TRAIN, HOLDOUT, noise, []))
    table = decay_table(linkage)
    usable = table["n_pairs"] >= 10
    mean = np.average(table["synthetic"][usable], weights=table["n_pairs"][usable])
    assert abs(mean) < 3 * np.sqrt(2 / table["n_pairs"].sum()) / 200  # r² has SD √2/n
    assert table["n_pairs"].sum() == 12 * 20 * 19 / 2
    assert len(table) == 50
    assert table["train"][usable].iloc[0] > 0.1


def test_pairs__lie_within_chromosomes() -> None:
    pairs = chromosome_pairs(TRAIN.variants)
    chromosome = TRAIN.variants["chromosome"].to_numpy()
    assert (chromosome[pairs.first] == chromosome[pairs.second]).all()
    assert len(pairs.first) == 12 * 190
    assert (pairs.distance_kb >= 0).all()


def test_random_pairs__differ_and_stop_at_all() -> None:
    pairs = random_pairs(50, 300, seed=1)
    assert len(set(zip(pairs.first.tolist(), pairs.second.tolist(), strict=True))) == 300
    assert (pairs.first < pairs.second).all()
    assert len(random_pairs(5, 300, seed=1).first) == 10


def test_scores__do_not_depend_on_order_or_allele() -> None:
    comparison = Comparison(TRAIN, HOLDOUT, FRESH, [])
    first = compare(FRESH)
    reordered = shuffled_people(comparison, 1)
    again = compare(reordered.synthetic, reordered.train)
    swapped = swapped_alleles(comparison)
    flipped = compare(swapped.synthetic, swapped.train)
    for metric in ("ld_near_pearson", "ld_all_pearson", "ld_decay_rmse", "haplotype_pearson"):
        assert again[metric].value == pytest.approx(first[metric].value)
    for metric in ("ld_decay_rmse", "haplotype_pearson"):
        assert flipped[metric].value == pytest.approx(first[metric].value)
    # a sign of r turns on both sides: r itself agrees as before, around another mean
    for metric in ("ld_near_pearson", "ld_all_pearson"):
        assert flipped[metric].value == pytest.approx(first[metric].value, abs=0.02)


def test_scores__leave_out_pairs_with_a_constant_variant() -> None:
    counts = FRESH.counts.copy()
    counts[:, 0] = 0
    estimates = compare(replace(FRESH, counts=counts))
    n_lost = (chromosome_pairs(TRAIN.variants).take(near_pairs()).first == 0).sum()
    assert estimates["ld_near_pearson"].n == near_pairs().sum() - n_lost
    assert np.isfinite(estimates["ld_near_pearson"].value)


def near_pairs() -> np.ndarray:
    return chromosome_pairs(TRAIN.variants).distance_kb < SETTINGS.near_kb


def test_scores__without_pairs_are_nan() -> None:
    alone = TRAIN.variants.assign(chromosome=np.arange(240))
    people = replace(TRAIN, variants=alone)
    comparison = Comparison(people, people, people, [])
    linkage = measure_linkage(comparison)
    estimates = compare_linkage(linkage, comparison, settings=SETTINGS, seed=1)
    estimates |= compare_haplotypes(comparison)
    for metric in ("ld_near_pearson", "ld_decay_rmse", "haplotype_pearson"):
        assert np.isnan(estimates[metric].value)
        assert estimates[metric].n == 0


def test_large_panels__are_studied_in_stretches() -> None:
    assert kept_variants(2048).tolist() == list(range(2048))
    kept = kept_variants(60_000)
    assert len(kept) == 2048
    assert kept[0] == 0
    assert kept[-1] == 59_999
    assert (np.diff(kept) == 1).mean() > 0.99


def test_windows__lie_on_one_chromosome() -> None:
    variants = pd.DataFrame({"chromosome": np.repeat([1, 2, 3], [3, 2, 4])})
    assert window_starts(variants).tolist() == [0, 5, 6]


def test_excess__by_hand() -> None:
    # two people: genotypes 0,1,2 and 2,1,2; the middle and the last do not vary
    counts = np.array([[0, 1, 2], [2, 1, 2], [2, -1, 2]], np.int8)
    excess = excess_frequencies(count_cells(counts, np.array([0]))).reshape(3, 3, 3)
    assert np.count_nonzero(excess) == 0
    counts = np.array([[0, 0, 1], [2, 2, 1]], np.int8)
    excess = excess_frequencies(count_cells(counts, np.array([0]))).reshape(3, 3, 3)
    assert excess[0, 0, 1] == excess[2, 2, 1] == 0.5 - 0.25
    assert excess[0, 2, 1] == excess[2, 0, 1] == -0.25
    assert excess.sum() == 0


def test_block__is_the_densest_stretch_of_a_chromosome() -> None:
    table = block_table(measure_linkage(Comparison(TRAIN, HOLDOUT, FRESH, [])))
    assert list(table) == ["i", "j", "real", "synthetic"]
    ends_bp = TRAIN.variants.groupby("chromosome")["position_bp"].agg(["min", "max"])
    densest = (ends_bp["max"] - ends_bp["min"]).idxmin()
    in_block = (TRAIN.variants["chromosome"] == densest).to_numpy()
    for name, people in {"real": TRAIN, "synthetic": FRESH}.items():
        counts = pd.DataFrame(people.counts[:, in_block])
        expected = counts.where(counts != MISSING).corr().to_numpy()
        found = table.pivot(index="i", columns="j", values=name).to_numpy()
        assert found == pytest.approx(expected, abs=1e-10), name


def test_moments__of_groups_add_up() -> None:
    whole, part = co_moments(TRAIN.counts), co_moments(TRAIN.counts[:300])
    rest = co_moments(TRAIN.counts[300:])
    assert (whole - part).correlations() == pytest.approx(rest.correlations())
