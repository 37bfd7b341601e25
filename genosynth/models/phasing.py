"""Draw the two haplotypes behind each genotype: a particle filter along each chromosome.

A heterozygote's ALT allele lies on one of two haplotypes; which one, the model of haplotypes tells
from the alleles before it, and a few particles a person let later alleles have their say.
"""

import math

import torch
from torch import Tensor
from torch.nn import functional

from genosynth.models.haplotypes import Given, HaplotypeAutoregression, Walk

RESAMPLE_EVERY = 8  # variants: more often loses diversity, less often loses likely phases
MIN_LIKELIHOOD = 1e-12  # genotypes that the model excludes occur all the same


@torch.no_grad()
def draw_haplotypes(
    head: HaplotypeAutoregression,
    given: Given,
    counts: Tensor,
    *,
    n_particles: int,
    generator: torch.Generator,
) -> Tensor:
    """Haplotypes int8 (n, 2, n_variants) that add up to the genotypes; missing calls stay missing.

    counts: int8 (n, n_variants). More particles, likelier phases.
    """
    particles = _Particles(head, given, n_particles=n_particles, generator=generator)
    particles.run(counts)
    return particles.haplotypes().permute(2, 1, 0).contiguous()


@torch.no_grad()
def log_likelihood(
    head: HaplotypeAutoregression,
    given: Given,
    counts: Tensor,
    *,
    n_particles: int,
    generator: torch.Generator,
) -> Tensor:
    """Log-likelihood (n,) of genotypes, whatever their phase; arguments as above.

    Its exponential is unbiased (Del Moral 2004), so that it errs to the low side, less so with more
    particles.
    """
    particles = _Particles(head, given, n_particles=n_particles, generator=generator)
    particles.run(counts)
    particles.weigh(len(head.chromosome_sizes))
    return particles.log_evidence


class _Particles:
    """Several guesses of the haplotypes of each person, on each chromosome for itself."""

    def __init__(
        self,
        head: HaplotypeAutoregression,
        given: Given,
        *,
        n_particles: int,
        generator: torch.Generator,
    ) -> None:
        n_variants, self.n = given.base.shape
        self.n_particles = n_particles
        self.generator = generator
        self.walk = Walk(head, given.repeat(n_particles))
        self.alleles = torch.empty(
            (n_variants, 2, self.n * n_particles), dtype=torch.int8, device=given.base.device
        )
        # Places after which particles were chosen, and who, (n_chromosomes, n · n_particles).
        self.origins: dict[int, Tensor] = {}
        self.log_weight = given.base.new_zeros(len(self.walk.seen), self.n, n_particles)
        self.log_evidence = given.base.new_zeros(self.n)

    def run(self, counts: Tensor) -> None:
        """Go along all chromosomes with genotypes (n, n_variants)."""
        for place, variants in enumerate(self.walk.places):
            self.advance(variants, counts.T[variants])
            if place % RESAMPLE_EVERY == RESAMPLE_EVERY - 1:
                self.resample(place, n_chromosomes=len(variants))

    def haplotypes(self) -> Tensor:
        """Alleles (n_variants, 2, n) of a particle of each person, as likely as its weight."""
        chosen = self.draw(1, n_chromosomes=len(self.log_weight))
        kept = self.alleles.new_empty(*self.alleles.shape[:2], self.n)
        for place, variants in reversed(list(enumerate(self.walk.places))):
            if place in self.origins:
                origin = self.origins[place]
                chosen[: len(origin)] = origin.gather(1, chosen[: len(origin)])
            of_place = chosen[: len(variants), None].expand(-1, 2, -1)
            kept[variants] = self.alleles[variants].gather(2, of_place)
        return kept

    def advance(self, variants: Tensor, counts: Tensor) -> None:
        """Draw phases of genotypes (n_variants, n); weigh particles by how likely these are."""
        copies = counts.repeat_interleave(self.n_particles, dim=1)
        neither, first_only, second_only, both = self.walk.pair_probabilities(variants)
        is_het = first_only + second_only
        likely = torch.where(copies == 0, neither, torch.where(copies == 1, is_het, both))
        likely = torch.where(copies < 0, 1.0, likely)  # a missing call tells nothing
        gained = likely.clamp(min=MIN_LIKELIHOOD).log()
        self.log_weight[: len(variants)] += gained.view(-1, self.n, self.n_particles)
        dice = torch.rand(is_het.shape, generator=self.generator, device=is_het.device)
        on_first = dice * is_het < first_only
        alleles = torch.stack((on_first, ~on_first), dim=1).to(torch.int8)
        copies = copies[:, None]
        alleles = torch.where(copies == 1, alleles, copies >> 1)  # −1, a missing call, stays −1
        self.alleles[variants] = alleles
        self.walk.append(variants, alleles)

    def resample(self, place: int, *, n_chromosomes: int) -> None:
        """Multiply likely particles at the cost of others, on chromosomes that go on."""
        origin = self.draw(self.n_particles, n_chromosomes=n_chromosomes)
        self.origins[place] = origin
        self.walk.choose(origin, n_back=place + 1)
        self.weigh(n_chromosomes)

    def weigh(self, n_chromosomes: int) -> None:
        """Add mean weights to the evidence and give particles equal ones."""
        weights = self.log_weight[:n_chromosomes]
        mean = weights.logsumexp(dim=2) - math.log(self.n_particles)
        self.log_evidence += mean.sum(dim=0)
        weights.zero_()

    def draw(self, n_drawn: int, *, n_chromosomes: int) -> Tensor:
        """Draw particles by weight: columns (n_chromosomes, n · n_drawn)."""
        weights = functional.softmax(self.log_weight[:n_chromosomes], dim=2).flatten(0, 1)
        chosen = torch.multinomial(weights, n_drawn, replacement=True, generator=self.generator)
        first = torch.arange(self.n, device=chosen.device)[:, None] * self.n_particles
        return (chosen.view(-1, self.n, n_drawn) + first).flatten(1)
