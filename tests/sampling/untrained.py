"""People of a model nobody taught, drawn on some threads: untrained.py N_THREADS FILE."""

import sys
from collections.abc import Sequence

import numpy as np
import pandas as pd
import torch
from torch import nn

from genosynth.data.labels import Label
from genosynth.models.denoiser import Denoiser, DenoiserShape
from genosynth.models.vae import GenotypeVae, VaeShape
from genosynth.sampling.diffusion import Drawn, sample_diffusion
from genosynth.settings.diffusion import DiffusionSettings
from genosynth.settings.sampling import SamplingSettings
from genosynth.settings.vae import VaeSettings

TRAIT = Label("disease", "trait", "binary", levels=("0", "1"))
ANCESTRY = Label("ancestry", "condition", "categorical", levels=("east", "west"))
LABELS = [TRAIT, ANCESTRY]
N_FEATURES = sum(label.n_features for label in LABELS)
HEARD = (2, 3)  # the features of ancestry
N_PEOPLE, SIZES = 300, (120, 80)


def untrained(
    chromosome_sizes: Sequence[int], *, vae: VaeSettings | None = None
) -> tuple[GenotypeVae, Denoiser]:
    """Networks of the default shape whose every weight says something, and nothing sensible."""
    settings, flow = vae or VaeSettings(), DiffusionSettings()
    shape = VaeShape(
        tuple(chromosome_sizes),
        n_features=N_FEATURES,
        n_latent=settings.n_latent,
        width=settings.width,
        n_neighbours=settings.n_neighbours,
        n_units=settings.n_units,
        heard=HEARD,
    )
    of_flow = DenoiserShape(settings.n_latent, N_FEATURES, flow.width, flow.n_blocks)
    with torch.random.fork_rng(devices=[]):
        torch.random.manual_seed(1)
        frequencies = 0.1 + 0.8 * torch.rand(shape.n_variants)
        ones = torch.ones(settings.n_latent)
        models = GenotypeVae(shape, frequencies), Denoiser(of_flow, centre=0 * ones, scale=ones)
        for model in models:
            shake(model)
    return models


@torch.no_grad()
def shake(model: nn.Module) -> None:
    """Add a little noise to weights, many of which start at zero."""
    for name, weights in model.named_parameters():
        if not name.endswith("couplings"):
            weights.add_(0.05 * torch.randn_like(weights))


def label_table(n: int) -> pd.DataFrame:
    rng = np.random.default_rng(2)
    ancestry = np.where(rng.random(n) < 0.4, "west", "east")
    return pd.DataFrame({"disease": (np.arange(n) % 3 == 0).astype(float), "ancestry": ancestry})


def draw(models: tuple[GenotypeVae, Denoiser], table: pd.DataFrame, **out: np.ndarray) -> Drawn:
    settings = SamplingSettings(steps=2)
    how = {"settings": settings, "seed": 7, "device": torch.device("cpu")}
    return sample_diffusion(*models, table, LABELS, **how, **out)


if __name__ == "__main__":
    torch.set_num_threads(int(sys.argv[1]))
    drawn = draw(untrained(SIZES), label_table(N_PEOPLE))
    np.savez(sys.argv[2], counts=drawn.counts, latents=drawn.latents)
