"""The variant table: where each variant lies and what its two alleles are."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from genosynth.data.genotypes import VARIANT_KEYS
from genosynth.errors import ArtifactMismatch, CohortError

PVAR_COLUMNS = {
    "#CHROM": "chromosome",
    "POS": "position_bp",
    "ID": "id",
    "REF": "ref",
    "ALT": "alt",
}


def read_variants(path: str | Path) -> pd.DataFrame:
    """Read a .pvar file that plink2 wrote: chromosome, position_bp, id, ref, alt, in file order.

    Raises:
        CohortError: no header, or a chromosome that is not an autosome's number.
    """
    table = pd.read_csv(
        path,
        sep="\t",
        skiprows=count_meta_lines(path),
        usecols=lambda name: name in PVAR_COLUMNS,
        dtype={"#CHROM": "category", "ID": "str", "REF": "str", "ALT": "str"},
        keep_default_na=False,  # NA is a legal id
    )
    absent = [name for name in PVAR_COLUMNS if name not in table.columns]
    if absent:
        raise CohortError(f"{path}: no column {', '.join(absent)}; is it a .pvar file of plink2?")
    table = table.rename(columns=PVAR_COLUMNS)
    table["chromosome"] = chromosome_numbers(table["chromosome"], where=path)
    return table[VARIANT_KEYS]


def read_cohort_variants(
    paths: Sequence[str | Path], frequencies: Sequence[str | Path]
) -> pd.DataFrame:
    """Read the variants of all filesets with alt_frequency, one after the other.

    Raises:
        ArtifactMismatch: frequencies of other variants.
        CohortError: an id that several chromosomes have.
    """
    pairs = zip(paths, frequencies, strict=True)
    tables = [with_alt_frequencies(read_variants(path), other) for path, other in pairs]
    variants = pd.concat(tables, ignore_index=True)
    repeated = variants[variants.duplicated("id", keep=False)].sort_values("id", kind="stable")
    if len(repeated):
        where = " and ".join(repeated["chromosome"].head(2).astype(str))
        raise CohortError(
            f"{repeated['id'].nunique()} variant ids appear more than once (first: "
            f"{repeated['id'].iloc[0]}, on chromosomes {where}). Rename or remove one of each in "
            "the genotype files"
        )
    return variants


def with_alt_frequencies(variants: pd.DataFrame, path: str | Path) -> pd.DataFrame:
    """Add alt_frequency (NaN: nobody called) from plink2 --freq of the same variants.

    Raises:
        ArtifactMismatch: the file is about other variants.
    """
    names = {"ID": "str", "REF": "str", "ALT": "str", "ALT_FREQS": "float64"}
    table = pd.read_csv(
        path, sep="\t", usecols=list(names), dtype=names, keep_default_na=False, na_values=["nan"]
    )
    found = table[["ID", "REF", "ALT"]].to_numpy()
    if not np.array_equal(found, variants[["id", "ref", "alt"]].to_numpy()):
        raise ArtifactMismatch(
            f"{path}: {len(table)} variants that are not the cohort's {len(variants)}; "
            "delete it, so that it is made again"
        )
    return variants.assign(alt_frequency=table["ALT_FREQS"].to_numpy())


def panel_digest(variants: pd.DataFrame) -> str:
    """Identity of a panel: its variants, alleles and their order."""
    return hashlib.sha256(variants[VARIANT_KEYS].to_csv(index=False).encode()).hexdigest()[:16]


def count_meta_lines(path: str | Path) -> int:
    """Count the lines that start with ## before the header of a .pvar file."""
    n_lines = 0
    with Path(path).open() as lines:
        for line in lines:
            if not line.startswith("##"):
                break
            n_lines += 1
    return n_lines


def chromosome_numbers(codes: pd.Series, *, where: str | Path) -> pd.Series:
    """Turn the codes of autosomes, with or without chr before them, into integers.

    >>> chromosome_numbers(pd.Series(["1", "chr22"], dtype="category"), where="x.pvar").tolist()
    [1, 22]

    Raises:
        CohortError: a code is not a number.
    """
    names = [str(code).removeprefix("chr") for code in codes.cat.categories]
    strange = [name for name in names if not name.isdecimal()]
    if strange:
        raise CohortError(
            f"{where}: chromosome {', '.join(strange)} is not an autosome; "
            "genotypes.autosomes says how many this species has"
        )
    numbers = np.array([int(name) for name in names], dtype=np.int64)
    return pd.Series(numbers[codes.cat.codes], index=codes.index, name=codes.name)
