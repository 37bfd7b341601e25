"""Attribute inference: copies give hidden genotypes and traits away, fresh people do not."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from genosynth.data.genotypes import Genotypes
from genosynth.evaluation.comparison import Comparison
from genosynth.evaluation.estimates import Estimate
from genosynth.evaluation.privacy.attribute_inference import infer_attributes, most_alike
from genosynth.evaluation.reference_rows import train_copy
from tests.evaluation.simulated_people import HEIGHT, LABELS, population, shuffled_columns

PEOPLE = population(200)
TRAIN = PEOPLE.people(700, 1)
HOLDOUT = PEOPLE.people(600, 2, part="test")
FRESH = PEOPLE.people(700, 4)


def infer(synthetic: Genotypes, labels=LABELS, *, seed: int = 1) -> dict[str, Estimate]:
    comparison = Comparison(TRAIN, HOLDOUT, synthetic, labels)
    return infer_attributes(comparison, n_attacked=5000, seed=seed)


def test_copies__give_hidden_genotypes_and_traits_away():
    found = infer(train_copy(TRAIN, seed=1))
    assert found["attribute_gain.variants"].ci_low > 0.3
    assert found["attribute_gain.trait"].ci_low > 0.05


def test_copies__of_coins_give_away_all_that_chance_does_not():
    """Strangers' genotypes of two fair coins are guessed with probability ¼² + ½² + ¼²."""
    rng = np.random.default_rng(1)
    train, holdout = (
        replace(people, counts=rng.binomial(2, 0.5, people.counts.shape).astype(np.int8))
        for people in (TRAIN, HOLDOUT)
    )
    comparison = Comparison(train, holdout, train, [])
    found = infer_attributes(comparison, n_attacked=5000, seed=1)["attribute_gain.variants"]
    assert found.value == pytest.approx(1 - 3 / 8, abs=0.02)


def test_scores_of_released_train__fit_its_trait_by_chance():
    """Slopes of m independent variants explain m / (m + n) of a trait of n people without effects.

    Scores are G Gᵀ y / n; with γ = m / n the eigenvalues of G Gᵀ / n have mean γ and mean square
    γ + γ² (Marchenko and Pastur 1967), so that r² = γ² / (γ + γ²).
    """
    rng = np.random.default_rng(2)
    n, m = 2000, 1000
    train, holdout = (
        Genotypes(
            rng.binomial(2, 0.5, (n, m)).astype(np.int8),
            pd.DataFrame({"iid": [f"{part}{i}" for i in range(n)], "height": rng.normal(size=n)}),
            population(m).variants(),
        )
        for part in ("train", "test")
    )
    comparison = Comparison(train, holdout, train, [HEIGHT])
    found = infer_attributes(comparison, n_attacked=n, seed=1)["attribute_gain.trait"]
    assert found.value == pytest.approx(m / (m + n), abs=0.05)
    assert found.ci_low < m / (m + n) < found.ci_high


@pytest.mark.parametrize("labels", [LABELS, [HEIGHT]], ids=["binary", "quantitative"])
def test_fresh_people__teach_the_same_of_everybody(labels):
    for estimate in infer(FRESH, labels).values():
        reach = (estimate.ci_high - estimate.ci_low) / 2
        assert abs(estimate.value) < 1.5 * reach < 0.15


def test_single_variants_of_training_people__give_the_trait_away_but_no_genotypes():
    """Effects hold the chance of these people: what a table of effects would give away."""
    found = infer(shuffled_columns(TRAIN, seed=3))
    assert found["attribute_gain.trait"].ci_low > 0.03
    assert found["attribute_gain.variants"].ci_low < 0.01


def test_without_trait_or_people__what_cannot_be_measured_is_left_out():
    assert list(infer(FRESH, [])) == ["attribute_gain.variants"]
    nobody = infer(FRESH.take(np.zeros(0, int)))
    assert all(np.isnan(estimate.value) for estimate in nobody.values())


def test_most_alike__finds_the_copy_whatever_the_block():
    order = np.random.default_rng(1).permutation(700)
    assert np.array_equal(most_alike(TRAIN.counts[order], TRAIN.counts), order)
