"""Hidden units of each variant: what earlier alleles say together, beyond what each says."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from genosynth.models.banded import pad_band

SPREAD_OF_THRESHOLDS = 0.5
SPREAD_OF_HEARINGS = 0.5  # from zero, units that differ by condition are slow to grow


# Σ_h sounding_jh tanh(threshold_jh + Σ_k reading_jhk φ_{j−k} + Σ_c hearing_jhc condition_c): each
# variant has a network of its own, because which alleles go together is a matter of place; it hears
# the conditions, because which alleles go together differs by ancestry.
class HiddenUnits(nn.Module):
    """A small network for each variant, silent until it is taught."""

    in_band: Tensor

    def __init__(self, in_band: Tensor, n_units: int, *, n_conditions: int) -> None:
        """Start silent; in_band (n_variants, n_seen) is 1 for alleles of the same chromosome."""
        super().__init__()
        n_variants, self.n_seen = in_band.shape
        self.register_buffer("in_band", in_band.clone(), persistent=False)
        shape = (n_variants, n_units)
        self.readings = nn.Parameter(torch.randn(*shape, self.n_seen) / self.n_seen**0.5)
        self.hearings = nn.Parameter(SPREAD_OF_HEARINGS * torch.randn(*shape, n_conditions))
        self.thresholds = nn.Parameter(SPREAD_OF_THRESHOLDS * torch.randn(shape))
        self.soundings = nn.Parameter(torch.zeros(shape))
        self.requires_grad_(False)  # taught on their own, after all else

    @property
    def are_silent(self) -> bool:
        """Whether they say nothing, so that they need not be asked."""
        return not (self.soundings.requires_grad or bool(self.soundings.any()))

    def in_blocks(self, size: int) -> list["UnitsOfBlock"]:
        """The units of each block of at most `size` neighbouring variants."""
        readings = self.readings * self.in_band[:, None]
        weights = (readings, self.hearings, self.thresholds, self.soundings)
        split = [torch.split(each, size) for each in weights]
        return [UnitsOfBlock(*each) for each in zip(*split, strict=True)]

    def of(self, variants: slice | Tensor, windows: Tensor, conditions: Tensor) -> Tensor:
        """Say (n_variants, n) of variants from the alleles (n_variants, n_seen, n) before each.

        Standardised, nearest last; conditions: (n_conditions, n).
        """
        readings = self.readings[variants] * self.in_band[variants][:, None]
        inner = torch.baddbmm(self.thresholds[variants][:, :, None], readings, windows)
        inner += self.hearings[variants] @ conditions
        return torch.bmm(self.soundings[variants][:, None], inner.tanh_())[:, 0]


@dataclass(frozen=True)
class UnitsOfBlock:
    """Units of neighbouring variants, first axis of each; names as in `HiddenUnits`."""

    readings: Tensor
    hearings: Tensor
    thresholds: Tensor
    soundings: Tensor

    def say(self, window: Tensor, conditions: Tensor) -> Tensor:
        """Say (n_block, n) from what the block sees and hears.

        window: standardised alleles (≥ n_seen + n_block − 1, n), up to the one before the last
        variant; conditions: (n_conditions, n).
        """
        readings = pad_band(self.readings.transpose(0, 1)).transpose(0, 1)
        told = torch.cat((window[-readings.shape[2] :], conditions))
        weights = torch.cat((readings, self.hearings), dim=2).flatten(0, 1)
        inner = torch.addmm(self.thresholds.flatten()[:, None], weights, told)
        units = inner.tanh().view(*self.thresholds.shape, -1)
        return torch.bmm(self.soundings[:, None], units)[:, 0]
