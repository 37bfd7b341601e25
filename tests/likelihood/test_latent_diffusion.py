"""Likelihood of genotypes under a whole latent diffusion model of three variants."""

import itertools

import numpy as np
import pandas as pd
import torch

from genosynth.data.genotypes import Genotypes
from genosynth.data.labels import Label
from genosynth.likelihood.latent_diffusion import latent_diffusion_nats, log_evidence
from genosynth.models.denoiser import Denoiser, DenoiserShape
from genosynth.models.vae import GenotypeVae, VaeShape
from genosynth.sampling.diffusion import sample_diffusion
from genosynth.settings.sampling import SamplingSettings

N_ESTIMATES = 600
TRAIT = Label("disease", "trait", "binary", levels=("0", "1"))


def random_models() -> tuple[GenotypeVae, Denoiser]:
    torch.manual_seed(3)
    shape = VaeShape((2, 1), n_features=2, n_latent=1, width=8, n_neighbours=1, n_units=0, heard=())
    vae = GenotypeVae(shape, torch.tensor([0.3, 0.5, 0.4])).requires_grad_(False)
    vae.head.effects.normal_(std=0.3)
    vae.head.band.fill_(0.3)
    vae.latent_slope.normal_()
    flow = DenoiserShape(n_latent=1, n_features=2, width=8, n_blocks=1)
    denoiser = Denoiser(flow, centre=torch.tensor([0.4]), scale=torch.tensor([0.8]))
    for parameter in denoiser.requires_grad_(False).parameters():
        parameter.normal_(std=0.2)
    # An encoder that believes in latents about as wide as the flow's.
    vae.encoder[-1].weight.zero_()
    vae.encoder[-1].bias.copy_(torch.tensor([0.3, 0.5]))
    return vae, denoiser


def every_genotype() -> torch.Tensor:
    return torch.tensor(list(itertools.product(range(3), repeat=3)), dtype=torch.int8)


def likelihoods(counts: torch.Tensor, *, label: int) -> torch.Tensor:
    """Mean over many estimates, each unbiased."""
    vae, denoiser = random_models()
    labels = torch.eye(2)[label].expand(len(counts), -1)
    generator = torch.Generator().manual_seed(1)
    many = (each.repeat_interleave(N_ESTIMATES, dim=0) for each in (counts, labels))
    found = log_evidence(vae, denoiser, *many, generator=generator).exp()
    return found.view(len(counts), -1).mean(dim=1)


def test_log_evidence__of_all_genotypes_adds_up_to_one():
    assert abs(likelihoods(every_genotype(), label=0).sum().item() - 1) < 0.02


def test_log_evidence__is_how_often_the_generator_draws_a_genotype():
    vae, denoiser = random_models()
    n = 10_000
    people = pd.DataFrame({"disease": np.ones(n)})
    drawn = sample_diffusion(
        vae,
        denoiser,
        people,
        [TRAIT],
        settings=SamplingSettings(),
        seed=1,
        device=torch.device("cpu"),
    )
    code = np.array([9, 3, 1])
    shares = np.bincount(drawn.counts @ code, minlength=27) / n
    expected = likelihoods(every_genotype(), label=1).numpy()
    # Every error of a proportion is below 4.5 standard errors, and 0.004 for the estimate's own.
    assert (abs(shares - expected) < 4.5 * np.sqrt(expected / n) + 0.004).all()
    other = likelihoods(every_genotype(), label=0).numpy()
    assert abs(shares - other).max() > 0.02  # labels matter


def test_nats__of_people_without_calls_say_nothing_on_average(monkeypatch):
    monkeypatch.setattr("genosynth.likelihood.latent_diffusion.BATCH_SIZE", 300)
    n = 1000
    samples = pd.DataFrame({"iid": np.arange(n).astype(str)})
    samples["disease"] = np.random.default_rng(1).choice([0, 1, np.nan], n)
    variants = pd.DataFrame({"id": ["a", "b", "c"]})
    people = Genotypes(np.full((n, 3), -1, np.int8), samples, variants)
    models = random_models()
    nats = latent_diffusion_nats(*models, people, [TRAIT], seed=1, device=torch.device("cpu"))
    assert nats.shape == (n,)
    likelihood = np.exp(-nats)
    assert abs(likelihood.mean() - 1) < 4 * likelihood.std() / np.sqrt(n)
    assert nats.mean() > 0  # the logarithm of an unbiased estimate errs to the low side
