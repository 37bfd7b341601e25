"""Hidden units of each variant: what earlier alleles say together, beyond what each says."""

import torch
from torch import Tensor, nn

SPREAD_OF_THRESHOLDS = 0.5


# Σ_h sounding_jh tanh(threshold_jh + Σ_k reading_jhk φ_{j−k}): each variant has a network of its
# own, because which alleles go together is a matter of place.
class HiddenUnits(nn.Module):
    """A small network for each variant, silent until it is taught."""

    in_band: Tensor

    def __init__(self, in_band: Tensor, n_units: int) -> None:
        """Start silent; in_band (n_variants, n_seen) is 1 for alleles of the same chromosome."""
        super().__init__()
        n_variants, n_seen = in_band.shape
        self.n_seen = n_seen
        self.register_buffer("in_band", in_band.clone(), persistent=False)
        shape = (n_variants, n_units)
        self.readings = nn.Parameter(torch.randn(*shape, n_seen) / n_seen**0.5)
        self.thresholds = nn.Parameter(SPREAD_OF_THRESHOLDS * torch.randn(shape))
        self.soundings = nn.Parameter(torch.zeros(shape))
        self.requires_grad_(False)  # taught on their own, after all else

    @property
    def are_silent(self) -> bool:
        """Whether they say nothing, so that they need not be asked."""
        return not bool(self.soundings.any())

    def forward(self, windows: Tensor) -> Tensor:
        """Say (n_variants, n) from standardised alleles (n_variants, ≥ n_seen, n), nearest last."""
        if self.are_silent and not self.soundings.requires_grad:
            return windows.new_zeros(len(windows), windows.shape[2])
        readings = self.readings * self.in_band[:, None]
        inner = torch.baddbmm(self.thresholds[:, :, None], readings, windows[:, -self.n_seen :])
        return torch.bmm(self.soundings[:, None], inner.tanh())[:, 0]

    def of(self, variant: int, window: Tensor) -> Tensor:
        """Say (n,) of one variant from the alleles (≤ n_seen, n) before it, nearest last."""
        if self.are_silent:
            return window.new_zeros(window.shape[1])
        first = self.n_seen - len(window)
        readings = (self.readings[variant] * self.in_band[variant])[:, first:]
        inner = readings @ window + self.thresholds[variant][:, None]
        said: Tensor = self.soundings[variant] @ inner.tanh()
        return said
