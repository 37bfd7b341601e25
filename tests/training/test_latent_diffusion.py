"""The learned generator from matrix to people, at toy size."""

from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from genosynth.data.genotypes import Genotypes
from genosynth.data.labels import Label, describe_label, encode_labels
from genosynth.evaluation.sweep import measure_sweep
from genosynth.sampling.diffusion import hide_trait, sample_diffusion
from genosynth.sampling.sweep import draw_sweep
from genosynth.settings.diffusion import DiffusionSettings
from genosynth.settings.sampling import SamplingSettings
from genosynth.settings.vae import VaeSettings
from genosynth.training.denoiser import train_denoiser
from genosynth.training.latents import encode_latents
from genosynth.training.vae import (
    allele_frequencies,
    load_people,
    parameter_groups,
    plan_training,
    train_vae,
)

CPU = torch.device("cpu")
SMALL_VAE = VaeSettings(
    n_latent=4,
    width=32,
    max_epochs=100,
    patience=100,
    batch_size=64,
    weight_decay=1e-3,
)
SMALL_FLOW = DiffusionSettings(width=32, n_blocks=1, n_steps=200, validate_every=100)


@pytest.fixture(scope="module")
def train() -> Genotypes:
    """1,200 people, two chromosomes of 8 linked variants, a trait that shifts frequencies."""
    rng = np.random.default_rng(1)
    trait = (np.arange(1200) % 3 == 0).astype(float)
    haplotypes = np.empty((2, 1200, 16))
    for chromosome in range(2):
        noise = rng.standard_normal((2, 1200, 8))
        for variant in range(8):
            if variant:
                noise[..., variant] = 0.8 * noise[..., variant - 1] + 0.6 * noise[..., variant]
        haplotypes[..., 8 * chromosome : 8 * chromosome + 8] = noise
    counts = (haplotypes + 0.4 * trait[:, None] > 0.5).sum(axis=0).astype(np.int8)
    counts[rng.random(counts.shape) < 0.02] = -1
    samples = pd.DataFrame({"iid": [f"p{i}" for i in range(1200)], "part": "train", "t": trait})
    samples["family"] = range(1200)
    variants = pd.DataFrame(
        {
            "chromosome": np.repeat([1, 2], 8),
            "position_bp": np.tile(np.arange(8) * 1000 + 1, 2),
            "id": [f"v{i}" for i in range(16)],
            "ref": "A",
            "alt": "G",
        }
    )
    return Genotypes(counts, samples, variants)


@pytest.fixture(scope="module")
def labels(train) -> list[Label]:
    return [describe_label(train.samples["t"], role="trait", kind="binary")]


@pytest.fixture(scope="module")
def models(train, labels, tmp_path_factory):
    scratch: Path = tmp_path_factory.mktemp("resume")
    common = {"seed": 1, "device": CPU}
    vae = train_vae(train, labels, settings=SMALL_VAE, resume=scratch / "v", **common).model
    latents = encode_latents(vae, train, labels)
    flow = train_denoiser(latents, labels, settings=SMALL_FLOW, resume=scratch / "d", **common)
    return vae, flow.model


def test_load_people__no_more_than_the_device_is_to_hold(train, labels, monkeypatch):
    monkeypatch.setattr("genosynth.training.vae.MOST_HELD", 16 * 300)
    people = load_people(train, labels, settings=SMALL_VAE, seed=1, device=CPU)
    assert people.counts.shape == (300, 16)
    assert len(people.labels) == len(people.fitting) + len(people.validation) == 300
    shares = people.labels.mean(dim=0)
    assert abs(float(shares[1]) - 1 / 3) < 0.1  # cases and controls, at random


def draw(models, table, labels, **settings) -> np.ndarray:
    chosen = SamplingSettings(**settings)
    return sample_diffusion(*models, table, labels, settings=chosen, seed=7, device=CPU).counts


def difference(counts: np.ndarray, trait: np.ndarray) -> np.ndarray:
    called = np.where(counts < 0, np.nan, counts)
    return np.nanmean(called[trait == 1], axis=0) - np.nanmean(called[trait == 0], axis=0)


def test_sampling__same_people_again(models, labels):
    table = pd.DataFrame({"t": np.arange(50) % 2.0})
    assert np.array_equal(draw(models, table, labels), draw(models, table, labels))


def test_sampling__frequencies_and_effects_lack_the_noise_of_drawing(models, labels):
    """Cohorts differ by latents only: by less than half the variance of independent draws."""
    table = pd.DataFrame({"t": np.arange(2000) % 2.0})
    cohorts = np.stack(
        [
            sample_diffusion(
                *models, table, labels, settings=SamplingSettings(), seed=seed, device=CPU
            ).counts
            for seed in range(6)
        ]
    )
    one, two, *_ = cohorts
    assert 0.5 < (one != two).mean() / (2 * one.var(axis=0).mean()) < 1.5  # they are others
    binomial = cohorts.var(axis=1).mean(axis=0)
    for trait in (0, 1):
        mine = (table["t"] == trait).to_numpy()
        between = cohorts[:, mine].mean(axis=1).var(axis=0, ddof=1)
        assert (between / (binomial / mine.sum())).mean() < 0.5


def test_sampling__keeps_frequencies_ld_and_effects(models, labels, train):
    drawn = draw(models, train.samples, labels, steps=8)
    called = np.ma.masked_less(train.counts, 0)
    assert np.abs(drawn.mean(axis=0) - called.mean(axis=0)).max() < 0.12  # four standard errors
    real = np.ma.corrcoef(called, rowvar=False)
    synthetic = np.corrcoef(drawn, rowvar=False)
    adjacent = np.arange(15)
    linked = adjacent != 7
    assert np.abs(synthetic - real)[adjacent, adjacent + 1][linked].max() < 0.15
    assert abs(synthetic[7, 8] - real[7, 8]) < 0.15  # last and first of two chromosomes
    trait = train.samples["t"].to_numpy()
    ours, theirs = difference(drawn, trait), difference(train.counts, trait)
    assert 0.75 < ours @ theirs / (theirs @ theirs) < 1.25


@pytest.mark.parametrize("guidance", [1.0, 2.0, 3.0])
def test_sampling__guidance_multiplies_effects(models, labels, train, guidance):
    drawn = draw(models, train.samples, labels, steps=8, guidance=guidance)
    trait = train.samples["t"].to_numpy()
    ours, theirs = difference(drawn, trait), difference(train.counts, trait)
    # Of log-odds: differences of dosages grow a little less, where frequencies near their limits.
    assert 0.75 * guidance < ours @ theirs / (theirs @ theirs) < 1.15 * guidance


def test_sampling__unknown_trait_falls_back_to_the_marginal(models, labels, train):
    unknown = pd.DataFrame({"t": [np.nan] * 3000})
    drawn = draw(models, unknown, labels, steps=8).mean(axis=0)
    called = np.ma.masked_less(train.counts, 0)
    by_class = [called[train.samples["t"] == value].mean(axis=0) for value in (0, 1)]
    assert np.abs(drawn - called.mean(axis=0)).max() < 0.1  # four standard errors
    assert np.abs(drawn - called.mean(axis=0)).mean() < np.abs(drawn - by_class[0]).mean()
    assert np.abs(drawn - called.mean(axis=0)).mean() < np.abs(drawn - by_class[1]).mean()


def test_sweep__finds_effects_doubled_and_the_unknown_unharmed(models, labels, train):
    people = [train.samples, train.samples.assign(part="test")]
    real = Genotypes(np.tile(train.counts, (2, 1)), pd.concat(people), train.variants)
    sweep = draw_sweep(
        partial(sample_diffusion, *models, labels=labels, device=CPU),
        train,
        encode_latents(models[0], train, labels),
        labels=labels,
        settings=SamplingSettings(steps=8),
        seed=1,
    )
    tables = measure_sweep(sweep, real, labels, seed=1)
    slope = tables["guidance"].set_index("guidance")["effect_slope"]
    assert 0.75 < slope[1.0] < 1.25
    assert 1.7 < slope[2.0] / slope[1.0] < 2.2
    error = tables["steps"].set_index("steps")["latent_error"]
    assert error[1] > error[4] > error[8] > 0
    frequencies = tables["masked"].loc[0]
    assert frequencies["value"] < 3 * frequencies["expected"]


def test_hide_trait__keeps_conditions():
    condition = Label("sex", "condition", "categorical", levels=("f", "m"))
    trait = Label("t", "trait", "quantitative", mean=1.0, sd=2.0)
    table = pd.DataFrame({"t": [3.0, np.nan], "sex": ["f", "m"]})
    encoded = torch.from_numpy(encode_labels(table, [trait, condition]))
    assert encoded.tolist() == [[1, 1, 1, 0], [0, 0, 0, 1]]
    assert hide_trait(encoded, [trait, condition]).tolist() == [[0, 0, 1, 0], [0, 0, 0, 1]]


def test_parameter_groups__what_newton_fitted_moves_slowly_and_effects_do_not_decay(models):
    decayed, free, fitted = parameter_groups(models[0], 0.1)
    head = models[0].head
    assert {id(each) for each in fitted["params"]} == {id(head.intercepts), id(head.band)}
    assert any(each is head.effects for each in free["params"])
    assert (decayed["weight_decay"], free["weight_decay"], fitted["weight_decay"]) == (0.1, 0, 0)
    assert fitted["relative_rate"] < 1
    left = [head.couplings, *head.units.parameters()]  # fitted on their own
    n_grouped = sum(len(group["params"]) for group in (decayed, free, fitted))
    assert n_grouped + len(left) == len(list(models[0].parameters()))


def test_plan_training__small_cohorts_get_enough_steps():
    settings = VaeSettings(batch_size=256, max_epochs=16, min_steps=480)
    small = plan_training(1000, settings=settings, seed=1, identity="")
    large = plan_training(100_000, settings=settings, seed=1, identity="")
    assert (small.n_steps, small.validate_every) == (480, 30)
    assert (large.n_steps, large.validate_every) == (16 * 391, 391)


def test_allele_frequencies__ignore_missing_calls():
    counts = np.array([[0, -1], [1, -1], [1, -1], [2, 2]], np.int8)
    torch.testing.assert_close(allele_frequencies(counts), torch.tensor([4.5 / 9, 2.5 / 3]))
