"""The trait's effects among people drawn, matched to those that are wanted, variant by variant.

An effect is in part direct, in part passed on by linkage, and hidden units know some of the
training people by heart, and with them the chance part of how genotypes go with the trait: fitted
to training people, direct effects come out too small here and there. So everybody is drawn twice
by the same dice, with one value of the trait and with another, and direct effects are corrected by
what is lacking. Even dice, the same for both, leave little noise.
"""

import logging

import torch
from torch import Tensor

from genosynth.models.dice import even_dice
from genosynth.models.haplotypes import MISSING, PAIRED, HaplotypeAutoregression
from genosynth.models.vae import genotypes_of
from genosynth.training.background import orthonormal, slopes
from genosynth.training.haplotypes import Told, in_batches
from genosynth.training.regression import centre_slope
from genosynth.training.winners_curse import expected_share

logger = logging.getLogger(__name__)

N_CORRECTIONS = 3  # each by its share, so that the noise of the draws is averaged
LEAST_CALLED = 0.1  # of the people, by their weight for a slope
LEAST_SPREAD = 1e-6  # of a dosage: one that does not vary has no effect
LARGEST_CORRECTION = 0.2  # of an effect, standardised: a variant that hardly varies is mostly noise


@torch.no_grad()
def match_effects(
    head: HaplotypeAutoregression,
    people: Told,
    trait: slice,
    *,
    freed: list[Tensor],
    observed: bool,
    generator: torch.Generator,
) -> None:
    """Correct effects of the trait, columns `trait` of what is told, until people drawn have those.

    freed: labels (n, n_features) for each chromosome, the trait adjusted for the other ones; the
    slopes of dosages on it, beside all else that is told, are wanted, scaled so that ALT copies
    slope on it as on the trait itself. observed: wanted as these people have them, or else as new
    people are expected to have them.
    """
    wanted = _wanted(head, people, trait, freed, observed=observed)
    high, low = two_values(people.labels, trait)
    direction = (high - low) / (high - low).square().sum()
    for number in range(1, N_CORRECTIONS + 1):
        lacking = wanted - _slopes_of_draws(head, people, trait, generator=generator)
        logger.info("effects of the trait: %.4f lacking", float(lacking.square().mean().sqrt()))
        # A dosage, standardised, has PAIRED times the effect of each allele.
        correction = (lacking / PAIRED / number).clamp(-LARGEST_CORRECTION, LARGEST_CORRECTION)
        slope = direction[:, None] * correction
        # Said on average 0 of known people, or allele frequencies would move along.
        centred, _ = centre_slope(slope, people.labels[:, trait], slices=[slice(None)])
        head.effects[:, trait] += centred.T


def _wanted(
    head: HaplotypeAutoregression,
    people: Told,
    trait: slice,
    freed: list[Tensor],
    *,
    observed: bool,
) -> Tensor:
    """Slopes (n_variants,) of standardised dosages on the adjusted trait."""
    told = people.labels_and_latents
    known = (told[:, trait] != 0).any(dim=1)
    others = torch.cat((told[known, : trait.start], told[known, trait.stop :]), dim=1)
    directions = orthonormal(others)

    def beside_others(values: Tensor) -> Tensor:
        basis = directions.to(values)
        return values - basis @ (basis.T @ values)

    def value(labels: Tensor) -> Tensor:
        return beside_others(labels[known, trait.stop - 1].double())

    counts, own = people.counts[known], value(people.labels)
    dosages = beside_others(head.dosages(counts))
    chromosomes = torch.split(dosages, list(head.chromosome_sizes), dim=1)
    purged = [slopes(own, value(labels)) for labels, own in zip(freed, chromosomes, strict=True)]
    wanted, plain = torch.cat(purged).to(head.scale), slopes(dosages, own).to(head.scale)
    copies = head.scale.square()  # squares of slopes of copies are so many times those of dosages
    wanted *= (copies * plain.square()).sum() / (copies * wanted * plain).sum()
    if not observed:
        spread = dosages.square().mean(dim=0).sqrt().clamp(min=LEAST_SPREAD)
        wanted *= expected_share(plain * own.square().sum().sqrt() / spread)
    # Missing calls, dosages of 0, take slopes down in proportion; people drawn miss none.
    weight = (own.square() / own.square().sum()).to(head.scale)
    called = weight @ (counts != MISSING).to(weight)
    return wanted / called.clamp(min=LEAST_CALLED)


def _slopes_of_draws(
    head: HaplotypeAutoregression, people: Told, trait: slice, *, generator: torch.Generator
) -> Tensor:
    """Mean change (n_variants,) of standardised dosages, drawn, per unit of the trait."""
    known = (people.labels[:, trait] != 0).any(dim=1).nonzero()[:, 0]
    total = torch.zeros_like(head.scale)
    for some in in_batches(known, n_variants=len(total)):
        dice = even_dice(len(total), len(some), generator=generator)
        for value, sign in zip(two_values(people.labels, trait), (1, -1), strict=True):
            told = people.labels_and_latents[some].clone()
            told[:, trait] = value
            alleles = head.sample(head.given(told, people.context[:, some]), dice)
            dosages = head.dosages(genotypes_of(alleles.permute(2, 1, 0)))
            total += sign * dosages.sum(dim=0)
    return total / len(known)


def two_values(labels: Tensor, trait: slice) -> tuple[Tensor, Tensor]:
    """Encodings of two values of the trait, the larger one first, that are one unit apart."""
    known = labels[(labels[:, trait] != 0).any(dim=1), trait]
    high, low = torch.ones_like(known[0]), torch.ones_like(known[0])
    if bool((known.sum(dim=1) == 1).all()):
        high[0], low[-1] = 0, 0  # one-hot
    else:
        high[-1], low[-1] = 0.5, -0.5  # z-score
    return high, low
