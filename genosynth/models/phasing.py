"""Draw the two haplotypes behind each genotype: a particle filter along each chromosome.

A heterozygote's ALT allele lies on one of two haplotypes; which one, the model of haplotypes tells
from the alleles before it, and a few particles a person let later alleles have their say.
"""

import math

import torch
from torch import Tensor
from torch.nn import functional

from genosynth.models.haplotypes import MISSING, HaplotypeAutoregression, Walk

RESAMPLE_EVERY = 8  # variants: more often loses diversity, less often loses likely phases
MEMORY = 256  # variants whose past is taken along when particles are chosen
MIN_LIKELIHOOD = 1e-12  # genotypes that the model excludes occur all the same


@torch.no_grad()
def draw_haplotypes(
    head: HaplotypeAutoregression,
    base: Tensor,
    counts: Tensor,
    *,
    n_particles: int,
    generator: torch.Generator,
) -> Tensor:
    """Haplotypes int8 (n, 2, n_variants) that add up to the genotypes; missing calls stay missing.

    base: (n_variants, n); counts: int8 (n, n_variants). More particles, likelier phases.
    """
    particles = _Particles(head, base, n_particles=n_particles, generator=generator)
    particles.run(counts)
    return particles.alleles[:, :, ::n_particles].permute(2, 1, 0).contiguous()


@torch.no_grad()
def log_likelihood(
    head: HaplotypeAutoregression,
    base: Tensor,
    counts: Tensor,
    *,
    n_particles: int,
    generator: torch.Generator,
) -> Tensor:
    """Log-likelihood (n,) of genotypes, whatever their phase; arguments as above.

    Its exponential is unbiased (Del Moral 2004), so that it errs to the low side, less so with more
    particles.
    """
    particles = _Particles(head, base, n_particles=n_particles, generator=generator)
    particles.run(counts)
    return particles.log_evidence


class _Particles:
    """Several guesses of the haplotypes of each person, side by side."""

    def __init__(
        self,
        head: HaplotypeAutoregression,
        base: Tensor,
        *,
        n_particles: int,
        generator: torch.Generator,
    ) -> None:
        n_variants, self.n = base.shape
        self.base = base
        self.n_particles = n_particles
        self.generator = generator
        self.walk = Walk(head, n=self.n * n_particles, like=base)
        shape = (n_variants, 2, self.n * n_particles)
        self.alleles = torch.empty(shape, dtype=torch.int8, device=base.device)
        self.log_weight = base.new_zeros(self.n, n_particles)
        self.log_evidence = base.new_zeros(self.n)

    def run(self, counts: Tensor) -> None:
        """Go along all chromosomes with genotypes (n, n_variants)."""
        first = 0
        for size in self.walk.head.chromosome_sizes:
            for variant in range(first, first + size):
                self.advance(variant, counts[:, variant])
                is_last = variant == first + size - 1
                if is_last or variant % RESAMPLE_EVERY == 0:
                    self.resample(max(first, variant - MEMORY), variant + 1)
            first += size

    def advance(self, variant: int, counts: Tensor) -> None:
        """Draw the phase of one genotype and weigh each particle by how likely the genotype is."""
        copies = counts.repeat_interleave(self.n_particles)
        neither, first_only, second_only, both = self.walk.pair_probabilities(
            variant, self.base[variant].repeat_interleave(self.n_particles)
        )
        is_het = first_only + second_only
        likelihood = torch.stack((neither, is_het, both, torch.ones_like(both)))
        likely = likelihood.gather(0, copies.long()[None] % 4)[0]  # a missing call: row 3
        self.log_weight += likely.clamp(min=MIN_LIKELIHOOD).log().view_as(self.log_weight)
        dice = torch.rand(is_het.shape, generator=self.generator, device=is_het.device)
        on_first = dice * is_het < first_only
        alleles = torch.stack((on_first, ~on_first)).to(torch.int8)
        alleles = torch.where(copies == 1, alleles, (copies // 2).to(torch.int8))
        alleles = torch.where(copies < 0, MISSING, alleles).to(torch.int8)
        self.alleles[variant] = alleles
        self.walk.append(variant, alleles)

    def resample(self, first: int, end: int) -> None:
        """Multiply likely particles at the cost of others, with their recent past."""
        self.log_evidence += self.log_weight.logsumexp(dim=1) - math.log(self.n_particles)
        weights = functional.softmax(self.log_weight, dim=1)
        chosen = torch.multinomial(
            weights, self.n_particles, replacement=True, generator=self.generator
        )
        offset = torch.arange(self.n, device=chosen.device) * self.n_particles
        origin = (chosen + offset[:, None]).flatten()
        self.alleles[first:end] = self.alleles[first:end, :, origin]
        self.walk.choose(origin)
        self.log_weight.zero_()
