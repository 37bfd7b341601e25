"""Fit the linear haplotype model to unphased people: phases and weights in turn.

Stochastic expectation-maximisation (Celeux & Diebolt 1985): haplotypes are drawn given the present
weights, weights are fitted to the haplotypes drawn. A strong ridge in the first rounds keeps wrong
phases from being learnt.
"""

import logging

import torch
from torch import Tensor

from genosynth.models.haplotypes import HaplotypeAutoregression
from genosynth.models.phasing import draw_haplotypes
from genosynth.progress import progress
from genosynth.seeds import derive_seed
from genosynth.training.regression import refit, start_from_genotypes

logger = logging.getLogger(__name__)

RIDGES = (10.0, 3.0, 1.0, 1.0)  # of each round, times the final one
N_PARTICLES = 4  # guesses of each person's haplotypes; more gained nothing on the demo cohort
N_NEWTON = 2  # steps a round: the next round starts where they end
MAX_PEOPLE = 50_000  # who fit the weights; their standard errors are then a few thousandths
BATCH_SIZE = 4096  # people phased at a time: memory only


def fit_haplotype_model(
    head: HaplotypeAutoregression, counts: Tensor, told: Tensor, *, ridge: float, seed: int
) -> None:
    """Fit intercepts, effects and band to genotypes int8 (n, n_variants); told: (n, n_told)."""
    generator = torch.Generator(counts.device).manual_seed(derive_seed(seed, "rounds"))
    rows = some_people(len(counts), generator=generator)
    counts, told = counts[rows], told[rows]
    start_from_genotypes(head, counts, told, ridge=ridge)
    for factor in progress(RIDGES, what="phasing", total=len(RIDGES)):
        haplotypes = phase(head, counts, told, generator=generator)
        refit(head, haplotypes, told, ridge=factor * ridge, n_steps=N_NEWTON)
    logger.info("fitted the linear haplotype model to %d people", len(counts))


def some_people(n_people: int, *, generator: torch.Generator) -> Tensor:
    """Rows of all people, or of a random `MAX_PEOPLE` of them."""
    if n_people <= MAX_PEOPLE:
        return torch.arange(n_people, device=generator.device)
    order = torch.randperm(n_people, generator=generator, device=generator.device)
    return order[:MAX_PEOPLE].sort().values


@torch.no_grad()
def phase(
    head: HaplotypeAutoregression,
    counts: Tensor,
    told: Tensor,
    *,
    generator: torch.Generator,
    context: Tensor | None = None,
) -> Tensor:
    """Draw haplotypes int8 (n, 2, n_variants) of people; context: (n_variants, n)."""
    haplotypes = []
    for first in range(0, len(counts), BATCH_SIZE):
        rows = slice(first, first + BATCH_SIZE)
        base = head.base(told[rows])
        if context is not None:
            base = base + context[:, rows]
        haplotypes.append(
            draw_haplotypes(head, base, counts[rows], n_particles=N_PARTICLES, generator=generator)
        )
    return torch.cat(haplotypes)
