"""One chromosome of the demo cohort: coalescent history, recombination hotspots and families."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import msprime
import numpy as np
import pandas as pd
import tskit
from numpy.typing import NDArray

from genosynth.errors import ConfigError
from genosynth.seeds import derive_seed

MIN_MAF = 0.01

# Populations split from one that had gone through a bottleneck, exchange few migrants and grow;
# sizes are diploid people, times are generations ago. Chosen so that r² at 0-500 kb follows the
# 1000 Genomes Europeans and F_ST lies below that of continents.
SIZE_NOW = 20_000
SIZE_BEFORE_GROWTH = 8_000
SIZE_IN_BOTTLENECK = 2_200
SIZE_OF_ANCESTORS = 12_000
GROWTH_STARTS = 150
SPLIT = 800
BOTTLENECK_STARTS = 1_400
MIXING = 12
MIGRATION = 3e-4  # fraction of each population that comes from the other in a generation

# Human crossovers: 1 cM/Mb, most of them in hotspots of 1-2 kb, one in some 50 kb, of very unequal
# heat (Myers et al. 2005, Science 310:321).
CROSSOVERS_PER_BP = 1e-8
HOTSPOT_BP = 2_000
HOTSPOT_SPACING_BP = 50_000
HOTSPOT_SHARE = 0.8

TRANSITION_BIAS = 4.0  # gives two transitions for each transversion, as in people
COMMON_SITES_PER_MUTATION_RATE = 1.7e5  # sites with MAF ≥ 1 % per bp and unit rate, as measured
HIGHEST_MUTATION_RATE = 1e-7  # eight times the human rate


@dataclass(frozen=True)
class People:
    """Who is in the cohort, before shuffling: founders by population, then children."""

    founders: dict[str, int]  # people of each population
    parents: NDArray[np.intp]  # (n_children, 2) founders
    order: NDArray[np.intp]  # (n_samples,) who stands at each place of the cohort


@dataclass(frozen=True)
class Chromosome:
    """Variants of one chromosome and their ALT copies, (n_variants, n_samples or n_haplotypes)."""

    variants: pd.DataFrame
    counts: NDArray[np.int8]


def demography() -> msprime.Demography:
    """Two populations that split after a bottleneck, and a mixture of both."""
    history = msprime.Demography()
    growth_rate = math.log(SIZE_NOW / SIZE_BEFORE_GROWTH) / GROWTH_STARTS
    for name in ("north", "south"):
        history.add_population(name=name, initial_size=SIZE_NOW, growth_rate=growth_rate)
    history.add_population(name="mixed", initial_size=SIZE_NOW)
    history.add_population(name="ancestors", initial_size=SIZE_IN_BOTTLENECK)
    history.set_symmetric_migration_rate(["north", "south"], MIGRATION)
    history.add_admixture(
        time=MIXING, derived="mixed", ancestral=["north", "south"], proportions=[0.5, 0.5]
    )
    for name in ("north", "south"):
        history.add_population_parameters_change(
            time=GROWTH_STARTS, population=name, initial_size=SIZE_BEFORE_GROWTH, growth_rate=0
        )
    history.add_population_split(time=SPLIT, derived=["north", "south"], ancestral="ancestors")
    history.add_population_parameters_change(
        time=BOTTLENECK_STARTS, population="ancestors", initial_size=SIZE_OF_ANCESTORS
    )
    return history


def recombination_map(length_bp: int, rng: np.random.Generator) -> msprime.RateMap:
    """Crossover rates with hotspots at random places; their mean is the human one."""
    n_drawn = 10 + 2 * length_bp // HOTSPOT_SPACING_BP
    gaps = 1 + rng.exponential(HOTSPOT_SPACING_BP, n_drawn).astype(int)
    starts = np.cumsum(gaps + HOTSPOT_BP) - HOTSPOT_BP
    starts = starts[starts + HOTSPOT_BP < length_bp]
    position = np.concatenate(
        [[0], np.stack([starts, starts + HOTSPOT_BP], 1).ravel(), [length_bp]]
    )
    heat = rng.exponential(size=len(starts))
    weight = np.full(len(position) - 1, 1 - HOTSPOT_SHARE)
    weight[1::2] += HOTSPOT_SHARE * heat / max(heat.sum(), 1e-12) * length_bp / HOTSPOT_BP
    rate = weight * CROSSOVERS_PER_BP * length_bp / (weight @ np.diff(position))
    return msprime.RateMap(position=position, rate=rate)


def simulate_chromosome(
    number: int, length_bp: int, n_variants: int, *, people: People, seed: int
) -> Chromosome:
    """Simulate `n_variants` variants with MAF ≥ 1 % in the whole cohort.

    Raises:
        ConfigError: the chromosome is too short for so many variants.
    """
    rng = np.random.default_rng(derive_seed(seed, "chromosome", number))
    recombination = recombination_map(length_bp, rng)
    for haplotypes in founder_haplotypes(
        number, n_variants, founders=people.founders, recombination=recombination, rng=rng
    ):
        everyone = _add_children(haplotypes, people, recombination, rng)
        if len(everyone.variants) >= n_variants:
            return thin(everyone, n_variants, rng)
    raise ConfigError(
        f"simulation.n_variants: {length_bp:,} bp of chromosome {number} cannot hold {n_variants} "
        "variants with MAF ≥ 1 %. Raise simulation.chromosome_mb or lower simulation.n_variants"
    )


def founder_haplotypes(
    number: int,
    n_variants: int,
    *,
    founders: dict[str, int],
    recombination: msprime.RateMap,
    rng: np.random.Generator,
) -> Iterator[Chromosome]:
    """Haplotypes of the founders, (n_variants or so, 2 · n_founders), with ever more variants.

    Mutations are thrown onto the ancestry just often enough, as on a genotyping array; the caller
    takes the first chromosome that has enough and drops the surplus at random.
    """
    ancestry = msprime.sim_ancestry(
        founders,
        demography=demography(),
        recombination_rate=recombination,
        random_seed=rng.integers(1, 2**31),
    )
    rate = 1.2 * n_variants / recombination.sequence_length / COMMON_SITES_PER_MUTATION_RATE
    while rate < HIGHEST_MUTATION_RATE:
        mutated = msprime.sim_mutations(
            ancestry,
            rate=rate,
            model=msprime.HKY(kappa=TRANSITION_BIAS),
            random_seed=rng.integers(1, 2**31),
        )
        yield _common_variants(mutated, number)
        rate *= 1.5


def _common_variants(mutated: tskit.TreeSequence, number: int) -> Chromosome:
    """Haplotypes of the founders, (n_variants, 2 · n_founders), at sites with one mutation."""
    haplotypes, rows = [], []
    for variant in mutated.variants():
        alt_frequency = np.count_nonzero(variant.genotypes) / mutated.num_samples
        is_common = MIN_MAF <= alt_frequency <= 1 - MIN_MAF
        if is_common and len(variant.site.mutations) == 1:
            haplotypes.append(variant.genotypes.astype(np.int8))
            ref, alt = variant.alleles  # ancestral first, so that ALT may be the major allele
            rows.append((number, int(variant.site.position) + 1, ref, alt))
    table = pd.DataFrame(rows, columns=["chromosome", "position_bp", "ref", "alt"])
    names = [f"chr{c}_{position}_{ref}_{alt}" for c, position, ref, alt in rows]
    table.insert(2, "id", pd.Series(names, dtype=object))
    matrix = np.array(haplotypes, np.int8).reshape(len(rows), mutated.num_samples)
    return Chromosome(table, matrix)


def _add_children(
    founders: Chromosome,
    people: People,
    recombination: msprime.RateMap,
    rng: np.random.Generator,
) -> Chromosome:
    """Pair haplotypes to people, children included, in cohort order; keep MAF ≥ 1 %."""
    haplotypes = founders.counts
    position_bp = founders.variants["position_bp"].to_numpy()
    counts = haplotypes[:, 0::2] + haplotypes[:, 1::2]  # (n_variants, n_founders)
    children = np.zeros((len(counts), len(people.parents)), np.int8)
    for child, parents in enumerate(people.parents):
        for parent in parents:
            side = gamete(position_bp, recombination, rng)
            children[:, child] += haplotypes[np.arange(len(side)), 2 * parent + side]
    counts = np.concatenate([counts, children], axis=1)[:, people.order]
    alt_frequency = counts.mean(axis=1) / 2
    is_common = np.minimum(alt_frequency, 1 - alt_frequency) >= MIN_MAF
    return Chromosome(founders.variants[is_common], counts[is_common])


def gamete(
    position_bp: NDArray[np.intp], recombination: msprime.RateMap, rng: np.random.Generator
) -> NDArray[np.intp]:
    """Which of a parent's two haplotypes, 0 or 1, is passed on at each position."""
    morgans = recombination.get_cumulative_mass(recombination.position)
    crossovers = np.sort(rng.uniform(0, morgans[-1], rng.poisson(morgans[-1])))
    crossovers_bp = np.interp(crossovers, morgans, recombination.position)
    return (rng.integers(2) + np.searchsorted(crossovers_bp, position_bp)) % 2


def thin(chromosome: Chromosome, n_variants: int, rng: np.random.Generator) -> Chromosome:
    """Drop variants at random until `n_variants` are left."""
    kept = np.sort(rng.choice(len(chromosome.variants), n_variants, replace=False))
    return Chromosome(chromosome.variants.iloc[kept], chromosome.counts[kept])
