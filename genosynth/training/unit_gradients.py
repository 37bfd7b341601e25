"""Likelihood of phased people and its gradients in the hidden units, all else fixed.

Each block of variants is gone through there and back while what it needs is in a core's cache.
Automatic differentiation keeps all blocks until it comes back to them, and takes twice as long.
"""

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from genosynth.models.banded import pad_band, take_band, windows_of_blocks
from genosynth.models.haplotypes import MISSING, Given, HaplotypeAutoregression
from genosynth.models.hidden_units import HiddenUnits, said_by

LEAST_LIKELY = 1e-7  # of an allele, where nats are counted
Gradients = tuple[Tensor, ...]  # of readings, hearings, thresholds and soundings


def mean_nats(head: HaplotypeAutoregression, given: Given, alleles: Tensor) -> Tensor:
    """Mean of `head.nats`; gradients reach nothing but the hidden units.

    alleles: (n_variants, 2, n).
    """
    units = head.units
    weights = (units.readings, units.hearings, units.thresholds, units.soundings)
    nats: Tensor = _MeanNats.apply(*weights, head, given, alleles)  # type: ignore[no-untyped-call]
    return nats


class _MeanNats(torch.autograd.Function):
    """Gradients are found on the way there."""

    @staticmethod
    def forward(ctx: Any, *arguments: Any) -> Tensor:
        *_, head, given, alleles = arguments
        nats, gradients = nats_and_gradients(head, given, alleles)
        ctx.save_for_backward(*gradients)
        return nats

    @staticmethod
    def backward(ctx: Any, *outer: Any) -> Any:
        return (*(outer[0] * gradient for gradient in ctx.saved_tensors), None, None, None)


# As few and large operations outside the loop, and as few small ones inside it, as can be: what is
# gone through inside it is as large as the variants × units × people.
def nats_and_gradients(
    head: HaplotypeAutoregression, given: Given, alleles: Tensor
) -> tuple[Tensor, Gradients]:
    """Mean nats a person, and its gradients; alleles: (n_variants, 2, n)."""
    alleles = alleles.contiguous()
    units, (n_variants, _, n) = head.units, alleles.shape
    seen = head.standardise(alleles).flatten(1)
    size = head.block_size(seen)
    matrices, soundings = 2 * matrices_of_blocks(units, size), in_blocks(units.soundings, size)
    linear = in_blocks(given.base.repeat(1, 2) + head.linked(seen), size)
    precision = in_blocks(1 / head.scale[:, None], size)
    likelier = in_blocks(head.log_unlike()[:, None], size).exp()
    is_coupled = (likelier != 1).flatten(1).any(dim=1).tolist()
    known = (alleles != MISSING).flatten(1).to(seen.dtype)
    is_alt = in_blocks((alleles == 1).flatten(1).to(seen.dtype), size)
    weight = in_blocks(known / (n * head.scale[:, None]), size)
    filled = functional.pad(seen, (0, 0, 0, len(linear) * size - n_variants))
    log_odds, unlikely = torch.empty_like(linear), torch.empty_like(linear)
    of_matrices, of_soundings = torch.empty_like(matrices), torch.empty_like(soundings)
    told = torch.cat(
        (
            seen.new_empty(units.n_seen + size - 1, 2 * n),
            given.conditions.repeat(1, 2),
            seen.new_ones(1, 2 * n),
        )
    )
    halves, inwards = seen.new_empty(2, size, units.n_units, 2 * n)
    for i, window in enumerate(windows_of_blocks(filled, n_before=units.n_seen, size=size)):
        told[: len(window)], sounding = window, soundings[i]
        torch.mm(matrices[i], told, out=halves.flatten(0, 1)).sigmoid_()
        said = said_by(sounding, halves).add_(linear[i])
        chances = torch.mul(said, precision[i], out=log_odds[i]).sigmoid()
        torch.sub(chances, is_alt[i], out=unlikely[i])
        if is_coupled[i]:
            chances = coupled(chances, likelier[i])
        slope = chances.sub_(is_alt[i]).mul_(weight[i])
        sloping = torch.mul(halves, slope[:, None], out=inwards)
        torch.sub(2 * sloping.sum(dim=2), slope.sum(dim=1)[:, None], out=of_soundings[i])
        torch.addcmul(sloping, sloping, halves, value=-1, out=inwards)
        torch.mm(inwards.flatten(0, 1), told.T, out=of_matrices[i])
    # Left out of each slope of tanh, 4 σ (1 − σ).
    of_matrices *= 4 * soundings.flatten(1)[:, :, None]
    likely = (1 - unlikely.abs_()).clamp_(min=LEAST_LIKELY).flatten(0, 1)[:n_variants]
    of_pairs = head.nats_of_couplings(log_odds.flatten(0, 1)[:n_variants].view_as(alleles), alleles)
    nats = of_pairs.mean() - (likely.log_() * known).sum() / n
    of_soundings = of_soundings.flatten(0, 1)[:n_variants]
    return nats, (*gradients_of_matrices(units, of_matrices), of_soundings)


def in_blocks(rows: Tensor, size: int) -> Tensor:
    """Rows (n_variants, …) in blocks (n_blocks, size, …), the last one filled up with zeros."""
    if missing := -len(rows) % size:
        rows = functional.pad(rows, (0, 0) * (rows.ndim - 1) + (0, missing))
    return rows.reshape(len(rows) // size, size, *rows.shape[1:])


def matrices_of_blocks(units: HiddenUnits, size: int) -> Tensor:
    """Weights of what units see and hear, and of a one: (n_blocks, size · n_units, n_told)."""
    readings = in_blocks(units.readings * units.in_band[:, None], size)
    readings = pad_band(readings.transpose(1, 2)).transpose(1, 2)
    others = (in_blocks(each, size) for each in (units.hearings, units.thresholds[:, :, None]))
    return torch.cat((readings, *others), dim=3).flatten(1, 2)


def gradients_of_matrices(units: HiddenUnits, of_matrices: Tensor) -> Gradients:
    """Gradients of readings, hearings and thresholds from those of `matrices_of_blocks`."""
    apart = of_matrices.view(len(of_matrices), -1, units.n_units, of_matrices.shape[2])
    n_heard = units.hearings.shape[2]
    seen, heard, one = apart.tensor_split([apart.shape[3] - n_heard - 1, apart.shape[3] - 1], dim=3)
    readings = take_band(seen.transpose(1, 2)).transpose(1, 2)
    n_variants = len(units.readings)
    readings, hearings, thresholds = (
        each.flatten(0, 1)[:n_variants] for each in (readings, heard, one[..., 0])
    )
    return readings * units.in_band[:, None], hearings, thresholds


def coupled(chances: Tensor, likelier: Tensor) -> Tensor:
    """Chances of ALT alleles (n_variants, 2 n) where unlike pairs are so much likelier.

    likelier: (n_variants, 1), 1 where a person's two alleles are independent.
    """
    one, two = chances.chunk(2, dim=1)
    both = one * two
    total = 1 + (likelier - 1) * (one + two - 2 * both)
    return torch.cat([(likelier * (each - both) + both) / total for each in (one, two)], dim=1)
