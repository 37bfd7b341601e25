"""Any number of people as mosaics of a few thousand founders. Imported by the programs beside it.

The founders come from the coalescent simulation of the demo. Each haplotype of their descendants
copies founder haplotypes of its population, another one after each crossover of the generations in
between, as where everybody mates at random within a large population.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genosynth.data.simulate import chromosome_sizes
from genosynth.data.simulated_chromosome import (
    Chromosome,
    founder_haplotypes,
    recombination_map,
    thin,
)
from genosynth.seeds import derive_seed, person_uniforms
from genosynth.settings.simulation import SimulationSettings

POPULATIONS = ("north", "south")
GENERATIONS = 20  # since the founders; linkage over 0.1 cM has decayed by 4 % since then


@dataclass(frozen=True)
class Founders:
    """Whom everybody descends from.

    alleles: int8 (n_populations, n_haplotypes, n_variants), 1 for ALT.
    jump_probability: (n_variants,), that a haplotype copies another founder from this variant on;
    1 where a chromosome begins.
    """

    alleles: NDArray[np.int8]
    variants: pd.DataFrame
    jump_probability: NDArray[np.float64]


def simulate_founders(
    settings: SimulationSettings, *, people_per_population: int, seed: int
) -> Founders:
    """Simulate chromosomes with the lengths, hotspots and history of the demo's."""
    chromosomes, morgans = zip(
        *(
            simulate_chromosome(*size, n_people=people_per_population, seed=seed)
            for size in chromosome_sizes(settings)
        ),
        strict=True,
    )
    alleles = np.concatenate([chromosome.counts.T for chromosome in chromosomes], axis=1)
    return Founders(
        alleles.reshape(len(POPULATIONS), -1, settings.n_variants),
        pd.concat([chromosome.variants for chromosome in chromosomes], ignore_index=True),
        np.concatenate([jump_probabilities(each) for each in morgans]),
    )


def simulate_chromosome(
    number: int, length_bp: int, n_variants: int, *, n_people: int, seed: int
) -> tuple[Chromosome, NDArray[np.float64]]:
    """Haplotypes (n_variants, n_haplotypes), one population after the other, and map in Morgans."""
    rng = np.random.default_rng(derive_seed(seed, "chromosome", number))
    recombination = recombination_map(length_bp, rng)
    founders = dict.fromkeys(POPULATIONS, n_people)
    haplotypes = next(
        each
        for each in founder_haplotypes(
            number, n_variants, founders=founders, recombination=recombination, rng=rng
        )
        if len(each.variants) >= n_variants
    )
    chromosome = thin(haplotypes, n_variants, rng)
    return chromosome, recombination.get_cumulative_mass(chromosome.variants["position_bp"])


def jump_probabilities(morgans: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probability of a crossover since the variant before, in any generation; 1 at the first."""
    return -np.expm1(-GENERATIONS * np.diff(morgans, prepend=-np.inf))


def draw_counts(
    founders: Founders, people: NDArray[np.intp], population: NDArray[np.intp], *, seed: int
) -> NDArray[np.int8]:
    """Copies of ALT (n_people, n_variants) of these people, each from a stream of their own."""
    n_variants = len(founders.jump_probability)
    uniforms = person_uniforms(seed, people, 2 * n_variants).reshape(-1, n_variants)
    haplotypes = copy_haplotypes(founders, np.repeat(population, 2), uniforms)
    return haplotypes[0::2] + haplotypes[1::2]


def copy_haplotypes(
    founders: Founders, population: NDArray[np.intp], uniforms: NDArray[np.float64]
) -> NDArray[np.int8]:
    """Alleles of mosaics, (n, n_variants), of founders of a population (n,) each.

    uniforms: (n, n_variants). One below the variant's jump probability says that a segment begins
    there, and, divided by it, is uniform again: it chooses whom the segment copies.
    """
    n_haplotypes, n_variants = founders.alleles.shape[1:]
    starts = np.flatnonzero(uniforms < founders.jump_probability)  # of segments, in all alleles
    row, column = np.divmod(starts, n_variants)
    chosen = uniforms.ravel()[starts] / founders.jump_probability[column] * n_haplotypes
    founder = population[row] * n_haplotypes + chosen.astype(np.intp)
    # From an allele's place among the mosaics to the place of the founder's: one for each segment.
    shift = ((founder - row) * n_variants).astype(np.int32)
    source = np.repeat(shift, np.diff(starts, append=uniforms.size))
    source += np.arange(uniforms.size, dtype=np.int32)
    return np.take(founders.alleles, source).reshape(uniforms.shape)
