"""Hidden units of each variant: what earlier alleles say together, beyond what each says."""

import torch
from torch import Tensor, nn

from genosynth.models.banded import pad_band, windows_of_blocks

AT_A_TIME = 1024  # haplotypes: what units say inside stays in a core's cache
SPREAD_OF_THRESHOLDS = 0.5
SPREAD_OF_HEARINGS = 0.5  # from zero, units that differ by condition are slow to grow


# Σ_h sounding_jh tanh(threshold_jh + Σ_k reading_jhk φ_{j−k} + Σ_c hearing_jhc condition_c): each
# variant has a network of its own, because which alleles go together is a matter of place; it hears
# the conditions, because which alleles go together differs by ancestry. tanh z is computed as
# 2 σ(2z) − 1: PyTorch's logistic function takes a sixth of the time of its tanh.
class HiddenUnits(nn.Module):
    """A small network for each variant, silent until it is taught."""

    in_band: Tensor

    def __init__(self, in_band: Tensor, n_units: int, *, n_conditions: int) -> None:
        """Start silent; in_band (n_variants, n_seen) is 1 for alleles of the same chromosome."""
        super().__init__()
        n_variants, self.n_seen = in_band.shape
        self.n_units = n_units
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
        return not bool(self.soundings.any())

    def say(self, seen: Tensor, conditions: Tensor, *, size: int) -> Tensor:
        """Say (n_variants, n) of all variants, `size` at a time, given all alleles, standardised.

        seen: (n_variants, n); conditions: (n_conditions, n).
        """
        readings = self.readings * self.in_band[:, None]
        weights = (readings, self.hearings, self.thresholds, self.soundings)
        blocks = zip(*(torch.split(each, size) for each in weights), strict=True)
        windows = windows_of_blocks(seen, n_before=self.n_seen, size=size)
        said = []
        for (reading, hearing, threshold, sounding), window in zip(blocks, windows, strict=True):
            reading = pad_band(reading.transpose(0, 1)).transpose(0, 1)
            matrix = torch.cat((reading, hearing), dim=2).flatten(0, 1)
            told = torch.cat((window, conditions))
            inner = torch.addmm(threshold.flatten()[:, None], matrix, told, beta=2, alpha=2)
            said.append(said_by(sounding, inner.view(*threshold.shape, -1).sigmoid_()))
        return torch.cat(said)

    def of(self, variants: slice | Tensor, told: Tensor) -> Tensor:
        """Say (n_variants, n) of variants what follows from what each is told.

        told: (n_variants, n_told, n), the alleles before it, standardised, nearest last, then the
        conditions, then ones.
        """
        readings = self.readings[variants] * self.in_band[variants][:, None]
        others = self.hearings[variants], self.thresholds[variants][:, :, None]
        matrices = 2 * torch.cat((readings, *others), dim=2)
        soundings = self.soundings[variants]
        said = [
            said_by(soundings, torch.bmm(matrices, part).sigmoid_())
            for part in torch.split(told, AT_A_TIME, dim=2)
        ]
        return torch.cat(said, dim=1)


def said_by(soundings: Tensor, halves: Tensor) -> Tensor:
    """What units say aloud (n_variants, n): soundings (n_variants, n_units) of 2 × halves − 1.

    halves: (n_variants, n_units, n) in (0, 1).
    """
    silence = -soundings.sum(dim=1)[:, None, None]
    return torch.baddbmm(silence, soundings[:, None], halves, alpha=2)[:, 0]
