"""Labels → latents → genotypes."""

import copy
import logging
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from genosynth.data.labels import Label, encode_labels, label_slices
from genosynth.models.denoiser import Denoiser
from genosynth.models.vae import GenotypeVae
from genosynth.progress import progress
from genosynth.sampling.guidance import guided
from genosynth.sampling.samplers import heun
from genosynth.seeds import derive_seed, person_normals, person_uniforms
from genosynth.settings.sampling import SamplingSettings

logger = logging.getLogger(__name__)


class Drawn(NamedTuple):
    """ALT copies (n, n_variants) of people, and the latents (n, n_latent) they were drawn from."""

    counts: NDArray[np.int8]
    latents: NDArray[np.float64]


@torch.no_grad()
def sample_diffusion(
    vae: GenotypeVae,
    denoiser: Denoiser,
    label_table: pd.DataFrame,
    labels: list[Label],
    *,
    settings: SamplingSettings,
    seed: int,
    device: torch.device,
) -> Drawn:
    """Draw one person for each row of `label_table`.

    A person depends on (seed, row) alone. Arithmetic is in double precision: in single precision
    a matrix product's last bits change with the batch, and with them, now and then, a genotype.
    """
    vae = copy.deepcopy(vae).double().to(device)
    denoiser = copy.deepcopy(denoiser).double().to(device)
    encoded = encode_labels(label_table, labels)
    drawn = Drawn(
        np.empty((len(encoded), vae.shape.n_variants), np.int8),
        np.empty((len(encoded), vae.shape.n_latent)),
    )
    firsts = range(0, len(encoded), settings.batch_size)
    for first in progress(firsts, what="sampling", total=len(firsts)):
        people = np.arange(first, min(first + settings.batch_size, len(encoded)))
        known = torch.from_numpy(encoded[people]).double().to(device)
        noise = person_normals(derive_seed(seed, "latents"), people, vae.shape.n_latent)
        dice = person_uniforms(derive_seed(seed, "alleles"), people, 2 * vae.shape.n_variants)
        dice = dice.reshape(len(people), -1, 2)
        hidden = hide_trait(known, labels)
        velocity = guided(denoiser, known, unguided=hidden, scale=settings.guidance)
        flowed = heun(velocity, torch.from_numpy(noise).to(device), n_steps=settings.steps)
        latents = flowed * denoiser.scale + denoiser.centre
        given, average = vae.given(latents, known), vae.given(latents, hidden)
        # Effects of the trait, so many times; hidden units do not hear it.
        base = average.base + settings.guidance * (given.base - average.base)
        counts = vae.sample(replace(given, base=base), torch.from_numpy(dice).to(device))
        drawn.counts[people], drawn.latents[people] = counts.cpu().numpy(), latents.cpu().numpy()
        logger.info("drew %d of %d people", people[-1] + 1, len(encoded))
    return drawn


def hide_trait(encoded: torch.Tensor, labels: list[Label]) -> torch.Tensor:
    """Labels with the trait unknown: what guidance moves away from; conditions stay."""
    hidden = encoded.clone()
    for label, columns in zip(labels, label_slices(labels), strict=True):
        if label.role == "trait":
            hidden[:, columns] = 0
    return hidden
