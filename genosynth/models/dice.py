"""Chance behind alleles: each person drawn alone, or people evenly, together.

Independent draws add the noise of sampling to frequencies and effects that were estimated with
such noise already. Drawn evenly, each allele has the same probability, but their number among
people drawn together is the expected one to the nearest integer: systematic sampling (Madow 1949,
Ann. Math. Stat. 20:333) of people in random order.
"""

from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

N_ALIKE = 128  # consecutive people whose order is left to chance: two of them correlate by −1/127


class Dice(Protocol):
    """Decide for alleles of some variants whether they are ALT."""

    def draw(self, chance: Tensor, variants: Tensor, *, copy: int) -> Tensor:
        """Bool (n_variants, n): ALT with this chance (n_variants, n); copy: of a person's two."""


@dataclass(frozen=True)
class IndependentDice:
    """uniforms: (n_variants, 2, n) in [0, 1), one for each allele."""

    uniforms: Tensor

    def draw(self, chance: Tensor, variants: Tensor, *, copy: int) -> Tensor:
        """ALT where the allele's uniform number is below its chance."""
        return self.uniforms[variants, copy] < chance


@dataclass(frozen=True)
class EvenDice:
    """Numbers of ALT alleles are the expected ones, whoever of consecutive people is counted.

    turns: (n_variants, 2, n), the order in which people are counted; start: (n_variants, 2) in
    [0, 1), where counting starts.
    """

    turns: Tensor
    start: Tensor

    def draw(self, chance: Tensor, variants: Tensor, *, copy: int) -> Tensor:
        """ALT where the sum of chances, person by person, comes past an integer."""
        turn = self.turns[variants, copy]
        sums = chance.gather(1, turn).cumsum(dim=1) + self.start[variants, copy, None]
        passed = sums.floor()
        before = torch.cat((torch.zeros_like(passed[:, :1]), passed[:, :-1]), dim=1)
        return torch.zeros_like(passed).scatter(1, turn, passed - before) > 0


def even_dice(n_variants: int, n: int, *, generator: torch.Generator) -> EvenDice:
    """Dice for n people, whose order says who are alike."""
    device = generator.device
    order = torch.rand((n_variants, 2, n), generator=generator, device=device)
    order += torch.arange(n, device=device) // N_ALIKE
    start = torch.rand((n_variants, 2), generator=generator, device=device, dtype=torch.double)
    return EvenDice(order.argsort(dim=2), start)
