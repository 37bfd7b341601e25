"""The demo cohort: people of two populations and their mixture, with LD and known traits."""

import logging
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pandas as pd
from bed_reader import to_bed
from numpy.typing import NDArray

from genosynth.data.genotypes import MISSING, Genotypes
from genosynth.data.simulated_chromosome import Chromosome, People, simulate_chromosome
from genosynth.data.simulated_flaws import spoil_calls
from genosynth.data.simulated_traits import (
    AGES,
    DISEASE,
    LDL,
    disease_status,
    ldl_mmol_per_l,
    simulate_trait,
)
from genosynth.files import whole, write_table
from genosynth.progress import progress
from genosynth.seeds import derive_seed
from genosynth.settings.simulation import SimulationSettings

logger = logging.getLogger(__name__)
logging.getLogger("msprime").setLevel(logging.WARNING)  # it narrates every event

POPULATIONS = {"north": 0.55, "south": 0.35, "mixed": 0.1}  # share of the founders
CHILDREN_PER_FAMILY = 2
BED_MISSING = -127  # bed-reader's mark for int8

# GRCh38 lengths of chromosomes 1-22 in megabases.
# fmt: off
HUMAN_MB = np.array([
    249, 242, 198, 190, 182, 171, 159, 145, 138, 134, 135,
    133, 114, 107, 102, 90, 83, 80, 59, 64, 47, 51,
])
# fmt: on


@dataclass(frozen=True)
class SimulatedCohort:
    """Genotypes with phenotypes in the sample table, and the causal variants of each trait."""

    genotypes: Genotypes
    truth: pd.DataFrame


def simulate_cohort(
    settings: SimulationSettings, *, seed: int, n_processes: int = 1
) -> SimulatedCohort:
    """Simulate genotypes, traits and their flaws; the number of processes changes nothing."""
    people = draw_people(settings, rng=np.random.default_rng(derive_seed(seed, "people")))
    genotypes = simulate_genotypes(settings, people, seed=seed, n_processes=n_processes)
    samples, truth = add_phenotypes(genotypes, settings, seed=seed)
    spoil_calls(
        genotypes.counts,
        missing_calls=settings.missing_calls,
        flawed=settings.flawed,
        rng=np.random.default_rng(derive_seed(seed, "calls")),
    )
    return SimulatedCohort(Genotypes(genotypes.counts, samples, genotypes.variants), truth)


def draw_people(settings: SimulationSettings, *, rng: np.random.Generator) -> People:
    """Founders of each population, families within populations, and a shuffled order."""
    n_families = round(settings.children * settings.n_samples / CHILDREN_PER_FAMILY)
    n_founders = settings.n_samples - CHILDREN_PER_FAMILY * n_families
    edges = np.round(np.cumsum([0, *POPULATIONS.values()]) * n_founders).astype(int)
    founders = dict(zip(POPULATIONS, np.diff(edges).tolist(), strict=True))
    couples = np.concatenate(
        [
            rng.permutation(np.arange(start, end - (end - start) % 2)).reshape(-1, 2)
            for start, end in pairwise(edges)
        ]
    )
    couples = couples[rng.permutation(len(couples))[:n_families]]
    parents = np.repeat(couples, CHILDREN_PER_FAMILY, axis=0)
    return People(founders, parents, order=rng.permutation(settings.n_samples))


def simulate_genotypes(
    settings: SimulationSettings, people: People, *, seed: int, n_processes: int
) -> Genotypes:
    """Simulate every chromosome from its own seed; samples carry id, sex, age and ancestry."""
    chromosomes = chromosome_sizes(settings)
    simulate = partial(simulate_chromosome, people=people, seed=seed)
    # Forked, because a spawned process would run the rule's script a second time.
    with ProcessPoolExecutor(n_processes, mp_context=get_context("fork")) as pool:
        simulated = pool.map(simulate, *zip(*chromosomes, strict=True))
        genome = _gather(
            progress(simulated, what="chromosomes", total=len(chromosomes)),
            n_samples=settings.n_samples,
            n_variants=settings.n_variants,
        )
    samples = draw_samples(people, rng=np.random.default_rng(derive_seed(seed, "samples")))
    return Genotypes(genome.counts.T, samples, genome.variants)


def chromosome_sizes(settings: SimulationSettings) -> list[tuple[int, int, int]]:
    """Number, length in bp and number of variants of each chromosome, in human proportions."""
    mega = HUMAN_MB[: settings.n_chromosomes]
    length_bp = np.round(mega / mega.mean() * settings.chromosome_mb * 1e6).astype(int)
    upto = np.round(np.cumsum([0, *mega]) / mega.sum() * settings.n_variants).astype(int)
    numbers = range(1, len(mega) + 1)
    return list(zip(numbers, length_bp.tolist(), np.diff(upto).tolist(), strict=True))


def _gather(chromosomes: Iterable[Chromosome], *, n_samples: int, n_variants: int) -> Chromosome:
    """Join chromosomes as they arrive, so that no genotype is held twice."""
    counts = np.empty((n_variants, n_samples), np.int8)
    tables: list[pd.DataFrame] = []
    end = 0
    for chromosome in chromosomes:
        start, end = end, end + len(chromosome.variants)
        counts[start:end] = chromosome.counts
        tables.append(chromosome.variants)
        logger.info("chromosome %d: %s variants", len(tables), f"{end - start:,}")
    return Chromosome(pd.concat(tables, ignore_index=True), counts)


def draw_samples(people: People, *, rng: np.random.Generator) -> pd.DataFrame:
    """Sample table in cohort order; relatives carry no sign of it, as in a biobank."""
    n_samples = len(people.order)
    of_founders = np.repeat(list(people.founders), list(people.founders.values()))
    ancestry = np.concatenate([of_founders, of_founders[people.parents[:, 0]]])[people.order]
    iids = [f"sim{number:05d}" for number in range(1, n_samples + 1)]
    return pd.DataFrame(
        {
            "fid": iids,
            "iid": iids,
            "sex": rng.integers(1, 3, n_samples),
            "age": rng.integers(*AGES, n_samples),
            "ancestry": ancestry.astype(object),
        }
    )


def add_phenotypes(
    genotypes: Genotypes, settings: SimulationSettings, *, seed: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Sample table with `disease` (1/2) and `ldl`, some values missing; and the truth."""
    disease, ldl = (
        simulate_trait(
            genotypes,
            model,
            n_causal=settings.n_causal,
            heritability=settings.heritability,
            rng=np.random.default_rng(derive_seed(seed, model.name)),
        )
        for model in (DISEASE, LDL)
    )
    status = disease_status(disease.values, prevalence=settings.prevalence)
    samples = genotypes.samples.assign(
        disease=pd.array(status, dtype="Int64"), ldl=ldl_mmol_per_l(ldl.values)
    )
    rng = np.random.default_rng(derive_seed(seed, "missing_phenotypes"))
    for column in ("ancestry", "disease", "ldl"):
        is_missing = rng.random(len(samples)) < settings.missing_phenotypes
        samples[column] = samples[column].mask(is_missing)
    return samples, pd.concat([disease.truth, ldl.truth], ignore_index=True)


def save_cohort(
    cohort: SimulatedCohort,
    *,
    bed: str | Path,
    bim: str | Path,
    fam: str | Path,
    phenotypes: str | Path,
    truth: str | Path,
) -> None:
    """Write PLINK files (A1 = ALT), the phenotype table and the truth, each whole or not at all."""
    samples = cohort.genotypes.samples
    write_bed(cohort.genotypes, bed=bed, bim=bim, fam=fam)
    columns = ["sex", "age", "ancestry", "disease", "ldl"]
    table = samples.rename(columns={"fid": "FID", "iid": "IID"})[["FID", "IID", *columns]]
    write_table(table, phenotypes)
    write_table(cohort.truth, truth)
    logger.info(
        "wrote %s people × %s variants with MAF ≥ 1 %%; %s cases of disease",
        f"{len(samples):,}",
        f"{len(cohort.genotypes.variants):,}",
        f"{(samples['disease'] == 2).sum():,}",
    )


def write_bed(genotypes: Genotypes, *, bed: str | Path, bim: str | Path, fam: str | Path) -> None:
    """Write bed, bim and fam; relatives' parents are left unknown."""
    samples, variants = genotypes.samples, genotypes.variants
    counts: NDArray[np.int8] = genotypes.counts
    properties = {
        "fid": samples["fid"].tolist(),
        "iid": samples["iid"].tolist(),
        "sex": samples["sex"].tolist(),
        "pheno": ["-9"] * len(samples),
        "chromosome": variants["chromosome"].astype(str).tolist(),
        "sid": variants["id"].tolist(),
        "bp_position": variants["position_bp"].tolist(),
        "allele_1": variants["alt"].tolist(),
        "allele_2": variants["ref"].tolist(),
    }
    with ExitStack() as stack:
        parts = [stack.enter_context(whole(path)) for path in (bed, bim, fam)]
        to_bed(
            parts[0],
            np.where(counts == MISSING, np.int8(BED_MISSING), counts),
            properties=properties,
            bim_filepath=parts[1],
            fam_filepath=parts[2],
        )
