"""Tables of a sweep: known effects, frequencies, latents and mixtures are found again."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from genosynth.data.genotypes import Genotypes
from genosynth.data.sweep import Draw, Sweep
from genosynth.evaluation.sweep import energy_distance, frequency_error, measure_sweep
from tests.evaluation.simulated_people import ANCESTRY, HEIGHT, LABELS, population

PEOPLE = population(150, fst=0.05)
TRAIN, TEST = PEOPLE.people(2000, 1), PEOPLE.people(800, 2, part="test")
REAL = Genotypes(
    np.concatenate([TRAIN.counts, TEST.counts]),
    pd.concat([TRAIN.samples, TEST.samples], ignore_index=True),
    TRAIN.variants,
)
ASKED = TRAIN.take(np.arange(1000))
LATENTS = np.random.default_rng(4).standard_normal((1000, 3))
STEP_ERROR = {1: 1.0, 2: 0.1, 4: 0.0}  # of latents, in standard deviations


def guided(guidance: float) -> Genotypes:
    """People of the frequencies of their class in train, its part multiplied."""
    mean = TRAIN.counts.mean(axis=0)
    dosage = np.empty(ASKED.counts.shape)
    for level in (0, 1):
        own = TRAIN.counts[TRAIN.samples["disease"] == level].mean(axis=0)
        dosage[ASKED.samples["disease"] == level] = mean + guidance * (own - mean)
    return replace(ASKED, counts=drawn(dosage))


def drawn(dosage: np.ndarray) -> np.ndarray:
    rng = np.random.default_rng(5)
    return rng.binomial(2, (dosage / 2).clip(0, 1)).astype(np.int8)


def swept(masked: Genotypes | None = None) -> Sweep:
    rng = np.random.default_rng(6)

    def draw(people: Genotypes, error: float = 0.0) -> Draw:
        return Draw(people, LATENTS + error * rng.standard_normal(LATENTS.shape), seconds=2.0)

    return Sweep(
        ASKED,
        rng.standard_normal(LATENTS.shape),
        guidance={each: draw(guided(each)) for each in (1.0, 2.0, 8.0)},
        steps={each: draw(guided(1.0), error) for each, error in STEP_ERROR.items()},
        masked=draw(masked) if masked else None,
    )


@pytest.fixture(scope="module")
def tables() -> dict[str, pd.DataFrame]:
    return measure_sweep(swept(PEOPLE.people(1000, 6)), REAL, LABELS, seed=1)


def test_guidance__multiplies_the_slope_and_the_shift_of_the_score(tables):
    table = tables["guidance"].set_index("guidance")
    for guidance in (1.0, 2.0):  # at 8 frequencies near their limits
        slope = table.loc[guidance]
        assert slope["effect_slope_low"] < guidance < slope["effect_slope_high"]
    doubled = table.loc[2.0, "prs_shift"] / table.loc[1.0, "prs_shift"]
    assert doubled == pytest.approx(2, rel=0.1)
    assert table.loc[1.0, "prs_shift"] == pytest.approx(table.loc[1.0, "prs_shift_real"], rel=0.2)
    assert (table["seconds_per_1000"] == 2).all()


def test_guidance__that_bends_frequencies_shows_in_their_error(tables):
    ratio = (tables["guidance"]["af_rmse"] / tables["guidance"]["af_rmse_chance"]).tolist()
    assert ratio[0] < 1.4  # the people asked for are a sample themselves
    assert ratio[2] > 1.2 * ratio[0]


def test_guidance__learns_from_real_people_as_real_people_do():
    sweep = swept()
    same = replace(sweep, guidance={1.0: Draw(ASKED, LATENTS, seconds=1.0)})
    table = measure_sweep(same, REAL, LABELS, seed=1)["guidance"]
    assert table.loc[0, "tstr"] == table.loc[0, "trtr"] > 0.55
    assert table.loc[0, "prs_shift"] == table.loc[0, "prs_shift_real"]


def test_guidance__of_a_quantitative_trait_is_measured_by_explained_variance():
    sweep = swept()
    same = replace(sweep, guidance={1.0: Draw(ASKED, LATENTS, seconds=1.0)})
    table = measure_sweep(same, REAL, [HEIGHT, ANCESTRY], seed=1)["guidance"]
    assert 0.1 < table.loc[0, "tstr"] < 0.5


def test_steps__are_measured_against_the_finest(tables):
    table = tables["steps"].set_index("steps")
    for steps, error in STEP_ERROR.items():
        assert table.loc[steps, "latent_error"] == pytest.approx(error, rel=0.1, abs=1e-9)
    assert table.loc[4, "energy_low"] < 0 < table.loc[4, "energy_high"]
    assert table.loc[1, "energy_low"] > 0  # wider by two fifths


def test_masked__fresh_people_are_the_mixture_that_is_expected(tables):
    table = tables["masked"].set_index("level")
    assert (
        table.loc["west", "ci_low"] < table.loc["west", "expected"] < table.loc["west", "ci_high"]
    )
    assert table["value"].iloc[0] < 1.3 * table["expected"].iloc[0]


def test_masked__people_of_average_ancestry_are_no_mixture():
    """The right allele frequencies and nobody of either ancestry."""
    dosage = np.tile(TRAIN.counts.mean(axis=0), (1000, 1))
    average = replace(ASKED, counts=drawn(dosage))
    table = measure_sweep(swept(average), REAL, LABELS, seed=1)["masked"].set_index("level")
    assert table["value"].iloc[0] < 1.3 * table["expected"].iloc[0]
    west = table.loc["west"]
    assert not west["ci_low"] < west["expected"] < west["ci_high"]


def test_sweep__without_trait_or_labels_leaves_tables_empty():
    sweep = replace(swept(), guidance={})
    found = measure_sweep(sweep, REAL, [], seed=1)
    assert {name: len(table) for name, table in found.items()} == {
        "guidance": 0,
        "steps": len(STEP_ERROR),
        "masked": 0,
    }


def test_frequency_error__chance_is_what_independent_draws_give():
    frequencies = np.random.default_rng(1).uniform(0.05, 0.95, 1000)
    variants = pd.DataFrame({"id": np.arange(1000)})

    def draw(n: int, seed: int) -> Genotypes:
        counts = np.random.default_rng(seed).binomial(2, frequencies, (n, 1000)).astype(np.int8)
        return Genotypes(counts, pd.DataFrame({"iid": np.arange(n)}), variants)

    error, chance = frequency_error(draw(50, 1), draw(10_000, 2))
    assert error == pytest.approx(chance, rel=0.05)


def test_energy_distance__agrees_with_scipy_in_one_dimension():
    rng = np.random.default_rng(1)
    left, right = rng.normal(0, 1, 300), rng.normal(0.5, 2, 300)
    biased = stats.energy_distance(left, right) ** 2
    spread = sum(np.abs(each[:, None] - each).mean() for each in (left, right))
    expected = biased - spread / 299  # pairs of a person with themselves do not count
    assert energy_distance(left[:, None], right[:, None]).value == pytest.approx(expected)
