"""plink2's .pgen/.pvar/.psam ⇄ counts of the ALT allele, sample-major."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pgenlib
from numpy.typing import NDArray

from genosynth.data.genotypes import MISSING, Genotypes
from genosynth.data.labels import Label
from genosynth.data.samples import read_sample_ids
from genosynth.data.sources import WHOLE, GenotypeSource
from genosynth.errors import ArtifactMismatch
from genosynth.files import whole
from genosynth.progress import progress

BLOCK_BYTES = 1 << 26  # genotypes of a block of variants, read or written at a time
TILE_SAMPLES = 2048  # rows transposed at a time: source and target stay in the processor's cache
PGEN_MISSING = -9  # pgenlib's missing call
HUMAN_AUTOSOMES = 22
SEX_CODES = {"1": "1", "M": "1", "MALE": "1", "2": "2", "F": "2", "FEMALE": "2"}


def read_counts(
    prefix: str | Path,
    variants: NDArray[np.integer],
    *,
    out: NDArray[np.int8] | None = None,
) -> NDArray[np.int8]:
    """Read the variants at these positions of a .pgen file as int8 (n_samples, n_variants).

    Counts are copies of the ALT allele, −1 where missing. Only a block of variants is held beside
    the result; give a memory-mapped array as `out` and the result is not held in memory either.

    Raises:
        ArtifactMismatch: `out` has another shape, or the file has fewer variants.
    """
    reader = pgenlib.PgenReader(f"{prefix}.pgen".encode())
    n_samples, n_in_file = reader.get_raw_sample_ct(), reader.get_variant_ct()
    shape = (n_samples, len(variants))
    if len(variants) and int(variants.max()) >= n_in_file:
        raise ArtifactMismatch(
            f"{prefix}.pgen has {n_in_file} variants, not {int(variants.max()) + 1}: was it made "
            "anew? Remake what depends on it"
        )
    counts = np.empty(shape, np.int8) if out is None else out
    if counts.shape != shape:
        raise ArtifactMismatch(f"{prefix}.pgen holds {shape}, the matrix is {counts.shape}")
    size = block_size(n_samples)
    block = np.empty((min(size, len(variants)), n_samples), np.int8)
    for start in progress(range(0, len(variants), size), what="reading genotypes"):
        columns = np.asarray(variants[start : start + size], np.uint32)
        reader.read_list(columns, block[: len(columns)])
        np.maximum(block, MISSING, out=block)  # pgenlib's −9 becomes −1
        _transpose(block[: len(columns)], counts[:, start : start + len(columns)])
    reader.close()
    return counts


def read_people(path: str | Path) -> pd.DataFrame:
    """Read the people of a .psam file in file order: FID (0 where absent), IID, SEX."""
    return read_sample_ids(GenotypeSource(WHOLE, "pgen", {"psam": str(path)}))


def block_size(n_samples: int) -> int:
    """How many variants of this many people fit into a block."""
    return max(1, BLOCK_BYTES // max(n_samples, 1))


def _transpose(block: NDArray[np.int8], counts: NDArray[np.int8]) -> None:
    """Write a block (n_variants, n_samples) to its columns of counts (n_samples, n_variants)."""
    for start in range(0, len(counts), TILE_SAMPLES):
        counts[start : start + TILE_SAMPLES] = block[:, start : start + TILE_SAMPLES].T


def write_pgen(
    genotypes: Genotypes,
    prefix: str | Path,
    *,
    labels: Sequence[Label] = (),
    autosomes: int = HUMAN_AUTOSOMES,
) -> None:
    """Write .pgen, .pvar and .psam, all three or none.

    The .psam carries the labels as plink2 reads phenotypes: binary ones as 1 (control) and 2
    (case), text without blanks; a label called sex fills the column SEX.

    Raises:
        WriteFailed: the disk is full or not writable.
    """
    with (
        whole(f"{prefix}.pgen") as pgen,
        whole(f"{prefix}.pvar") as pvar,
        whole(f"{prefix}.psam") as psam,
    ):
        pvar.write_text(pvar_text(genotypes.variants, autosomes=autosomes))
        psam.write_text(psam_text(genotypes.samples, labels=labels))
        _write_counts(genotypes.counts, pgen)


def _write_counts(counts: NDArray[np.int8], path: Path) -> None:
    n_samples, n_variants = counts.shape
    size = block_size(n_samples)
    writer = pgenlib.PgenWriter(
        str(path).encode(), n_samples, variant_ct=n_variants, nonref_flags=False
    )
    for start in progress(range(0, n_variants, size), what="writing genotypes"):
        block = np.ascontiguousarray(counts[:, start : start + size].T)
        writer.append_biallelic_batch(np.where(block == MISSING, np.int8(PGEN_MISSING), block))
    writer.close()


def pvar_text(variants: pd.DataFrame, *, autosomes: int = HUMAN_AUTOSOMES) -> str:
    """Content of a .pvar file; its header says how many autosomes another species has."""
    header = f"##chrSet=<ID=1,autosomePairCt={autosomes},X,Y,M>\n"
    header = "" if autosomes == HUMAN_AUTOSOMES else header
    columns = ["chromosome", "position_bp", "id", "ref", "alt"]
    names = ["#CHROM", "POS", "ID", "REF", "ALT"]
    return header + _tsv(variants[columns].set_axis(names, axis=1))


def psam_text(samples: pd.DataFrame, *, labels: Sequence[Label] = ()) -> str:
    """Content of a .psam file: #IID, SEX and the labels."""
    table = pd.DataFrame({"#IID": samples["iid"].astype(str), "SEX": "NA"})
    for label in labels:
        values = samples[label.name]
        codes = values.astype(str).str.upper().map(SEX_CODES)
        if label.name.lower() == "sex" and codes.notna().equals(values.notna()):
            table["SEX"] = codes.fillna("NA")
        elif label.kind == "binary":
            table[label.name] = (values + 1).astype("Int8")
        elif label.kind == "categorical":
            table[label.name] = _categories(values)
        else:
            table[label.name] = values
    return _tsv(table.rename(columns=lambda name: "_".join(name.split())))


def _categories(values: pd.Series) -> pd.Series:
    """Levels as plink2 reads them: no blank, no digit in front, NONE where missing."""
    levels = values.str.replace(r"\s+", "_", regex=True)
    if levels.str.match(r"[^A-Za-z]").any():
        levels = f"{values.name}_" + levels
    return levels.fillna("NONE")


def _tsv(table: pd.DataFrame) -> str:
    return table.to_csv(sep="\t", index=False, na_rep="NA")
