"""Draw the two haplotypes behind each genotype: a particle filter along each chromosome.

A heterozygote's ALT allele lies on one of two haplotypes; which one, the model of haplotypes tells
from the alleles before it, and a few particles a person let later alleles have their say.
"""

import math

import torch
from torch import Tensor
from torch.nn import functional

from genosynth.models.haplotypes import MISSING, Given, HaplotypeAutoregression, Walk

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
    return particles.log_evidence


class _Particles:
    """Several guesses of the haplotypes of each person, side by side."""

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
        shape = (n_variants, 2, self.n * n_particles)
        self.alleles = torch.empty(shape, dtype=torch.int8, device=given.base.device)
        self.origins: list[tuple[int, Tensor]] = []  # ends of stretches, and who was chosen there
        self.log_weight = given.base.new_zeros(self.n, n_particles)
        self.log_evidence = given.base.new_zeros(self.n)

    def run(self, counts: Tensor) -> None:
        """Go along all chromosomes with genotypes (n, n_variants)."""
        first = 0
        for size in self.walk.head.chromosome_sizes:
            for variant in range(first, first + size):
                self.advance(variant, counts[:, variant])
                is_last = variant == first + size - 1
                if is_last or variant % RESAMPLE_EVERY == 0:
                    self.resample(variant + 1)
            first += size

    def haplotypes(self) -> Tensor:
        """Alleles (n_variants, 2, n) of the first particle of each person and its ancestors."""
        kept = self.alleles.new_empty(*self.alleles.shape[:2], self.n)
        chosen = torch.arange(0, self.n * self.n_particles, self.n_particles, device=kept.device)
        starts = [0, *(end for end, _ in self.origins[:-1])]
        for start, (end, origin) in zip(reversed(starts), reversed(self.origins), strict=True):
            chosen = origin[chosen]
            kept[start:end] = self.alleles[start:end, :, chosen]
        return kept

    def advance(self, variant: int, counts: Tensor) -> None:
        """Draw the phase of one genotype and weigh each particle by how likely the genotype is."""
        copies = counts.repeat_interleave(self.n_particles)
        neither, first_only, second_only, both = self.walk.pair_probabilities(variant)
        is_het = first_only + second_only
        likelihood = torch.stack((neither, is_het, both, torch.ones_like(both)))
        likely = likelihood.gather(0, copies.long()[None] % 4)[0]  # a missing call: row 3
        self.log_weight += likely.clamp(min=MIN_LIKELIHOOD).log().view_as(self.log_weight)
        dice = torch.rand(is_het.shape, generator=self.generator, device=is_het.device)
        on_first = dice * is_het < first_only
        alleles = torch.stack((on_first, ~on_first)).to(torch.int8)
        alleles = torch.where(copies == 1, alleles, copies.clamp(min=0) >> 1)
        alleles = torch.where(copies < 0, MISSING, alleles).to(torch.int8)
        self.alleles[variant] = alleles
        self.walk.append(variant, alleles)

    def resample(self, end: int) -> None:
        """Multiply likely particles at the cost of others, before variant `end`."""
        self.log_evidence += self.log_weight.logsumexp(dim=1) - math.log(self.n_particles)
        weights = functional.softmax(self.log_weight, dim=1)
        chosen = torch.multinomial(
            weights, self.n_particles, replacement=True, generator=self.generator
        )
        offset = torch.arange(self.n, device=chosen.device) * self.n_particles
        origin = (chosen + offset[:, None]).flatten()
        self.origins.append((end, origin))
        self.walk.choose(origin)
        self.log_weight.zero_()
