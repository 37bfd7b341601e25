"""A biobank to measure with: 458,724 people × 2,048 variants in the memory of a laptop.

    python -m benchmarks.simulated_biobank FOLDER [--people 458724] [--variants 2048] [--seed 1]

Writes what the stages after the panel read, FOLDER/genotypes and FOLDER/labels.json, and beside it
FOLDER/truth.tsv, the effects of the causal variants. People of two populations are mosaics of 8,000
simulated haplotypes; they have a disease, sex, ancestry and a part of the split. They are written
block by block, and each is drawn from (seed, person). Nobody is a near relative of anybody, and no
call is missing.
"""

import argparse
import time
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.machine import describe_machine, peak_megabytes, print_table
from benchmarks.mosaic import POPULATIONS, Founders, draw_counts, simulate_founders
from genosynth.data.labels import describe_label, save_labels
from genosynth.data.simulated_traits import (
    DISEASE,
    disease_status,
    draw_effects,
    tabulate_truth,
)
from genosynth.data.split import PARTS
from genosynth.files import whole, write_table
from genosynth.progress import progress
from genosynth.seeds import derive_seed, person_normals, person_uniforms
from genosynth.settings.simulation import SimulationSettings
from genosynth.settings.split import SplitSettings

FOUNDERS = 2000  # people of each population
SHARES = (0.6, 0.4)  # of the populations
CAUSAL_SHARE = 0.1  # of the variants
PREVALENCE = 0.1
BLOCK_PEOPLE = 512  # whose random numbers take 16 MB at 2,048 variants


def write_biobank(
    folder: Path,
    settings: SimulationSettings,
    *,
    seed: int,
    n_founders: int = FOUNDERS,
    block_size: int = BLOCK_PEOPLE,
) -> None:
    """Write genotypes, labels and truth.

    Of the settings, sizes and the disease count; children and flaws of the demo do not. Founders
    are people of each population. A block of `block_size` people is held; it changes nobody.
    """
    founders = simulate_founders(settings, people_per_population=n_founders, seed=seed)
    effects = draw_sparse_effects(founders, settings.n_causal, seed=seed)
    samples = draw_samples(settings.n_samples, seed=seed)
    with whole(folder / "genotypes") as temporary:
        temporary.mkdir()
        genetic = write_counts(
            temporary / "counts.npy",
            founders,
            pd.Index(POPULATIONS).get_indexer(samples["ancestry"]),
            effects,
            seed=seed,
            block_size=block_size,
        )
        scale = np.sqrt(settings.heritability) / genetic.std()
        liability = scale * genetic + np.sqrt(1 - settings.heritability) * environment(
            samples["sex"], seed=seed
        )
        status = disease_status(liability, prevalence=settings.prevalence)
        samples.insert(4, DISEASE.name, status - 1.0)
        write_table(samples, temporary / "samples.tsv")
        write_table(founders.variants, temporary / "variants.tsv")
    write_labels(samples, folder / "labels.json")
    write_truth(founders, scale * effects, folder / "truth.tsv")


def draw_samples(n_people: int, *, seed: int) -> pd.DataFrame:
    """Columns fid, iid, part, family, sex, ancestry; everybody is a family of their own."""
    number = np.arange(n_people)
    split = SplitSettings()
    part, sex, ancestry = person_uniforms(derive_seed(seed, "samples"), number, 3).T
    iids = pd.Series(number).map("bio{:06d}".format)
    return pd.DataFrame(
        {
            "fid": iids,
            "iid": iids,
            "part": choose(part, PARTS, [getattr(split, name) for name in PARTS]),
            "family": number + 1,
            "sex": choose(sex, ["1", "2"], [0.5, 0.5]),
            "ancestry": choose(ancestry, POPULATIONS, SHARES),
        }
    )


def choose(
    uniforms: NDArray[np.float64], levels: list[str] | tuple[str, ...], shares: list[float]
) -> NDArray[np.object_]:
    """Turn each uniform number into a level."""
    chosen = np.searchsorted(np.cumsum(shares)[:-1], uniforms, side="right")
    return np.array(levels, dtype=object)[chosen]


def draw_sparse_effects(founders: Founders, n_causal: int, *, seed: int) -> NDArray[np.float64]:
    """Effects (n_variants,) per ALT allele on an arbitrary scale; 0 where a variant has none."""
    rng = np.random.default_rng(derive_seed(seed, "effects"))
    frequency = alt_frequency(founders)
    causal = rng.choice(len(frequency), n_causal, replace=False)
    effects = np.zeros(len(frequency))
    effects[causal] = draw_effects(frequency[causal], rng=rng)
    return effects


def alt_frequency(founders: Founders) -> NDArray[np.float64]:
    """Frequency of ALT (n_variants,) that people are drawn with."""
    return np.array(SHARES) @ founders.alleles.mean(axis=1)


def write_counts(
    path: Path,
    founders: Founders,
    population: NDArray[np.intp],
    effects: NDArray[np.float64],
    *,
    seed: int,
    block_size: int,
) -> NDArray[np.float64]:
    """Write the matrix people by people and give the sum of effects (n_people,)."""
    stream = derive_seed(seed, "genotypes")
    genetic = np.empty(len(population))
    with path.open("wb") as file:
        shape = (len(population), len(effects))
        header = {"descr": "|i1", "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_1_0(file, header)
        for start in progress(range(0, len(population), block_size), what="people"):
            people = np.arange(start, min(start + block_size, len(population)))
            counts = draw_counts(founders, people, population[people], seed=stream)
            genetic[people] = counts @ effects
            file.write(counts.data)
    return genetic


def environment(sex: pd.Series, *, seed: int) -> NDArray[np.float64]:
    """What is not genetic in the liability (n_people,): sex and chance, standardised."""
    chance = person_normals(derive_seed(seed, "chance"), np.arange(len(sex)), 1)[:, 0]
    both = DISEASE.sex_effect * (sex == "2").to_numpy() + chance
    return (both - both.mean()) / both.std()


def write_labels(samples: pd.DataFrame, path: Path) -> None:
    train = samples[samples["part"] == "train"]
    trait = describe_label(train[DISEASE.name], role="trait", kind="binary")
    conditions = [
        describe_label(train[name], role="condition", kind="categorical")
        for name in ("sex", "ancestry")
    ]
    save_labels([trait, *conditions], path)


def write_truth(founders: Founders, effects: NDArray[np.float64], path: Path) -> None:
    causal = np.flatnonzero(effects)
    truth = tabulate_truth(
        DISEASE.name,
        founders.variants.iloc[causal],
        effects[causal],
        alt_frequency=alt_frequency(founders)[causal],
    )
    write_table(truth, path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--people", type=int, default=458_724)
    parser.add_argument("--variants", type=int, default=2048)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    machine = describe_machine("numpy", "msprime")
    settings = SimulationSettings(
        n_samples=arguments.people,
        n_variants=arguments.variants,
        n_causal=round(CAUSAL_SHARE * arguments.variants),
        prevalence=PREVALENCE,
    )
    start = time.perf_counter()
    write_biobank(arguments.folder, settings, seed=arguments.seed)
    seconds = time.perf_counter() - start
    n_genotypes = settings.n_samples * settings.n_variants
    row = [f"{settings.n_samples:,}", f"{settings.n_variants:,}", f"{seconds:.0f}"]
    row += [f"{time.process_time():.0f}", f"{n_genotypes / seconds / 1e6:.1f}"]
    row += [f"{peak_megabytes():.0f}"]
    columns = ["people", "variants", "seconds", "seconds of one core"]
    columns += ["million genotypes a second", "peak MB"]
    print_table(pd.DataFrame([row], columns=columns), machine=machine)


if __name__ == "__main__":
    main()
