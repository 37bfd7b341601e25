"""Heterozygotes among people drawn, matched to those of the training people.

Structure that neither labels nor latents tell makes a person's two alleles alike, at all variants a
little (Wahlund 1928); latents that say a little too much do the same to people drawn. One number
for all variants, Wright's F, corrects both: at each variant a coupling of the two alleles makes
heterozygotes 2pq(1 − F), and the intercept keeps p.
"""

import logging
from dataclasses import dataclass

import torch
from torch import Tensor

from genosynth.models.dice import even_dice
from genosynth.models.haplotypes import HaplotypeAutoregression
from genosynth.training.haplotypes import Told, in_batches

logger = logging.getLogger(__name__)

N_CORRECTIONS = 3  # neighbours leave alleles less freedom than p alone would: one falls short
LARGEST_F = 0.2
MOST_OF_RARE = 0.5  # of the F below which a rare homozygote would be impossible
TINY = 1e-4


@dataclass(frozen=True)
class Shares:
    """Of people called at each variant, (n_variants,): ALT among alleles, and heterozygotes."""

    alt: Tensor
    unlike: Tensor


@torch.no_grad()
def match_heterozygotes(
    head: HaplotypeAutoregression, people: Told, *, generator: torch.Generator
) -> None:
    """Correct couplings and intercepts until people drawn have as many heterozygotes.

    Variants with a coupling of their own keep it, and do not count.
    """
    wanted = shares_of(people.counts)
    is_free = head.couplings == 0
    intercepts, moved, f = head.intercepts.clone(), torch.zeros_like(head.intercepts), 0.0
    for _ in range(N_CORRECTIONS):
        drawn = shares_of_draws(head, people, generator=generator)
        total = wanted.unlike[is_free].sum().clamp(min=TINY)
        excess = float((drawn.unlike - wanted.unlike)[is_free].sum() / total)
        logger.info("heterozygotes among people drawn: %+.2f %% of those of train", 100 * excess)
        f = min(max(f + excess, -LARGEST_F), LARGEST_F)
        moved += (wanted.alt - drawn.alt) / (wanted.alt * (1 - wanted.alt)).clamp(min=TINY)
        unlike, shift = coupling_of(wanted.alt, f)
        head.couplings.copy_(torch.where(is_free, unlike * head.scale, head.couplings))
        corrected = intercepts + (shift + moved) * head.scale
        head.intercepts.copy_(torch.where(is_free, corrected, intercepts))


def coupling_of(p: Tensor, f: float) -> tuple[Tensor, Tensor]:
    """How much likelier unlike alleles are, log, and what that adds to log-odds, to keep p.

    p: (n_variants,); f: 1 − heterozygotes / 2pq, held back where homozygotes are too rare for it.
    """
    p = p.clamp(TINY, 1 - TINY)
    q = 1 - p
    least = -MOST_OF_RARE * torch.minimum(p, q) / torch.maximum(p, q)
    covariance = least.clamp(min=f) * p * q
    both, neither, either = p * p + covariance, q * q + covariance, p * q - covariance
    unlike = (either.square() / (both * neither)).log() / 2
    return unlike, (both / neither).log() / 2 - (p / q).log()


def shares_of(counts: Tensor) -> Shares:
    """Shares among genotypes int8 (n, n_variants)."""
    called = (counts >= 0).sum(dim=0).clamp(min=1)
    alt = counts.clamp(min=0).sum(dim=0) / (2 * called)
    return Shares(alt, (counts == 1).sum(dim=0) / called)


def shares_of_draws(
    head: HaplotypeAutoregression, people: Told, *, generator: torch.Generator
) -> Shares:
    """Shares to be expected of people alike in all that is told of each.

    Alleles are drawn; what counts is each pair's chances given those before it, which vary less
    than the pairs themselves.
    """
    everybody = torch.arange(len(people.counts), device=people.counts.device)
    alt, unlike = torch.zeros_like(head.scale), torch.zeros_like(head.scale)
    for some in in_batches(everybody, n_variants=len(alt)):
        given = head.given(people.labels_and_latents[some], people.context[:, some])
        dice = even_dice(len(alt), len(some), generator=generator)
        alleles = head.sample(given, dice).to(given.base.dtype)
        one, two = head.log_odds(given, alleles).sigmoid().unbind(dim=1)
        both, apart = one * two, one + two - 2 * one * two
        likelier = head.log_unlike().exp()[:, None]
        total = 1 - apart + likelier * apart
        alt += ((both + likelier * apart / 2) / total).sum(dim=1)
        unlike += (likelier * apart / total).sum(dim=1)
    return Shares(alt / len(everybody), unlike / len(everybody))
