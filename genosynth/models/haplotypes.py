"""Alleles along a haplotype: each given what is known of the person, and those before it.

A genotype is the sum of two haplotypes, so Hardy-Weinberg proportions given labels and latents, and
linkage that excludes whole haplotypes, hold by construction. A model of genotypes would have to
learn both, pair by pair. Where proportions are others, a coupling of the two alleles says so.

Inside the model people come last, (n_variants, 2, n): a window of neighbours is then a view, not a
copy. Phased people at rest are `haplotypes` (n, 2, n_variants), people first as everywhere.
"""

import itertools
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from genosynth.models.banded import pad_band, windows_of_blocks
from genosynth.models.dice import Dice
from genosynth.models.hidden_units import HiddenUnits

MISSING = -1  # an allele of a genotype without a call
EVERY = slice(None)
N_SEEN = 32  # alleles that hidden units see; with 64 noise outweighed what these told
PAIRED = 2**0.5  # SD of the sum of two haplotypes whose SD is 1
BLOCK = 16  # variants computed at a time: what they need stays in a core's cache
BLOCK_ON_GPU = 64  # starting a product costs more there than a few idle ones in it


@dataclass(frozen=True)
class Given:
    """What is known of n people before their alleles.

    base: (n_variants, n), what intercepts, labels, latents and context say, in the scale of the
    head; conditions: (n_conditions, n), labels that hidden units hear.
    """

    base: Tensor
    conditions: Tensor

    def take(self, people: Tensor) -> "Given":
        """Some of the people."""
        return Given(self.base[:, people], self.conditions[:, people])

    def repeat(self, n: int) -> "Given":
        """Each person n times, side by side."""
        return Given(self.base.repeat_interleave(n, 1), self.conditions.repeat_interleave(n, 1))


# Log-odds of the ALT allele h_j, whose frequency is p_j and s_j² = p_j (1 − p_j):
#   s_j · logit_j = intercept_j + Σ_l effect_jl told_l + context_j + Σ_{k≤K} band_jk φ_{j−k}
#                   + units_j
#   φ_k = (h_k − p_k) / s_k
# told: the person's labels and latents; context: what a network makes of the latents beside it;
# units: what a small network of each variant makes of the nearest φ and the conditions, not of the
# trait, whose effects are the linear ones. A person's two alleles:
#   P(h, h') ∝ exp(h logit_j + h' logit'_j + [h ≠ h'] coupling_j / s_j)
# On this scale a weight is about a partial correlation, whatever the frequencies, so that one
# ridge penalty and one learning rate suit rare and common variants.
class HaplotypeAutoregression(nn.Module):
    """Log-odds of each ALT allele, given what is told of the person and earlier alleles."""

    frequencies: Tensor
    scale: Tensor
    in_band: Tensor

    def __init__(
        self,
        chromosome_sizes: tuple[int, ...],
        frequencies: Tensor,
        *,
        n_told: int,
        n_neighbours: int,
        n_units: int = 0,
        heard: tuple[int, ...] = (),
    ) -> None:
        """Start as independent draws of ALT alleles with `frequencies` (n_variants,).

        heard: columns of what is told that hidden units hear.
        """
        super().__init__()
        n_variants = sum(chromosome_sizes)
        self.chromosome_sizes = chromosome_sizes
        self.heard = list(heard)
        self.n_neighbours = n_neighbours
        scale = (frequencies * (1 - frequencies)).sqrt()
        self.register_buffer("frequencies", frequencies.clone())
        self.register_buffer("scale", scale)
        in_band = band_mask(chromosome_sizes, n_neighbours)
        self.register_buffer("in_band", in_band, persistent=False)
        self.intercepts = nn.Parameter(frequencies.logit() * scale)
        self.effects = nn.Parameter(torch.zeros(n_variants, n_told))
        self.couplings = nn.Parameter(torch.zeros(n_variants), requires_grad=False)
        self.band = nn.Parameter(torch.zeros(n_variants, n_neighbours))
        self.units = HiddenUnits(in_band[:, -N_SEEN:], n_units, n_conditions=len(heard))

    def given(self, told: Tensor, context: Tensor | None = None) -> Given:
        """People of whom told (n, n_told) is known, and context (n_variants, n)."""
        base = torch.addmm(self.intercepts[:, None], self.effects, told.T)
        return Given(base if context is None else base + context, told[:, self.heard].T)

    def standardise(self, alleles: Tensor, variants: slice | Tensor = EVERY) -> Tensor:
        """Alleles (n_variants, …) with mean 0 and variance 1; a missing one is the mean."""
        shape = (-1,) + (1,) * (alleles.ndim - 1)
        centred = alleles - self.frequencies[variants].view(shape)
        return centred / self.scale[variants].view(shape) * (alleles != MISSING)

    def dosages(self, counts: Tensor) -> Tensor:
        """ALT copies int8 (n, n_variants) with mean 0 and about variance 1; 0 where missing."""
        return (counts - 2 * self.frequencies) / (PAIRED * self.scale) * (counts >= 0)

    def log_odds(self, given: Given, alleles: Tensor) -> Tensor:
        """Log-odds of all alleles (n_variants, 2, n) at once, predecessors known."""
        seen = self.standardise(alleles).flatten(1)
        said = self.linked(seen)
        if not self.units.are_silent:
            said = said + self.units.say(
                seen, given.conditions.repeat(1, 2), size=self.block_size(seen)
            )
        log_odds: Tensor = given.base[:, None] + said.view(alleles.shape)
        return log_odds / self.scale[:, None, None]

    def linked(self, seen: Tensor) -> Tensor:
        """What the band says of all alleles, given those before them (n_variants, n)."""
        size = self.block_size(seen)
        bands = torch.split(self.masked_band(), size)
        windows = windows_of_blocks(seen, n_before=self.n_neighbours, size=size)
        return torch.cat(
            [pad_band(band) @ window for band, window in zip(bands, windows, strict=True)]
        )

    @staticmethod
    def block_size(seen: Tensor) -> int:
        """How many neighbouring variants are computed together."""
        return BLOCK_ON_GPU if seen.is_cuda else BLOCK

    def nats(self, given: Given, alleles: Tensor) -> Tensor:
        """Negative log-likelihood (n,) of phased people; missing alleles are left out.

        alleles: (n_variants, 2, n).
        """
        return self.nats_of(self.log_odds(given, alleles), alleles)

    def nats_of(self, log_odds: Tensor, alleles: Tensor) -> Tensor:
        """Negative log-likelihood (n,) of alleles with these log-odds, (n_variants, 2, n) both."""
        is_alt = alleles.clamp(min=0).to(log_odds.dtype)
        nats = functional.binary_cross_entropy_with_logits(log_odds, is_alt, reduction="none")
        known = alleles[:, 0] != MISSING
        of_alleles = ((nats[:, 0] + nats[:, 1]) * known).sum(dim=0)
        return of_alleles + self.nats_of_couplings(log_odds, alleles)

    def nats_of_couplings(self, log_odds: Tensor, alleles: Tensor) -> Tensor:
        """What couplings add to the nats of alleles that would else be independent: (n,)."""
        rows = self.couplings.nonzero()[:, 0]
        log_odds, alleles = log_odds[rows], alleles[rows]
        unlike = self.log_unlike()[rows, None]
        one, two = log_odds.sigmoid().unbind(dim=1)
        of_pair = torch.log1p(unlike.expm1() * (one + two - 2 * one * two))
        of_pair = of_pair - unlike * (alleles[:, 0] != alleles[:, 1])
        return (of_pair * (alleles[:, 0] != MISSING)).sum(dim=0)

    def log_unlike(self) -> Tensor:
        """How much likelier than by chance a person's two alleles differ: (n_variants,), log."""
        return self.couplings / self.scale

    def masked_band(self) -> Tensor:
        """Weights of the neighbours, zero across a chromosome's start."""
        return self.band * self.in_band

    @torch.no_grad()
    def sample(self, given: Given, dice: Dice) -> Tensor:
        """Draw haplotypes allele by allele: int8 (n_variants, 2, n)."""
        walk = Walk(self, given)
        n_variants, n = given.base.shape
        alleles = torch.empty((n_variants, 2, n), dtype=torch.int8, device=given.base.device)
        for variants in walk.places:
            drawn = draw_pair(walk.pair_probabilities(variants), dice, variants)
            alleles[variants] = drawn.to(torch.int8)
            walk.append(variants, alleles[variants])
        return alleles


class Walk:
    """Two haplotypes of each of n people on their way along all chromosomes at once.

    Chromosomes are independent given the people, so that variants of one place, the first, second,
    … of each chromosome, are drawn together. The longest chromosomes come first: those that reach
    a place are always the first ones.
    """

    def __init__(self, head: HaplotypeAutoregression, given: Given) -> None:
        """Start before the first variants."""
        self.head = head
        self.base = given.base
        self.band = head.masked_band()
        self.units = None if head.units.are_silent else head.units
        self.unlike = head.log_unlike().exp()
        self.places = places_of(head.chromosome_sizes, device=given.base.device)
        n_chromosomes, n = len(head.chromosome_sizes), given.base.shape[1]
        # What units hear all the way, and a one: (n_conditions + 1, 2, n).
        self.heard = torch.cat((given.conditions, torch.ones_like(given.base[:1])))[:, None]
        # Standardised, nearest last, what is heard behind it; the window moves along its rows and
        # seldom has to be copied.
        n_rows = head.n_neighbours + min(head.n_neighbours, len(self.places)) + len(self.heard)
        self.seen = given.base.new_empty(n_chromosomes, n_rows, 2, n)
        self.end = head.n_neighbours
        self.window.zero_()
        self.hear()

    @property
    def window(self) -> Tensor:
        """The last alleles, standardised: (n_chromosomes, n_neighbours, 2, n)."""
        return self.seen[:, self.end - self.head.n_neighbours : self.end]

    def hear(self) -> None:
        """Put behind the window what units hear."""
        self.seen[:, self.end : self.end + len(self.heard)] = self.heard

    def pair_probabilities(self, variants: Tensor) -> Tensor:
        """Of the pairs of alleles (0, 0), (1, 0), (0, 1) and (1, 1): (4, n_variants, n)."""
        windows = self.window[: len(variants)].flatten(2)
        said = torch.bmm(self.band[variants, None], windows)[:, 0]
        if self.units is not None:
            rows = slice(self.end - self.units.n_seen, self.end + len(self.heard))
            said += self.units.of(variants, self.seen[: len(variants), rows].flatten(2))
        log_odds = self.base[variants, None] + said.view(len(variants), 2, -1)
        one, two = (log_odds / self.head.scale[variants, None, None]).sigmoid().unbind(dim=1)
        unlike = self.unlike[variants, None]
        first_only, second_only = unlike * one * (1 - two), unlike * (1 - one) * two
        pairs = torch.stack(((1 - one) * (1 - two), first_only, second_only, one * two))
        return pairs / pairs.sum(dim=0)

    def append(self, variants: Tensor, alleles: Tensor) -> None:
        """Go on with these alleles (n_variants, 2, n)."""
        if self.end + len(self.heard) == self.seen.shape[1]:
            self.seen[:, : self.head.n_neighbours] = self.window.clone()
            self.end = self.head.n_neighbours
        self.seen[: len(variants), self.end] = self.head.standardise(alleles, variants)
        self.end += 1
        self.hear()

    def choose(self, people: Tensor, *, n_back: int) -> None:
        """Go on as these people (n_chromosomes, n), some of them several times.

        Of the chromosomes that are still walked along; n_back: places that they have come.
        """
        window = self.window[: len(people), -min(n_back, self.head.n_neighbours) :]
        window.copy_(window.gather(3, people[:, None, None].expand_as(window)))


def places_of(chromosome_sizes: tuple[int, ...], *, device: torch.device) -> list[Tensor]:
    """Variants of each place, the first, second, … of every chromosome, longest ones first."""
    starts = [0, *itertools.accumulate(chromosome_sizes)]
    order = sorted(zip(chromosome_sizes, starts, strict=False), key=lambda each: -each[0])
    return [
        torch.tensor([start + place for size, start in order if size > place], device=device)
        for place in range(max(chromosome_sizes))
    ]


def draw_pair(probabilities: Tensor, dice: Dice, variants: Tensor) -> Tensor:
    """Draw two alleles, bool (n_variants, 2, n), from probabilities (4, n_variants, n) of pairs."""
    neither, first_only, second_only, both = probabilities
    first = dice.draw(first_only + both, variants, copy=0)
    given_first = torch.where(first, both, second_only)
    total = torch.where(first, first_only + both, neither + second_only)
    return torch.stack((first, dice.draw(given_first / total, variants, copy=1)), dim=1)


def band_mask(chromosome_sizes: tuple[int, ...], n_neighbours: int) -> Tensor:
    """1 where the k-th neighbour before a variant lies on its chromosome: (n_variants, K)."""
    rank = torch.cat([torch.arange(size) for size in chromosome_sizes])
    distance = torch.arange(n_neighbours, 0, -1)  # nearest last, as in the windows
    return (distance <= rank[:, None]).float()
