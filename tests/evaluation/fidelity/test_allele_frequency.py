"""Marginals: plink2's frequencies, closed forms for faithful samplers, and coverage."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from genosynth.data.genotypes import MISSING, Genotypes
from genosynth.evaluation.comparison import Comparison
from genosynth.evaluation.fidelity.allele_frequency import (
    alt_frequency,
    compare_frequencies,
    frequency_table,
    genotype_frequencies,
)
from tests.evaluation.simulated_people import (
    plink2_table,
    population,
    shuffled_columns,
    shuffled_people,
    swapped_alleles,
    with_missing_calls,
)

PEOPLE = population(200)
TRAIN = with_missing_calls(PEOPLE.people(500, 1), 1)


def in_equilibrium(frequencies: NDArray[np.float64], n_samples: int, seed: int) -> Genotypes:
    """People whose variants are independent of each other."""
    rng = np.random.default_rng(seed)
    counts = rng.binomial(2, frequencies, (n_samples, len(frequencies))).astype(np.int8)
    names = [f"{seed}_{i}" for i in range(n_samples)]
    samples = pd.DataFrame({"iid": names, "part": "train"})
    return Genotypes(counts, samples, population(len(frequencies)).variants())


def compare(train: Genotypes, synthetic: Genotypes, n_bootstrap: int = 50):
    comparison = Comparison(train, train, synthetic, [])
    return compare_frequencies(comparison, n_bootstrap=n_bootstrap, seed=1)


@pytest.mark.skipif(shutil.which("plink2") is None, reason="plink2 is not on PATH")
def test_frequencies__equal_plink2(tmp_path: Path) -> None:
    table = plink2_table(TRAIN, tmp_path, "--freq", suffix="afreq")
    assert alt_frequency(genotype_frequencies(TRAIN)) == pytest.approx(
        table["ALT_FREQS"].to_numpy(), abs=1e-6
    )


def test_frequencies__first_resample_is_the_people_themselves() -> None:
    resampled = genotype_frequencies(TRAIN, n_resamples=5, seed=1)
    assert resampled.shape == (6, 3, 200)
    assert np.array_equal(resampled[0], genotype_frequencies(TRAIN))
    assert not np.array_equal(resampled[0], resampled[1])


def test_af__a_faithful_sampler_reaches_the_closed_forms() -> None:
    rng = np.random.default_rng(1)
    p = rng.uniform(0.05, 0.5, 4000)
    real, fresh = (in_equilibrium(p, 500, seed) for seed in (1, 2))
    estimates = compare(real, fresh, n_bootstrap=1)
    noise = (p * (1 - p)).mean() / (2 * 500)
    ceiling = p.var() / (p.var() + noise)  # both sets have the same size
    assert 1 - estimates["af_pearson"].value == pytest.approx(1 - ceiling, rel=0.05)
    assert estimates["af_rmse"].value == pytest.approx(np.sqrt(2 * noise), rel=0.05)


def test_af__resampled_train_is_half_as_far_as_fresh_people() -> None:
    real = in_equilibrium(np.random.default_rng(1).uniform(0.05, 0.5, 4000), 500, 1)
    p = alt_frequency(genotype_frequencies(real))
    drawn = in_equilibrium(p, 500, 2)
    expected = np.sqrt((p * (1 - p)).mean() / (2 * 500))
    assert compare(real, drawn, n_bootstrap=1)["af_rmse"].value == pytest.approx(expected, rel=0.05)


def test_heterozygosity__argmax_and_independence() -> None:
    rare = in_equilibrium(np.linspace(0.05, 0.3, 200), 500, 1)
    expected = compare(TRAIN, shuffled_columns(TRAIN, 1))
    assert expected["heterozygosity_slope"].value == pytest.approx(1, abs=1e-12)
    assert expected["genotype_frequency_rmse"].value == pytest.approx(0, abs=1e-12)
    towards_mode = np.random.default_rng(99).random(rare.counts.shape) < 0.2
    shrunk = replace(rare, counts=np.where(towards_mode, np.int8(0), rare.counts))
    assert compare(rare, shrunk)["heterozygosity_slope"].value == pytest.approx(0.8, abs=0.01)


def test_interval__covers_at_its_rate() -> None:
    # What a faithful sampler's slope is on average, given these training people:
    # Σ E[h] h_train / Σ h_train², with E[h] = 2pq.
    p = np.random.default_rng(1).uniform(0.1, 0.5, 60)
    train = in_equilibrium(p, 300, 1)
    h = genotype_frequencies(train)[1]
    target = (2 * p * (1 - p)) @ h / (h @ h)
    hits = 0
    for seed in range(200):
        slope = compare(train, in_equilibrium(p, 300, 100 + seed))["heterozygosity_slope"]
        hits += slope.ci_low < target < slope.ci_high
    assert 0.90 <= hits / 200 <= 0.99


def test_scores__do_not_depend_on_order_or_allele() -> None:
    comparison = Comparison(TRAIN, TRAIN, with_missing_calls(PEOPLE.people(400, 2), 2), [])
    first = compare_frequencies(comparison, n_bootstrap=2, seed=1)
    for other in (shuffled_people(comparison, 1), swapped_alleles(comparison)):
        again = compare_frequencies(other, n_bootstrap=2, seed=1)
        for metric in ("af_rmse", "genotype_frequency_rmse", "heterozygosity_slope"):
            assert again[metric].value == pytest.approx(first[metric].value)
    # a correlation of ALT frequencies depends on which alleles are called ALT: on all or on none
    again = compare_frequencies(shuffled_people(comparison, 1), n_bootstrap=2, seed=1)
    assert again["af_pearson"].value == pytest.approx(first["af_pearson"].value)


def test_scores__leave_out_variants_without_calls_and_count_the_rest() -> None:
    counts = TRAIN.counts.copy()
    counts[:, :3] = MISSING
    counts[:, 3] = 0  # monomorphic: stays
    estimates = compare(replace(TRAIN, counts=counts), TRAIN)
    assert estimates["af_rmse"].n == 197
    assert np.isfinite(estimates["af_rmse"].value)


def test_scores__without_any_variation_are_nan() -> None:
    still = replace(TRAIN, counts=np.zeros_like(TRAIN.counts))
    estimates = compare(still, still)
    assert np.isnan(estimates["af_pearson"].value)
    assert np.isnan(estimates["heterozygosity_slope"].value)
    nothing = replace(TRAIN, counts=np.full_like(TRAIN.counts, MISSING))
    assert all(np.isnan(each.value) and each.n == 0 for each in compare(nothing, nothing).values())


def test_table__has_the_frequencies_of_the_three_sets() -> None:
    sets = {"train": TRAIN, "holdout": PEOPLE.people(300, 2), "synthetic": PEOPLE.people(400, 3)}
    table = frequency_table(Comparison(*sets.values(), []))
    assert list(table) == ["id", *sets]
    assert table["id"].tolist() == TRAIN.variants["id"].tolist()
    for name, people in sets.items():
        called = np.ma.masked_equal(people.counts, MISSING)
        expected = np.asarray(called.mean(axis=0) / 2)
        assert table[name].to_numpy() == pytest.approx(expected), name
