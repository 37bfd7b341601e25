"""The genotype VAE: few latents for what spans chromosomes, autoregression for the rest."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from genosynth.models.autoregression import N_CLASSES, GenotypeFeatures, NeuralAutoregression


@dataclass(frozen=True)
class VaeShape:
    """What fixes the sizes of a VAE's weights."""

    chromosome_sizes: tuple[int, ...]
    n_features: int
    n_latent: int
    width: int
    n_hidden: int
    n_neighbours: int

    @property
    def n_variants(self) -> int:
        """Variants of the panel."""
        return sum(self.chromosome_sizes)


@dataclass(frozen=True)
class VaeLoss:
    """Nats for each person: (n,) each."""

    reconstruction: Tensor
    kl: Tensor


class GenotypeVae(nn.Module):
    """Encoder and decoder both know the labels: a label-blind VAE loses the trait's effects."""

    def __init__(self, shape: VaeShape, genotype_frequencies: Tensor) -> None:
        """Start as an independent sampler of `genotype_frequencies` (n_variants, 3)."""
        super().__init__()
        self.shape = shape
        n_variants, width = shape.n_variants, shape.width
        self.features = GenotypeFeatures(genotype_frequencies[:, 1:].clone())
        self.encoder = nn.Sequential(
            nn.Linear(2 * n_variants + shape.n_features, width),
            nn.SiLU(),
            nn.Linear(width, width),
            nn.SiLU(),
            nn.Linear(width, 2 * shape.n_latent),
        )
        self.decoder = nn.Sequential(nn.Linear(shape.n_latent + shape.n_features, width), nn.SiLU())
        self.site_logits = nn.Linear(width, n_variants * N_CLASSES)
        self.latent_effects = nn.Linear(shape.n_latent, n_variants * N_CLASSES, bias=False)
        self.label_effects = nn.Linear(shape.n_features, n_variants * N_CLASSES, bias=False)
        self.starts = nn.Linear(width, len(shape.chromosome_sizes) * shape.n_hidden)
        self.head = NeuralAutoregression(
            shape.chromosome_sizes, n_hidden=shape.n_hidden, n_neighbours=shape.n_neighbours
        )
        for layer in (self.site_logits, self.latent_effects, self.label_effects):
            nn.init.zeros_(layer.weight)
        with torch.no_grad():
            self.site_logits.bias.copy_(genotype_frequencies.log().flatten())

    def encode(self, features: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and log-variance of the latents: (n, n_latent) each.

        features: (n_variants, 2, n); labels: (n, n_features).
        """
        inputs = torch.cat((features.flatten(0, 1).T, labels), dim=1)
        mean, log_variance = self.encoder(inputs).chunk(2, dim=1)
        return mean, log_variance.clamp(-12, 6)

    def context(self, latents: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """What latents and labels say: logits (n_variants, 3, n), starts (n_chromosomes, h, n)."""
        hidden = self.decoder(torch.cat((latents, labels), dim=1))
        logits = self.site_logits(hidden) + self.latent_effects(latents)
        logits = logits + self.label_effects(labels)
        starts = self.starts(hidden)
        n_chromosomes = len(self.shape.chromosome_sizes)
        return logits.T.unflatten(0, (-1, N_CLASSES)), starts.T.unflatten(0, (n_chromosomes, -1))

    def loss(self, counts: Tensor, labels: Tensor, *, noise: Tensor) -> VaeLoss:
        """Negative evidence lower bound in its two parts.

        counts: int8 (n, n_variants), missing calls are left out; labels: (n, n_features);
        noise: (n, n_latent).
        """
        features = self.features(counts)
        mean, log_variance = self.encode(features, labels)
        latents = mean + (0.5 * log_variance).exp() * noise
        base, starts = self.context(latents, labels)
        logits = self.head(base, starts, features)
        reconstruction = functional.cross_entropy(
            logits.float(), counts.T.long(), ignore_index=-1, reduction="none"
        ).sum(dim=0)
        kl = 0.5 * (mean**2 + log_variance.exp() - 1 - log_variance).float().sum(dim=1)
        return VaeLoss(reconstruction, kl)

    @torch.no_grad()
    def sample(self, latents: Tensor, labels: Tensor, uniforms: Tensor) -> Tensor:
        """Draw genotypes (never the most probable ones, which would shrink frequencies)."""
        return self.head.sample(*self.context(latents, labels), self.features, uniforms)
