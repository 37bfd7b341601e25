"""Fit the linear haplotype model to unphased people: phases and weights in turn.

Stochastic expectation-maximisation (Celeux & Diebolt 1985): haplotypes are drawn given the present
weights, weights are fitted to the haplotypes drawn. A strong ridge in the first rounds keeps wrong
phases from being learnt.
"""

import logging
from dataclasses import dataclass

import torch
from torch import Tensor

from genosynth.models.haplotypes import EVERY, MISSING, Given, HaplotypeAutoregression
from genosynth.models.phasing import draw_haplotypes, log_likelihood
from genosynth.progress import progress
from genosynth.seeds import derive_seed
from genosynth.training.regression import refit, start_from_genotypes

logger = logging.getLogger(__name__)

EARLY_RIDGES = (0.02, 0.006, 0.002)  # of each round before the last one, times the haplotypes
N_PARTICLES = 4  # guesses of each person's haplotypes; more gained nothing on the demo cohort
N_JUDGING_PARTICLES = 8  # of a judging person: with few a likelihood comes out too low
N_EARLY_PARTICLES = 2  # in rounds after which phases are drawn again
N_NEWTON = 2  # steps a round: the next round starts where they end
MAX_PEOPLE = 50_000  # who fit the weights; their standard errors are then a few thousandths
MOST_FITTED = 2**29  # genotypes of these people, about 20 bytes each by count
# People who walk along the variants at a time: many use cores better, and take memory.
AT_A_TIME, AT_A_TIME_ON_GPU = 2048, 32_768
MOST_GENOTYPES = 2**26  # of all these: with phases and particles some gigabytes


@dataclass(frozen=True)
class Told:
    """People as the haplotype model is told of them.

    counts: int8 (n, n_variants); labels: (n, n_features); latents: (n, n_latent) for each
    chromosome, drawn without knowing it; labels_and_latents: (n, n_told), of all genotypes;
    context: (n_variants, n); is_judge: (n,), the people who choose when to stop.
    """

    counts: Tensor
    labels: Tensor
    latents: list[Tensor]
    labels_and_latents: Tensor
    context: Tensor
    is_judge: Tensor


def fit_haplotype_model(
    head: HaplotypeAutoregression, counts: Tensor, told: Tensor, *, ridge: float, seed: int
) -> None:
    """Fit intercepts, effects and band to genotypes int8 (n, n_variants); told: (n, n_told)."""
    generator = torch.Generator(counts.device).manual_seed(derive_seed(seed, "rounds"))
    rows = people_to_fit(counts, generator=generator)
    counts, told = counts[rows], told[rows]
    n_chromosomes = len(head.chromosome_sizes)
    ridges = [max(share * 2 * len(counts), ridge) for share in EARLY_RIDGES] + [ridge]
    start_from_genotypes(head, counts, told, ridge=ridges[0])
    for of_round in progress(ridges, what="phasing", total=len(ridges)):
        haplotypes = phase(head, counts, told, generator=generator, n_particles=N_EARLY_PARTICLES)
        refit(head, haplotypes, [told] * n_chromosomes, ridge=of_round, n_steps=N_NEWTON)
    logger.info("fitted the linear haplotype model to %d people", len(counts))


def people_to_fit(counts: Tensor, *, generator: torch.Generator) -> Tensor:
    """Rows of all people of counts (n, n_variants), or of as many at random as are enough."""
    most = min(MAX_PEOPLE, MOST_FITTED // counts.shape[1])
    if len(counts) <= most:
        return torch.arange(len(counts), device=counts.device)
    order = torch.randperm(len(counts), generator=generator, device=counts.device)
    return order[:most].sort().values


def in_batches(rows: Tensor, *, n_variants: int) -> tuple[Tensor, ...]:
    """Rows of people who walk along the variants at a time."""
    most = AT_A_TIME_ON_GPU if rows.is_cuda else AT_A_TIME
    return torch.split(rows, max(1, min(most, MOST_GENOTYPES // n_variants)))


@torch.no_grad()
def phase(
    head: HaplotypeAutoregression,
    counts: Tensor,
    told: Tensor,
    *,
    generator: torch.Generator,
    context: Tensor | None = None,
    n_particles: int = N_PARTICLES,
) -> Tensor:
    """Draw haplotypes int8 (n, 2, n_variants) of people; context: (n_variants, n)."""
    haplotypes = []
    everybody = torch.arange(len(counts), device=counts.device)
    for rows in in_batches(everybody, n_variants=counts.shape[1]):
        given = head.given(told[rows], None if context is None else context[:, rows])
        haplotypes.append(
            draw_haplotypes(head, given, counts[rows], n_particles=n_particles, generator=generator)
        )
    return torch.cat(haplotypes)


def mean_nats(head: HaplotypeAutoregression, given: Given, counts: Tensor, *, seed: int) -> float:
    """Negative log-likelihood a person of genotypes int8 (n, n_variants), whatever their phase."""
    generator = torch.Generator(counts.device).manual_seed(seed)
    total = 0.0
    everybody = torch.arange(len(counts), device=counts.device)
    for rows in in_batches(everybody, n_variants=counts.shape[1]):
        likelihood = log_likelihood(
            head,
            given.take(rows),
            counts[rows],
            n_particles=N_JUDGING_PARTICLES,
            generator=generator,
        )
        total -= float(likelihood.sum())
    return total / len(counts)


@torch.no_grad()
def unlike_by_chance(
    head: HaplotypeAutoregression, people: Told, haplotypes: Tensor, *, batch_size: int
) -> Tensor:
    """How far heterozygotes are from what the model expects: z-scores (n_variants,).

    haplotypes: int8 (n, 2, n_variants) of these people. Frequencies are taken as given: since they
    were fitted to the same people, z-scores of rare variants come out too small.
    """
    excess, variance = torch.zeros_like(head.couplings), torch.zeros_like(head.couplings)
    for rows in torch.split(torch.arange(len(haplotypes), device=excess.device), batch_size):
        alleles = haplotypes[rows].permute(2, 1, 0)
        given = head.given(people.labels_and_latents[rows], people.context[:, rows])
        one, two = head.log_odds(given, alleles.to(given.base.dtype)).sigmoid().unbind(dim=1)
        expected = one + two - 2 * one * two
        known = alleles[:, 0] != MISSING
        excess += (((alleles[:, 0] != alleles[:, 1]).float() - expected) * known).sum(dim=1)
        variance += (expected * (1 - expected) * known).sum(dim=1)
    return excess / variance.clamp(min=1e-6).sqrt()


def phase_told(
    head: HaplotypeAutoregression,
    people: Told,
    *,
    generator: torch.Generator,
    rows: Tensor | slice = EVERY,
    n_particles: int = N_PARTICLES,
) -> Tensor:
    """Draw haplotypes int8 (n, 2, n_variants) of these people."""
    counts, told = people.counts[rows], people.labels_and_latents[rows]
    context = people.context[:, rows]
    return phase(head, counts, told, generator=generator, context=context, n_particles=n_particles)
