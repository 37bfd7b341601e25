"""The size of the trait's effects among people drawn.

Hidden units learn some of the training people by heart, and with them the chance part of how
genotypes go with the trait: the linear effects then come out too small by a few hundredths. So
everybody is drawn twice by the same dice, with one value of the trait and with another, and effects
are scaled until people drawn differ as much as the training people do. Dice in common leave little
noise: most alleles of the two draws are the same.
"""

import logging

import torch
from torch import Tensor

from genosynth.models.haplotypes import HaplotypeAutoregression
from genosynth.models.vae import genotypes_of
from genosynth.training.background import orthonormal, slopes
from genosynth.training.haplotypes import Told, in_batches

logger = logging.getLogger(__name__)

LEAST_SCALE, MOST_SCALE = 0.5, 2.0  # beyond, the trait has no effects that could be matched


@torch.no_grad()
def match_effects(
    head: HaplotypeAutoregression, people: Told, trait: slice, *, generator: torch.Generator
) -> None:
    """Scale effects of the trait, columns `trait` of what is told: people drawn slope on it 1:1.

    Slopes of ALT copies on the trait, beside all else that is told, are compared by least squares
    over the variants.
    """
    told = people.labels_and_latents
    known = (told[:, trait] != 0).any(dim=1)
    value = told[known, trait.stop - 1].double()
    others = torch.cat((told[known, : trait.start], told[known, trait.stop :]), dim=1)
    directions = orthonormal(others)
    left = value - directions @ (directions.T @ value)
    real = slopes(head.dosages(people.counts[known]), left) * head.scale
    drawn = _slopes_of_draws(head, people, known.nonzero()[:, 0], trait, generator=generator)
    drawn = (drawn * head.scale).to(real)
    scale = float(real.square().sum() / (drawn @ real))
    logger.info("effects of the trait scaled by %.3f", scale)
    if LEAST_SCALE < scale < MOST_SCALE:
        head.effects[:, trait] *= scale


def _slopes_of_draws(
    head: HaplotypeAutoregression,
    people: Told,
    rows: Tensor,
    trait: slice,
    *,
    generator: torch.Generator,
) -> Tensor:
    """Mean change (n_variants,) of standardised dosages, drawn, per unit of the trait."""
    total = torch.zeros_like(head.scale)
    shape = (len(head.scale), 2)
    for some in in_batches(rows):
        dice = torch.rand((*shape, len(some)), generator=generator, device=rows.device)
        for label, sign in zip(two_values(people.labels[rows], trait), (1, -1), strict=True):
            told = people.labels_and_latents[some].clone()
            told[:, trait] = label
            alleles = head.sample(head.given(told, people.context[:, some]), dice)
            dosages = head.dosages(genotypes_of(alleles.permute(2, 1, 0)))
            total += sign * dosages.sum(dim=0)
    return total / len(rows)


def two_values(labels: Tensor, trait: slice) -> tuple[Tensor, Tensor]:
    """Encodings of two values of the trait, the larger one first, that are one unit apart."""
    width = trait.stop - trait.start
    high, low = labels.new_ones(width), labels.new_ones(width)
    if bool((labels[:, trait].sum(dim=1) == 1).all()):
        high[0], low[-1] = 0, 0  # one-hot
    else:
        high[-1], low[-1] = 0.5, -0.5  # z-score
    return high, low
