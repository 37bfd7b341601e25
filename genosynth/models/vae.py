"""The genotype VAE: few latents for what spans chromosomes, autoregression along haplotypes."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from genosynth.models.dice import Dice
from genosynth.models.haplotypes import MISSING, Given, HaplotypeAutoregression

DECODER_WIDTH = 32  # hidden units: enough to bend the effects of latents, too few to learn people


@dataclass(frozen=True)
class VaeShape:
    """What fixes the sizes of a VAE's weights."""

    chromosome_sizes: tuple[int, ...]
    n_features: int
    n_latent: int
    width: int
    n_neighbours: int
    n_units: int
    heard: tuple[int, ...]  # features that hidden units hear: conditions, not the trait

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
    """Encoder and decoder both know the labels: a label-blind VAE loses the trait's effects.

    Latents are what a person has beyond the average of people with these labels (`latent_slope`),
    so that effects of labels lie in the head, whatever the diffusion model makes of the latents.
    """

    latent_slope: Tensor

    def __init__(self, shape: VaeShape, frequencies: Tensor) -> None:
        """Start as an independent sampler of ALT alleles with `frequencies` (n_variants,)."""
        super().__init__()
        self.shape = shape
        n_variants, width = shape.n_variants, shape.width
        self.head = HaplotypeAutoregression(
            shape.chromosome_sizes,
            frequencies,
            n_told=shape.n_features + shape.n_latent,
            n_neighbours=shape.n_neighbours,
            n_units=shape.n_units,
            heard=shape.heard,
        )
        self.encoder = nn.Sequential(
            nn.Linear(n_variants + shape.n_features, width),
            nn.SiLU(),
            nn.Linear(width, width),
            nn.SiLU(),
            nn.Linear(width, 2 * shape.n_latent),
        )
        self.decoder = nn.Sequential(nn.Linear(shape.n_latent, DECODER_WIDTH), nn.SiLU())
        self.hidden_effects = nn.Linear(DECODER_WIDTH, n_variants, bias=False)
        nn.init.zeros_(self.hidden_effects.weight)
        self.register_buffer("latent_slope", torch.zeros(shape.n_features, shape.n_latent))

    def encode(self, counts: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and log-variance of the latents: (n, n_latent) each.

        counts: int8 (n, n_variants), a missing call is the mean; labels: (n, n_features).
        """
        told = torch.cat((self.head.dosages(counts), labels), dim=1)
        described = self.encoder(told).to(labels.dtype)
        mean, log_variance = described.chunk(2, dim=1)
        return mean - labels @ self.latent_slope, log_variance.clamp(-12, 6)

    def context(self, latents: Tensor, labels: Tensor, *, variants: slice = slice(None)) -> Tensor:
        """What is not linear in the latents (n, n_latent), for some variants: (n_variants, n).

        Labels act by the average of the latents only: an unknown one then means the average.
        """
        hidden = self.decoder(latents + labels @ self.latent_slope)
        effects = functional.linear(hidden, self.hidden_effects.weight[variants])
        return effects.T.to(labels.dtype)

    def given(self, latents: Tensor, labels: Tensor) -> Given:
        """What labels and latents say of the people's alleles."""
        told = torch.cat((labels, latents), dim=1)
        return self.head.given(told, self.context(latents, labels))

    def loss(self, haplotypes: Tensor, labels: Tensor, *, noise: Tensor) -> VaeLoss:
        """Negative evidence lower bound of phased people in its two parts.

        haplotypes: int8 (n, 2, n_variants), missing alleles are left out; labels: (n, n_features);
        noise: (n, n_latent).
        """
        device = labels.device.type
        with torch.autocast(device, dtype=torch.bfloat16):
            mean, log_variance = self.encode(genotypes_of(haplotypes), labels)
        latents = mean + (0.5 * log_variance).exp() * noise
        alleles = haplotypes.permute(2, 1, 0).to(labels.dtype)
        # In single precision: bfloat16 rounds weights of rare variants, and copies each window.
        nats = self.head.nats(self.given(latents, labels), alleles)
        kl = 0.5 * (mean**2 + log_variance.exp() - 1 - log_variance).sum(dim=1)
        return VaeLoss(nats, kl)

    @torch.no_grad()
    def sample(self, given: Given, dice: Dice) -> Tensor:
        """Draw genotypes int8 (n, n_variants), never the most probable ones: those shrink MAF."""
        return self.head.sample(given, dice).sum(dim=1, dtype=torch.int8).T


def genotypes_of(haplotypes: Tensor) -> Tensor:
    """ALT copies (n, n_variants) of haplotypes (n, 2, n_variants); missing alleles: −1."""
    copies = haplotypes.sum(dim=1, dtype=torch.int8)
    return copies.clamp(min=MISSING)
