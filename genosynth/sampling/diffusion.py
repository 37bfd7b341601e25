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
from genosynth.models.dice import even_dice
from genosynth.models.vae import GenotypeVae
from genosynth.progress import progress
from genosynth.sampling.guidance import guided
from genosynth.sampling.samplers import heun
from genosynth.sampling.together import drawn_together
from genosynth.seeds import derive_seed, person_normals
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
    out: NDArray[np.int8] | None = None,
) -> Drawn:
    """Draw one person for each row of `label_table`, evenly among those alike in their labels.

    Give a memory-mapped array (n, n_variants) as `out`, and only a part of the people is in memory.

    Arithmetic is in double precision: in single precision a matrix product's last bits change with
    the number of threads, and with them, now and then, a genotype.
    """
    vae = copy.deepcopy(vae).double().to(device)
    denoiser = copy.deepcopy(denoiser).double().to(device)
    encoded = encode_labels(label_table, labels)
    n, n_variants = len(encoded), vae.shape.n_variants
    counts_of_all = np.empty((n, n_variants), np.int8) if out is None else out
    drawn = Drawn(counts_of_all, latents=np.empty((n, vae.shape.n_latent)))
    together = drawn_together(
        label_table, labels, n_variants=n_variants, seed=derive_seed(seed, "order")
    )
    for number, people in enumerate(progress(together, what="sampling", total=len(together))):
        known = torch.from_numpy(encoded[people]).double().to(device)
        noise = person_normals(derive_seed(seed, "latents"), people, vae.shape.n_latent)
        generator = torch.Generator(device).manual_seed(derive_seed(seed, "alleles", number))
        hidden = hide_trait(known, labels)
        velocity = guided(denoiser, known, unguided=hidden, scale=settings.guidance)
        flowed = heun(velocity, torch.from_numpy(noise).to(device), n_steps=settings.steps)
        latents = flowed * denoiser.scale + denoiser.centre
        given, average = vae.given(latents, known), vae.given(latents, hidden)
        # Effects of the trait, so many times; hidden units do not hear it.
        base = average.base + settings.guidance * (given.base - average.base)
        dice = even_dice(n_variants, len(people), generator=generator)
        counts = vae.sample(replace(given, base=base), dice)
        drawn.counts[people], drawn.latents[people] = counts.cpu().numpy(), latents.cpu().numpy()
        logger.info("drew %d of %d parts of the people", number + 1, len(together))
    return drawn


def hide_trait(encoded: torch.Tensor, labels: list[Label]) -> torch.Tensor:
    """Labels with the trait unknown: what guidance moves away from; conditions stay."""
    hidden = encoded.clone()
    for label, columns in zip(labels, label_slices(labels), strict=True):
        if label.role == "trait":
            hidden[:, columns] = 0
    return hidden
