"""Encode the training people: what the diffusion model learns from."""

import numpy as np
import torch

from genosynth.data.genotypes import Genotypes
from genosynth.data.labels import Label, encode_labels
from genosynth.models.denoiser import Latents
from genosynth.models.vae import GenotypeVae

BATCH_SIZE, MOST_GENOTYPES = 4096, 2**24  # people; fewer where a panel is wide


@torch.no_grad()
def encode_latents(vae: GenotypeVae, train: Genotypes, labels: list[Label]) -> Latents:
    """Posterior mean and standard deviation of each training person's latents."""
    device = next(vae.parameters()).device
    encoded = torch.from_numpy(encode_labels(train.samples, labels))
    means, sds = [], []
    batch_size = max(1, min(BATCH_SIZE, MOST_GENOTYPES // train.counts.shape[1]))
    for first in range(0, len(encoded), batch_size):
        rows = slice(first, first + batch_size)
        counts = torch.from_numpy(np.array(train.counts[rows])).to(device)
        known = encoded[rows].to(device)
        mean, log_variance = vae.encode(counts, known)
        means.append(mean.cpu())
        sds.append((0.5 * log_variance).exp().cpu())
    families = torch.tensor(train.samples["family"].to_numpy())
    return Latents(torch.cat(means), torch.cat(sds), labels=encoded, families=families)
