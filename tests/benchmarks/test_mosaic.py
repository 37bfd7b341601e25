"""Mosaics of founders against a loop that copies allele by allele, and what theory says of them."""

import numpy as np
import pandas as pd
import pytest

from benchmarks.mosaic import (
    GENERATIONS,
    Founders,
    copy_haplotypes,
    jump_probabilities,
    simulate_founders,
)
from genosynth.settings.simulation import SimulationSettings

SMALL = SimulationSettings(n_variants=200, n_chromosomes=4, chromosome_mb=1, n_causal=20)


@pytest.fixture(scope="module")
def founders():
    return simulate_founders(SMALL, people_per_population=200, seed=1)


def test_founders__are_two_populations_on_all_chromosomes(founders):
    assert founders.alleles.shape == (2, 400, 200)
    assert len(founders.variants) == 200
    first = ~founders.variants["chromosome"].duplicated().to_numpy()
    assert np.array_equal(np.flatnonzero(founders.jump_probability == 1), np.flatnonzero(first))
    north, south = founders.alleles.mean(axis=1)
    assert 0.03 < abs(north - south).max() < 0.5


def copied_one_by_one(founders, population, uniforms):
    """The same mosaics, slowly."""
    copied = np.empty(uniforms.shape, np.int8)
    for row, draws in enumerate(uniforms):
        for column, draw in enumerate(draws):
            jump = founders.jump_probability[column]
            if draw < jump:
                founder = int(draw / jump * founders.alleles.shape[1])
            copied[row, column] = founders.alleles[population[row], founder, column]
    return copied


def test_copy_haplotypes__equals_a_loop(founders):
    rng = np.random.default_rng(2)
    population, uniforms = rng.integers(0, 2, 30), rng.random((30, 200))
    expected = copied_one_by_one(founders, population, uniforms)
    assert np.array_equal(copy_haplotypes(founders, population, uniforms), expected)


def test_copy_haplotypes__linkage_decays_with_genetic_distance():
    """Covariance after g generations is e^(−g · Morgans) of the founders'."""
    rng = np.random.default_rng(3)
    distances = np.array([0.001, 0.01, 0.03, 0.1])
    one = rng.random((1, 50, 1)) < 0.5  # linkage is complete among the founders
    founders = Founders(
        np.repeat(one, 5, axis=2).astype(np.int8),
        pd.DataFrame(index=range(5)),
        jump_probabilities(np.array([0.2, *0.2 + distances])),
    )
    copied = copy_haplotypes(founders, np.zeros(40_000, np.intp), rng.random((40_000, 5)))
    covariance = np.cov(copied.T.astype(float))
    expected = np.exp(-GENERATIONS * distances)
    np.testing.assert_allclose(covariance[0, 1:] / one.var(), expected, atol=0.03)
