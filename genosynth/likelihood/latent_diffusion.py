"""Likelihood of real people under the latent diffusion generator: a bound, from above in nats.

Latents are drawn where the encoder believes them and weighted by how likely the flow makes them;
phase is summed over by a particle filter. Both estimates of the likelihood are unbiased, so that
their logarithm errs to the low side (Burda et al. 2016 for the latents).
"""

import logging
import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from genosynth.data.genotypes import Genotypes
from genosynth.data.labels import Label, encode_labels
from genosynth.likelihood.flow import log_density, log_normal
from genosynth.models.denoiser import Denoiser
from genosynth.models.phasing import log_likelihood
from genosynth.models.vae import GenotypeVae
from genosynth.progress import progress

logger = logging.getLogger(__name__)

BATCH_SIZE = 500
N_DRAWS = 2  # of a person's latents; eight lower the demo's nats by 0.8 in 474
N_PARTICLES = 16  # guesses of the phase for each; 64 lower them by 0.6


@torch.no_grad()
def latent_diffusion_nats(
    vae: GenotypeVae,
    denoiser: Denoiser,
    people: Genotypes,
    labels: list[Label],
    *,
    seed: int,
    device: torch.device,
) -> NDArray[np.float64]:
    """Negative log-likelihood (n_people,) of people given their labels, at most so large."""
    vae, denoiser = vae.to(device), denoiser.to(device)
    encoded = torch.from_numpy(encode_labels(people.samples, labels))
    generator = torch.Generator(device).manual_seed(seed)
    firsts = range(0, len(encoded), BATCH_SIZE)
    batches = [torch.zeros(0)]
    for first in progress(firsts, what="likelihood", total=len(firsts)):
        rows = slice(first, first + BATCH_SIZE)
        counts, known = torch.from_numpy(people.counts[rows]).to(device), encoded[rows].to(device)
        batches.append(-log_evidence(vae, denoiser, counts, known, generator=generator).cpu())
    nats = torch.cat(batches).double().numpy()
    logger.info("%.2f nats a person, mean of %d people", nats.mean(), len(nats))
    return nats


def log_evidence(
    vae: GenotypeVae,
    denoiser: Denoiser,
    counts: Tensor,
    labels: Tensor,
    *,
    generator: torch.Generator,
) -> Tensor:
    """Log-likelihood (n,) of genotypes int8 (n, n_variants) given labels (n, n_features)."""
    mean, log_variance = vae.encode(counts, labels)
    log_weights = []
    for _ in range(N_DRAWS):
        noise = torch.randn(mean.shape, generator=generator, device=mean.device, dtype=mean.dtype)
        latents = mean + (0.5 * log_variance).exp() * noise
        proposal = log_normal(noise) - 0.5 * log_variance.sum(dim=1)
        likelihood = log_likelihood(
            vae.head,
            vae.given(latents, labels),
            counts,
            n_particles=N_PARTICLES,
            generator=generator,
        )
        prior = log_density(denoiser, latents, labels)
        log_weights.append(likelihood + prior - proposal)
    return torch.stack(log_weights).logsumexp(dim=0) - math.log(N_DRAWS)
