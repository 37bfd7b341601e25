"""The people of a genotype fileset: ids and sex, read from whichever file holds them."""

import gzip
import io
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from genosynth.data.sources import GenotypeSource
from genosynth.errors import CohortError

NO_FAMILY = "0"  # plink2's way to say that an FID is absent
SEX_CODES = {"1": "1", "M": "1", "2": "2", "F": "2"}  # everything else is unknown
BCF_MAGIC = b"BCF\x02"


def read_sample_ids(source: GenotypeSource) -> pd.DataFrame:
    """Read the people of a fileset in file order: FID, IID, SEX ("1" male, "2" female, NA).

    An absent FID is "0", as plink2 reads it.

    Raises:
        CohortError: unreadable file, nobody in it, or an id that appears twice.
    """
    role, read = READERS[source.format]
    path = source.files[role]
    try:
        samples = read(path)
    except (OSError, EOFError, zlib.error, struct.error, UnicodeDecodeError) as error:
        raise CohortError(
            f"{path}: cannot be read: {error}. Is it damaged or truncated?"
        ) from error
    except (pd.errors.ParserError, pd.errors.EmptyDataError, KeyError, ValueError) as error:
        raise CohortError(f"{path}: not a table of people: {error}") from error
    samples["SEX"] = samples["SEX"].str.upper().map(SEX_CODES)
    _check_ids(samples, path)
    return samples[["FID", "IID", "SEX"]].reset_index(drop=True)


def _check_ids(samples: pd.DataFrame, path: str) -> None:
    if samples.empty:
        raise CohortError(f"{path}: nobody is in it")
    repeated = samples[samples.duplicated(["FID", "IID"])]
    if len(repeated):
        raise CohortError(
            f"{path}: {len(repeated)} ids appear more than once (first: {repeated['IID'].iloc[0]}, "
            f"FID {repeated['FID'].iloc[0]}). Every person needs one id"
        )


def _read_fam(path: str) -> pd.DataFrame:
    table = _read_words(path, header=None)
    if table.shape[1] < 5:
        raise ValueError(
            f"{table.shape[1]} columns, a .fam has FID IID FATHER MOTHER SEX PHENOTYPE"
        )
    return table.iloc[:, [0, 1, 4]].set_axis(["FID", "IID", "SEX"], axis=1)


def _read_psam(path: str) -> pd.DataFrame:
    with Path(path).open() as lines:
        n_meta_lines = 0
        first = lines.readline()
        while first.startswith("##"):
            n_meta_lines += 1
            first = lines.readline()
    if not first.startswith("#"):
        return _read_fam(path)  # plink2 reads a .psam without header as a .fam
    table = _read_words(path, header=0, skiprows=n_meta_lines)
    return _with_all_columns(table.rename(columns=lambda name: name.lstrip("#")))


def _read_oxford(path: str) -> pd.DataFrame:
    table = _read_words(path, header=0, skiprows=[1])  # the second line holds column types
    names = {"ID_1": "FID", "ID_2": "IID", "sex": "SEX"}
    if "ID_2" not in table.columns:
        names = {table.columns[0]: "IID", "sex": "SEX"}  # QCTOOL writes a single id column
    return _with_all_columns(table.rename(columns=names))


def _with_all_columns(table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(FID=table.get("FID", NO_FAMILY), SEX=table.get("SEX", "NA"))[
        ["FID", "IID", "SEX"]
    ]


def _read_words(path: str, **options: object) -> pd.DataFrame:
    table: pd.DataFrame = pd.read_csv(  # type: ignore[call-overload]
        path, sep=r"\s+", dtype="str", keep_default_na=False, index_col=False, **options
    )
    return table


def _read_vcf(path: str) -> pd.DataFrame:
    with open_maybe_gzip(path) as lines:
        for line in lines:
            if not line.startswith(b"##"):
                return _people_of_header(line.decode())
    raise ValueError("no #CHROM line")


def _read_bcf(path: str) -> pd.DataFrame:
    with open_maybe_gzip(path) as stream:
        if stream.read(len(BCF_MAGIC)) != BCF_MAGIC:
            raise ValueError("it does not start as a BCF2 file")
        _minor, n_bytes = struct.unpack("<BI", stream.read(5))
        header = stream.read(n_bytes).decode().rstrip("\0\n")
    return _people_of_header(header.splitlines()[-1])


def _people_of_header(line: str) -> pd.DataFrame:
    """People of the #CHROM line: what follows its nine fixed columns."""
    if not line.startswith("#CHROM\t"):
        raise ValueError("no #CHROM line before the first variant")
    return pd.DataFrame(
        {"FID": NO_FAMILY, "IID": line.rstrip("\r\n").split("\t")[9:], "SEX": "NA"}, dtype="str"
    )


def open_maybe_gzip(path: str | Path) -> gzip.GzipFile | io.BufferedReader:
    """Open a plain or (block-)gzipped file for reading bytes, whatever its name."""
    with Path(path).open("rb") as stream:
        is_gzip = stream.read(2) == b"\x1f\x8b"
    return gzip.open(path) if is_gzip else Path(path).open("rb")


# The file that holds the people of each format, and its reader.
READERS: dict[str, tuple[str, Callable[[str], pd.DataFrame]]] = {
    "bed": ("fam", _read_fam),
    "pgen": ("psam", _read_psam),
    "vcf": ("vcf", _read_vcf),
    "bcf": ("bcf", _read_bcf),
    "bgen": ("sample", _read_oxford),
}
