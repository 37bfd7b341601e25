"""What a genotype costs on disk and in memory, and how fast people are read to be trained on.

    python -m benchmarks.storage FOLDER/genotypes [--people 40000]

Batches of 1,024 random people become float32 tensors: ALT copies (n, n_variants), which our
networks read, or three numbers for each genotype (n, n_variants, 3), which those of others do. Each
way runs in a process of its own, on one core, with the first people of a genotype folder; the
memory-mapped matrix with all of them, too. Files have just been written or read: they are in the
page cache.
"""

import argparse
import multiprocessing
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pgenlib
import torch
from bed_reader import open_bed
from numpy.typing import NDArray
from sklearn.model_selection import train_test_split
from torch import Tensor
from torch.nn.functional import embedding

from benchmarks.machine import describe_machine, mapped_megabytes, peak_megabytes, print_table
from genosynth.data.genotypes import Genotypes, load_genotypes, save_genotypes
from genosynth.data.pgen import write_pgen
from genosynth.data.simulate import write_bed
from genosynth.devices import use_threads

SEED = 1
BATCH_PEOPLE = 1024
BIOBANK = 458_724 * 2048  # genotypes
MOST_BATCHES, FEWEST_BATCHES, SECONDS = 60, 3, 5.0  # of reading in one way
COPY_FLOATS = 1 << 25  # 134 MB
TEST_SHARE = 0.2


@dataclass(frozen=True)
class Files:
    """The same people in each format: a genotype folder, and a pgen and a bed fileset."""

    genotypes: Path
    fileset: Path  # its prefix

    @property
    def counts(self) -> Path:
        return self.genotypes / "counts.npy"

    @property
    def pgen(self) -> Path:
        return self.fileset.with_suffix(".pgen")

    @property
    def bed(self) -> Path:
        return self.fileset.with_suffix(".bed")


@dataclass(frozen=True)
class Reader:
    """A store that is open: people to draw from, and how some of them become a tensor."""

    n_people: int
    read: Callable[[NDArray[np.intp]], Tensor]


def open_mapped(files: Files) -> Reader:
    counts = load_genotypes(files.genotypes).counts
    return Reader(len(counts), lambda rows: torch.from_numpy(counts[rows]).float())


def open_mapped_as_one_hot(files: Files) -> Reader:
    counts = load_genotypes(files.genotypes).counts
    return Reader(len(counts), lambda rows: one_hot(counts[rows]))


def open_in_memory(files: Files) -> Reader:
    """As rule train_vae holds the training people on its device."""
    counts = torch.from_numpy(np.array(load_genotypes(files.genotypes).counts))
    return Reader(len(counts), lambda rows: counts.index_select(0, torch.from_numpy(rows)).float())


def open_pgen(files: Files) -> Reader:
    reader = pgenlib.PgenReader(str(files.pgen).encode())
    n_people, n_variants = reader.get_raw_sample_ct(), reader.get_variant_ct()

    def read(rows: NDArray[np.intp]) -> Tensor:
        reader.change_sample_subset(rows.astype(np.uint32))
        counts = np.empty((len(rows), n_variants), np.int8)
        reader.read_range(0, n_variants, counts, sample_maj=1)
        return torch.from_numpy(counts).float()

    return Reader(n_people, read)


def open_bed_file(files: Files) -> Reader:
    bed = open_bed(files.bed)

    def read(rows: NDArray[np.intp]) -> Tensor:
        counts = bed.read((rows, slice(None)), np.int8, order="C", num_threads=1)
        return torch.from_numpy(counts).float()

    return Reader(bed.iid_count, read)


def hold_one_hot(files: Files) -> Reader:
    """All genotypes as floats in memory, then copied apart into train and test."""
    everybody = one_hot(load_genotypes(files.genotypes).counts).numpy()
    train, _ = train_test_split(everybody, test_size=TEST_SHARE, random_state=SEED)
    tensor = torch.from_numpy(train)
    return Reader(len(train), lambda rows: tensor.index_select(0, torch.from_numpy(rows)))


def one_hot(counts: NDArray[np.int8]) -> Tensor:
    """Three floats for each genotype: (n, n_variants, 3)."""
    return embedding(torch.from_numpy(counts.astype(np.int32)), torch.eye(3))


@dataclass(frozen=True)
class Way:
    """A way to keep genotypes."""

    open: Callable[[Files], Reader]
    at_rest: Callable[[Files], Path] | None = None  # None: not on disk


WAYS = {
    "int8 matrix, memory-mapped": Way(open_mapped, lambda files: files.counts),
    "int8 matrix, memory-mapped; one-hot made of each batch": Way(
        open_mapped_as_one_hot, lambda files: files.counts
    ),
    "int8 matrix, read into memory": Way(open_in_memory, lambda files: files.counts),
    "`.pgen`": Way(open_pgen, lambda files: files.pgen),
    "`.bed`": Way(open_bed_file, lambda files: files.bed),
    "float32 one-hot in memory, split in two": Way(hold_one_hot),
}
MAPPED = [name for name in WAYS if "memory-mapped" in name]


@dataclass(frozen=True)
class Reading:
    """Medians over batches of people."""

    genotypes_per_second: float
    gb_per_second: float  # of float32 tensors
    copied_gb_per_second: float  # by a plain copy of one tensor to another
    share: float  # of the bytes of a plain copy


@dataclass(frozen=True)
class Cost:
    """Of one way. Megabytes beyond those of a process that has imported the packages."""

    shape: tuple[int, int]  # people, variants
    bytes_at_rest: int
    peak_mb: float
    mapped_mb: float
    reading: Reading


def measure(name: str, files: Files) -> Cost:
    """Read random batches in this process, which has done nothing else.

    On one thread: two wait for each other where something else runs, and figures would be of that.
    """
    use_threads(1)
    way, copy = WAYS[name], (torch.ones(COPY_FLOATS), torch.ones(COPY_FLOATS))
    peak_before, mapped_before = peak_megabytes(), mapped_megabytes()
    reader = way.open(files)
    reading = read_batches(reader, copy)
    return Cost(
        shape=load_genotypes(files.genotypes).counts.shape,
        bytes_at_rest=way.at_rest(files).stat().st_size if way.at_rest else 0,
        peak_mb=peak_megabytes() - peak_before,
        mapped_mb=mapped_megabytes() - mapped_before,
        reading=reading,
    )


def read_batches(reader: Reader, copy: tuple[Tensor, Tensor]) -> Reading:
    """Read batches and copy a tensor in turn, so that what disturbs one disturbs the other."""
    rng = np.random.default_rng(SEED)
    seconds: list[tuple[float, float]] = []
    target, source = copy
    while len(seconds) < FEWEST_BATCHES or (
        len(seconds) < MOST_BATCHES and np.sum(seconds) < SECONDS
    ):
        rows = np.sort(rng.choice(reader.n_people, BATCH_PEOPLE, replace=False))
        start = time.perf_counter()
        batch = reader.read(rows)
        is_read = time.perf_counter()
        target.copy_(source)
        seconds.append((is_read - start, time.perf_counter() - is_read))
    reading, copying = np.array(seconds).T
    gigabytes = batch.numel() * batch.element_size() / 1e9
    copied = 4e-9 * COPY_FLOATS
    return Reading(
        genotypes_per_second=BATCH_PEOPLE * batch.shape[1] / np.median(reading),
        gb_per_second=gigabytes / np.median(reading),
        copied_gb_per_second=copied / np.median(copying),
        share=np.median(gigabytes / reading / (copied / copying)),
    )


def measure_apart(name: str, files: Files) -> Cost:
    """Read in a fresh process, so that peak memory is its own."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(measure, name, files).result()


def save_people(people: Genotypes, files: Files) -> None:
    """Write people in all formats."""
    save_genotypes(people, files.genotypes)
    write_pgen(people, files.fileset)
    bim, fam = (files.fileset.with_suffix(suffix) for suffix in (".bim", ".fam"))
    write_bed(people, bed=files.bed, bim=bim, fam=fam)


COLUMNS = [
    "way",
    "people",
    "bytes a genotype on disk",
    "in memory, at most",
    "of these mapped",
    "GB on disk, of a biobank",
    "GB in memory",
    "million genotypes a second",
    "GB of tensors a second",
    "GB copied a second",
    "read of copied",
]


def row(name: str, cost: Cost) -> list[str]:
    """What a biobank takes is in proportion to genotypes."""
    n_genotypes = int(np.prod(cost.shape))
    on_disk = cost.bytes_at_rest / n_genotypes
    in_memory, mapped = (1e6 * each / n_genotypes for each in (cost.peak_mb, cost.mapped_mb))
    return [
        name,
        f"{cost.shape[0]:,}",
        f"{on_disk:.2f}" if on_disk else "–",
        f"{in_memory:.2f}",
        f"{mapped:.2f}",
        f"{BIOBANK * on_disk / 1e9:.2f}" if on_disk else "–",
        f"{BIOBANK * in_memory / 1e9:.2f}",
        f"{cost.reading.genotypes_per_second / 1e6:,.0f}",
        f"{cost.reading.gb_per_second:.2f}",
        f"{cost.reading.copied_gb_per_second:.2f}",
        f"{cost.reading.share:.2f}",
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("genotypes", type=Path)
    parser.add_argument("--people", type=int, default=40_000)
    arguments = parser.parse_args()
    machine = describe_machine("torch", "numpy", "pgenlib", "bed-reader", "scikit-learn")
    with tempfile.TemporaryDirectory() as scratch:
        files = Files(Path(scratch) / "genotypes", Path(scratch) / "people")
        first = np.arange(arguments.people)
        save_people(load_genotypes(arguments.genotypes).take(first), files)
        rows = [row(name, measure_apart(name, files)) for name in WAYS]
    everybody = Files(arguments.genotypes.resolve(), Path())
    rows += [row(name, measure_apart(name, everybody)) for name in MAPPED]
    print_table(pd.DataFrame(rows, columns=COLUMNS), machine=machine)
    print(
        "\nA biobank is 458,724 people × 2,048 variants; its GB are extrapolated from the row in "
        "proportion to genotypes. Memory is beyond that of a process that has imported the "
        "packages, and holds a few batches, too."
    )


if __name__ == "__main__":
    main()
