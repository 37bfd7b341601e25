"""The latent flow: a residual network that turns noise into latents, given labels."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional


@dataclass(frozen=True)
class Latents:
    """Posterior of each training person as the encoder sees them, with their encoded labels.

    mean, sd: (n_samples, n_latent); labels: (n_samples, n_features); families: (n_samples,).
    """

    mean: Tensor
    sd: Tensor
    labels: Tensor
    families: Tensor

    @property
    def centre(self) -> Tensor:
        """Mean of posterior samples: (n_latent,)."""
        return self.mean.mean(dim=0)

    @property
    def scale(self) -> Tensor:
        """Standard deviation of posterior samples: (n_latent,)."""
        return (self.mean.var(dim=0) + (self.sd**2).mean(dim=0)).sqrt()


@dataclass(frozen=True)
class DenoiserShape:
    """What fixes the sizes of a denoiser's weights."""

    n_latent: int
    n_features: int
    width: int
    n_blocks: int


# Peebles & Xie 2023, section 3.2 (adaLN-Zero), for a vector instead of tokens.
class ModulatedBlock(nn.Module):
    """Residual block whose norm is shifted, scaled and gated by the condition."""

    def __init__(self, width: int) -> None:
        """Start as the identity: the gate is zero."""
        super().__init__()
        self.norm = nn.LayerNorm(width, elementwise_affine=False)
        self.modulation = nn.Linear(width, 3 * width)
        self.inner = nn.Sequential(nn.Linear(width, width), nn.SiLU(), nn.Linear(width, width))
        nn.init.zeros_(self.modulation.weight)
        nn.init.zeros_(self.modulation.bias)

    def forward(self, x: Tensor, condition: Tensor) -> Tensor:
        """x, condition: (n, width)."""
        scale, shift, gate = self.modulation(condition).chunk(3, dim=1)
        changed: Tensor = x + gate * self.inner((1 + scale) * self.norm(x) + shift)
        return changed


class Denoiser(nn.Module):
    """Velocity of the flow from standardised latents (t = 0) to noise (t = 1)."""

    wavelengths: Tensor
    centre: Tensor
    scale: Tensor

    def __init__(self, shape: DenoiserShape, *, centre: Tensor, scale: Tensor) -> None:
        """Start by predicting zero velocity; `centre` and `scale` undo the standardisation."""
        super().__init__()
        self.shape = shape
        width = shape.width
        self.register_buffer("centre", centre.clone())
        self.register_buffer("scale", scale.clone())
        self.register_buffer("wavelengths", torch.exp(torch.linspace(0, 5, width // 2)))
        self.embed = nn.Linear(shape.n_latent, width)
        self.embed_time = nn.Sequential(nn.Linear(width, width), nn.SiLU(), nn.Linear(width, width))
        self.embed_labels = nn.Sequential(
            nn.Linear(shape.n_features, width), nn.SiLU(), nn.Linear(width, width)
        )
        self.blocks = nn.ModuleList(ModulatedBlock(width) for _ in range(shape.n_blocks))
        self.norm = nn.LayerNorm(width, elementwise_affine=False)
        self.out = nn.Linear(width, shape.n_latent)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)

    def forward(self, x: Tensor, times: Tensor, labels: Tensor) -> Tensor:
        """x: (n, n_latent); times: (n,) in [0, 1]; labels: (n, n_features), zeros = unknown."""
        angles = times[:, None] * self.wavelengths
        waves = torch.cat((angles.sin(), angles.cos()), dim=1)
        condition = functional.silu(self.embed_time(waves) + self.embed_labels(labels))
        hidden = self.embed(x)
        for block in self.blocks:
            hidden = block(hidden, condition)
        velocity: Tensor = self.out(self.norm(hidden))
        return velocity
