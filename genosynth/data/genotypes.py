"""The one in-memory type of the pipeline: people × variants, with the tables that name both."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genosynth.errors import ArtifactMismatch
from genosynth.files import read_table, whole, write_table

MISSING = -1  # int8 has no NaN
VARIANT_KEYS = ["chromosome", "position_bp", "id", "ref", "alt"]
Matrix = np.memmap[tuple[int, int], np.dtype[np.int8]]
IDS_OF_PEOPLE = {"iid", "fid", "source"}  # text, even where it looks like numbers
TEXT_COLUMNS = {"iid": str, "fid": str, "source": str, "id": str, "ref": str, "alt": str}


@dataclass(frozen=True)
class Genotypes:
    """Copies of the ALT allele of each person at each variant.

    counts: int8 (n_samples, n_variants) in {0, 1, 2, MISSING}; may be memory-mapped.
    samples: one row for each person: iid, part (train, test, reference or synthetic), labels.
    variants: one row for each variant in genomic order: chromosome, position_bp, id, ref, alt, …
    """

    counts: NDArray[np.int8]
    samples: pd.DataFrame
    variants: pd.DataFrame

    def __post_init__(self) -> None:
        """Refuse a matrix that does not fit its tables."""
        if self.counts.shape != (len(self.samples), len(self.variants)):
            raise ArtifactMismatch(
                f"genotype matrix is {self.counts.shape}, its tables have "
                f"{len(self.samples)} samples and {len(self.variants)} variants"
            )

    def take(self, rows: NDArray[np.intp] | NDArray[np.bool_]) -> "Genotypes":
        """The people of these rows (positions or a mask), copied into memory."""
        samples = self.samples.iloc[np.arange(len(self.samples))[rows]].reset_index(drop=True)
        return replace(self, counts=self.counts[rows], samples=samples)

    def part(self, name: str) -> "Genotypes":
        """The people of one part of the cohort: train, test or reference."""
        return self.take((self.samples["part"] == name).to_numpy())


def save_genotypes(genotypes: Genotypes, folder: str | Path) -> None:
    """Write counts.npy, samples.tsv and variants.tsv to `folder`, all or nothing."""
    with whole(folder) as temporary:
        temporary.mkdir()
        np.save(temporary / "counts.npy", genotypes.counts)
        write_table(genotypes.samples, temporary / "samples.tsv")
        write_table(genotypes.variants, temporary / "variants.tsv")


@contextmanager
def filled_on_disk(
    folder: str | Path, samples: pd.DataFrame, variants: pd.DataFrame
) -> Iterator[Matrix]:
    """Give a memory-mapped matrix to fill in, which then is what `save_genotypes` writes.

    The folder is there once the block has ended without an error. It need never be in memory; who
    is not filled in is missing.

    Raises:
        WriteFailed: the disk is full.
    """
    with whole(folder) as temporary:
        temporary.mkdir()
        counts = _allocate(temporary / "counts.npy", (len(samples), len(variants)))
        yield counts
        counts.flush()
        write_table(samples, temporary / "samples.tsv")
        write_table(variants, temporary / "variants.tsv")


def _allocate(path: Path, shape: tuple[int, int]) -> Matrix:
    """Make a matrix of missing calls on disk whose space is really taken.

    Writing to a mapped file that does not fit on the disk kills the process; writing it first fails
    as any other write does.
    """
    with path.open("wb") as file:
        header = {"descr": "|i1", "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_1_0(file, header)
        person = np.full(shape[1], MISSING, np.int8).tobytes()
        for _ in range(shape[0]):
            file.write(person)
    matrix: Matrix = np.load(path, mmap_mode="r+")
    return matrix


def load_genotypes(folder: str | Path) -> Genotypes:
    """Read what `save_genotypes` wrote; the matrix stays on disk, memory-mapped.

    Raises:
        ArtifactMismatch: matrix and tables disagree.
    """
    folder = Path(folder)
    return Genotypes(
        counts=np.load(folder / "counts.npy", mmap_mode="r"),
        samples=read_samples(folder / "samples.tsv"),
        variants=read_table(folder / "variants.tsv", dtype=TEXT_COLUMNS),
    )


def read_samples(path: str | Path) -> pd.DataFrame:
    """Read people and their labels; a column is of numbers if all of its known cells are.

    Left to guess, pandas takes levels TRUE and FALSE for something else than text.
    """
    text = read_table(path, dtype=str)
    return pd.DataFrame(
        {
            name: cells if name in IDS_OF_PEOPLE else _numbers_or_levels(cells)
            for name, cells in text.items()
        }
    )


def _numbers_or_levels(cells: pd.Series) -> pd.Series:
    numbers = pd.to_numeric(cells, errors="coerce")
    is_number = np.isfinite(numbers) | cells.isna()
    return numbers if is_number.all() else cells


def person_keys(samples: pd.DataFrame) -> pd.Series:
    """What tells real people apart: an IID may come again in another family."""
    return samples["fid"] + " " + samples["iid"] if "fid" in samples else samples["iid"]
