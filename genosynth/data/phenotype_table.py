"""The user's phenotype table: read as text, matched to the people of the genotype files."""

import csv
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from genosynth.errors import CohortError

logger = logging.getLogger(__name__)

MISSING_WORDS = ["", ".", "-9", "na", "nan"]  # compared in lower case
LINE = "line of the file"  # a column name no table has; for error messages
N_SHOWN = 3  # ids quoted in a message


@dataclass(frozen=True)
class PhenotypeTable:
    """Text of the wanted cells, missing where the file says so.

    header: names of all columns of the file.
    values: one row for each row of the file: IID, perhaps FID, the wanted columns, and LINE.
    """

    path: str
    header: list[str]
    values: pd.DataFrame

    @property
    def has_families(self) -> bool:
        """Tell whether rows are keyed by FID too."""
        return "FID" in self.values.columns


def find_table(path: str | None, *, setting: str = "phenotypes.path") -> list[str]:
    """Name the table that a setting of the config asks for as a list of one path, or of none.

    Raises:
        CohortError: the file does not exist.
    """
    if path is None:
        return []
    if not Path(path).is_file():
        raise CohortError(
            f"{setting} {path}: no such file. Paths are relative to the folder Snakemake runs in"
        )
    return [path]


def load_phenotypes(paths: Sequence[str], *, columns: Sequence[str]) -> PhenotypeTable | None:
    """Read the wanted columns of one table, or give None if there is no path.

    The header holds IID, perhaps FID, and the columns; cells are parted by tabs, else by spaces.
    Wanted columns that are not there are left to the caller, who knows what they are for.

    Raises:
        CohortError: no such file, not a table, no IID, or two columns of one name.
    """
    if not paths:
        return None
    (path,) = find_table(paths[0])
    try:
        header, separator = _check_rows(path)
        _check_header(header, path)
        wanted = [name for name in ("FID", "IID", *dict.fromkeys(columns)) if name in header]
        values = pd.read_csv(
            path,
            sep=separator,
            header=None,
            names=header,
            usecols=wanted,
            skiprows=1,
            dtype="str",
            keep_default_na=False,
            encoding="utf-8-sig",
            quoting=csv.QUOTE_NONE,
        )[wanted]
    except (UnicodeDecodeError, OSError, pd.errors.ParserError) as error:
        raise CohortError(f"{path}: cannot be read as a table: {error}") from error
    values[LINE] = range(2, len(values) + 2)  # line 1 is the header
    for name in wanted:
        if name not in ("FID", "IID"):
            values[name] = _without_missing(values[name], where=path)
    return PhenotypeTable(path, header, values)


def _check_rows(path: str) -> tuple[list[str], str]:
    """Give the header's names and what parts cells; refuse rows that are longer or shorter."""
    with Path(path).open(encoding="utf-8-sig") as lines:
        first = lines.readline().rstrip("\r\n")
        separator = "\t" if "\t" in first else None  # None: any run of spaces
        names = first.split(separator)
        for number, line in enumerate(lines, start=2):
            n_cells = line.count("\t") + 1 if separator else len(line.split())
            if n_cells != len(names) and line.strip():
                raise CohortError(
                    f"{path}: line {number} has {n_cells} cells, the header {len(names)}; "
                    "write a missing value as NA and part cells by tabs"
                )
    return [name.lstrip("#").strip() for name in names], separator or r"\s+"


def _check_header(header: list[str], path: str) -> None:
    if "IID" not in header:
        raise CohortError(f"{path}: no column IID; the header has {', '.join(header) or 'nothing'}")
    repeated = sorted({name for name in header if header.count(name) > 1})
    if repeated:
        raise CohortError(f"{path}: two columns are called {', '.join(repeated)}; rename one")


def _without_missing(cells: pd.Series, *, where: str) -> pd.Series:
    """Strip the cells of a column and blank those that say that a value is unknown."""
    cells = cells.str.strip()
    n_minus_nine = int((cells == "-9").sum())
    if n_minus_nine:
        logger.info("%s: column %s: %d × -9 read as missing", where, cells.name, n_minus_nine)
    return cells.mask(cells.str.lower().isin(MISSING_WORDS))


def match_people(table: PhenotypeTable, samples: pd.DataFrame) -> pd.DataFrame:
    """Give each person of the genotype files, in their order, the cells of their row.

    People are matched by FID and IID where the table has both, else by IID alone; also by IID
    alone where no pair of FID and IID agrees. People without a row get missing values.

    Raises:
        CohortError: nobody in common, or ids that fit several people.
    """
    pair = ["FID", "IID"]
    by_pair = table.has_families and _n_common(table.values, samples, pair) > 0
    keys = pair if by_pair else ["IID"]
    n_common = _n_common(table.values, samples, keys)
    if not n_common:
        raise CohortError(
            f"{table.path}: none of its {len(table.values)} ids is among the {len(samples)} people "
            f"of the genotype files; the table has {_shown(table.values)} and the genotypes "
            f"{_shown(samples)}. Give FID and IID as the genotype files have them"
        )
    if table.has_families and not by_pair:
        logger.warning("%s: no FID agrees with the genotypes; matched by IID alone", table.path)
    _check_unique(table.values, keys, where=table.path)
    _check_unique(samples, keys, where="the genotype files")
    logger.info("%d of %d people have a row in %s", n_common, len(samples), table.path)
    if 2 * n_common < len(samples):
        logger.warning("fewer than half of the people have phenotypes: are these the right files?")
    rows = table.values if by_pair else table.values.drop(columns="FID", errors="ignore")
    return samples[pair].merge(rows, on=keys, how="left")


def _n_common(people: pd.DataFrame, others: pd.DataFrame, keys: list[str]) -> int:
    return len(people[keys].drop_duplicates().merge(others[keys].drop_duplicates()))


def _shown(people: pd.DataFrame) -> str:
    keys = people[["FID", "IID"] if "FID" in people else ["IID"]]
    return ", ".join(" ".join(row) for row in keys.head(N_SHOWN).itertuples(index=False)) + " …"


def _check_unique(people: pd.DataFrame, keys: list[str], *, where: str) -> None:
    repeated = people[people.duplicated(keys)]
    if len(repeated):
        raise CohortError(
            f"{where}: {len(repeated)} ids appear more than once when matched by "
            f"{' and '.join(keys)} (first: {' '.join(repeated[keys].iloc[0])}). "
            "Keep one row for each person, and give FID if IIDs repeat in several families"
        )
