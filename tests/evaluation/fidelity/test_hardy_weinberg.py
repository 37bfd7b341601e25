"""The exact test: plink2, enumeration, and the level it holds."""

import math
import shutil
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from genosynth.data.genotypes import MISSING
from genosynth.evaluation.comparison import Sides
from genosynth.evaluation.fidelity.hardy_weinberg import (
    compare_hardy_weinberg,
    genotype_counts,
    hwe_p_values,
)
from tests.evaluation.simulated_people import plink2_table, population, with_missing_calls


def enumerated(n_hom_ref: int, n_het: int, n_hom_alt: int) -> float:
    """Slow and exact: all ways to pair the alleles, counted in integers."""
    n, n_alt = n_hom_ref + n_het + n_hom_alt, 2 * n_hom_alt + n_het
    ways = {}
    for het in range(n_alt % 2, min(n_alt, 2 * n - n_alt) + 1, 2):
        alt = (n_alt - het) // 2
        ways[het] = math.comb(n, het) * math.comb(n - het, alt) * 2**het
    extreme = sum(count for count in ways.values() if count <= ways[n_het])
    return float(Fraction(extreme, sum(ways.values())))


def test_p_values__equal_enumeration() -> None:
    rng = np.random.default_rng(1)
    counts = rng.multinomial(60, [0.55, 0.3, 0.15], 50)
    counts = np.vstack([counts, [[60, 0, 0], [0, 0, 7], [0, 5, 0], [1, 0, 1], [30, 1, 0]]])
    assert hwe_p_values(counts) == pytest.approx([enumerated(*row) for row in counts.tolist()])


def test_p_values__of_uncalled_variants_are_nan() -> None:
    assert np.isnan(hwe_p_values(np.array([[0, 0, 0], [5, 5, 5]]))).tolist() == [True, False]


@pytest.mark.skipif(shutil.which("plink2") is None, reason="plink2 is not on PATH")
def test_p_values__equal_plink2(tmp_path: Path) -> None:
    people = with_missing_calls(population(120, fst=0.15).people(700, 1), 1)
    table = plink2_table(people, tmp_path, "--hardy", suffix="hardy")
    ours = hwe_p_values(genotype_counts(people.counts))
    assert ours.min() < 1e-4
    assert ours == pytest.approx(table["P"].to_numpy(), rel=1e-4)


def test_excess__mixture_and_equilibrium() -> None:
    one = population(300, fst=0.001).people(800, 1)
    other = population(300, fst=0.001).people(800, 2)
    halves = compare_hardy_weinberg(Sides(one, other))["hwe_excess"]
    assert halves.ci_low <= 0 <= halves.ci_high
    counts = one.counts.copy()
    counts[:, :150] = np.where(counts[:, :150] == 1, 0, counts[:, :150])  # no heterozygotes
    broken = compare_hardy_weinberg(Sides(replace(one, counts=counts), other))["hwe_excess"]
    assert broken.value == pytest.approx(0.5, abs=0.02)
    assert broken.n == 300


def test_excess__without_calls_is_nan() -> None:
    people = population(10).people(20, 1)
    nobody = replace(people, counts=np.full_like(people.counts, MISSING))
    estimate = compare_hardy_weinberg(Sides(nobody, people))["hwe_excess"]
    assert np.isnan(estimate.value)
    assert estimate.n == 0
