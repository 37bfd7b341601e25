"""Results of an external GWAS, read whatever its header: GWAS-SSF, PLINK, METAL, LDpred and kin."""

import logging
import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtri

from genosynth.data.samples import open_maybe_gzip
from genosynth.errors import SelectionError
from genosynth.selection.summary_columns import SYNONYMS, recognise_columns

logger = logging.getLogger(__name__)

TEXT = (
    *("chromosome", "effect_allele", "other_allele", "alt", "test", "build"),
    *("is_dominant", "is_recessive"),
)
BUILDS = {"grch37": "GRCh37", "hg19": "GRCh37", "b37": "GRCh37", "37": "GRCh37"} | {
    "grch38": "GRCh38",
    "hg38": "GRCh38",
    "b38": "GRCh38",
    "38": "GRCh38",
}
SMALLEST_P = float(np.finfo(float).tiny)  # what a p-value that underflows to 0 becomes
UNKNOWN_PLACE = -1
P_VALUE = "p-value column"
NEEDS = {  # what a file must have, and under which of our names
    "effect-allele column": ("effect_allele",),
    P_VALUE: ("p_value", "neg_log10_p"),
    "effect column": ("beta", "odds_ratio"),
    "id or position column": ("id", "position_bp"),
}


@dataclass(frozen=True)
class SummaryStatistics:
    """Effects of an external GWAS, each with the allele it counts.

    build: GRCh37 or GRCh38 if the file says so.
    effects: chromosome, position_bp (−1: unknown), id, effect_allele, other_allele (capitals, NA:
        unknown), beta (log odds for a binary trait), se, p_value, n, effect_frequency.
    """

    path: str
    build: str | None
    effects: pd.DataFrame


@dataclass(frozen=True)
class Header:
    """First lines of a file."""

    names: list[str]
    n_lines: int  # comments and the header itself
    separator: str
    build: str | None


def read_summary_statistics(path: str) -> SummaryStatistics:
    """Read a plain or gzipped table of effects, its columns recognised by name.

    Raises:
        SelectionError: no such file, damaged, or a column that harmonisation needs is absent.
    """
    return _read(path, needs=NEEDS)


def read_scoring_file(path: str) -> SummaryStatistics:
    """Read a polygenic score, `beta` its weights, as the PGS Catalog or a GWAS writes it.

    Weights of dominant and recessive models are left out: scores are sums over alleles.

    Raises:
        SelectionError: no such file, damaged, or a column that a score needs is absent.
    """
    return _read(path, needs={what: any_of for what, any_of in NEEDS.items() if what != P_VALUE})


def _read(path: str, *, needs: dict[str, tuple[str, ...]]) -> SummaryStatistics:
    try:
        header = _read_header(path)
        columns = recognise_columns(header.names)
        _check_columns(columns, header, path, needs=needs)
        table = _read_columns(path, header, columns)
    except (OSError, EOFError, zlib.error) as error:
        raise SelectionError(f"{path}: cannot be read: {error}. Is it damaged?") from error
    except (UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise SelectionError(f"{path}: not a table of effects: {error}") from error
    table = table[_is_additive(table)].reset_index(drop=True)
    logger.info("%s: read %d rows; columns %s", path, len(table), columns)
    return SummaryStatistics(path, header.build or _build_of(table), _standard_effects(table))


def _is_additive(table: pd.DataFrame) -> NDArray[np.bool_]:
    """Rows about alleles one by one: not of covariates (PLINK), nor of another model (PGS)."""
    is_additive = np.ones(len(table), bool)
    if "test" in table:
        is_additive &= (table["test"] == "ADD").to_numpy()
    for name in ("is_dominant", "is_recessive"):
        if name in table:
            is_additive &= (table[name].astype("str").str.lower() != "true").to_numpy()
    return is_additive


def _read_header(path: str) -> Header:
    n_lines, build, line = 0, None, ""
    with open_maybe_gzip(path) as lines:
        for raw in lines:
            line = raw.decode("utf-8-sig").rstrip("\r\n")
            n_lines += 1
            said = re.fullmatch(
                r"#+\s*(?:genome_build|genome_assembly|hmpos_build)=(\S+)", line, re.I
            )
            if said:
                build = BUILDS.get(said[1].lower(), build)
            if line.strip() and not re.match(r"##|#\s*\w+=", line):
                break
    separator = "\t" if "\t" in line else "," if "," in line else r"\s+"
    names = line.split() if separator == r"\s+" else line.split(separator)
    return Header([name.strip() for name in names], n_lines, separator, build)


def _check_columns(
    columns: dict[str, str], header: Header, path: str, *, needs: dict[str, tuple[str, ...]]
) -> None:
    """Refuse a file that cannot be harmonised, naming what is absent and what is there."""
    for what, standards in needs.items():
        if not any(standard in columns for standard in standards):
            known = [name for standard in standards for name in SYNONYMS[standard]]
            raise SelectionError(
                f"{path}: no {what} (known names: {', '.join(known)}); the header has "
                f"{', '.join(header.names) or 'nothing'}. Rename a column of the file"
            )


def _read_columns(path: str, header: Header, columns: dict[str, str]) -> pd.DataFrame:
    with open_maybe_gzip(path) as stream:
        table = pd.read_csv(
            stream,
            sep=header.separator,
            header=None,
            names=header.names,
            skiprows=header.n_lines,
            usecols=list(set(columns.values())),
            dtype={columns[name]: "category" for name in TEXT if name in columns}
            | ({columns["id"]: "str"} if "id" in columns else {}),
            na_values=["."],
            low_memory=False,
            index_col=False,
        )
    return pd.DataFrame({standard: table[name] for standard, name in columns.items()})


def _build_of(table: pd.DataFrame) -> str | None:
    said: Sequence[object] = table["build"].dropna().unique().tolist() if "build" in table else []
    return BUILDS.get(str(said[0]).lower()) if len(said) else None


def _standard_effects(table: pd.DataFrame) -> pd.DataFrame:
    effect, other = _alleles(table)
    chromosome, position_bp = _places(table)
    beta = _coalesce(_numbers(table, "beta"), _log(_numbers(table, "odds_ratio")))
    p_value = _coalesce(_numbers(table, "p_value"), 10 ** -_numbers(table, "neg_log10_p"))
    p_value = np.where(p_value >= 0, np.maximum(p_value, SMALLEST_P), np.nan)
    return pd.DataFrame(
        {
            "chromosome": chromosome,
            "position_bp": position_bp,
            "id": table["id"] if "id" in table else pd.Series(pd.NA, table.index, dtype="str"),
            "effect_allele": effect,
            "other_allele": other,
            "beta": beta,
            "se": _coalesce(_numbers(table, "se"), _se_from_p(beta, p_value)),
            "p_value": p_value,
            "n": _coalesce(
                _numbers(table, "n"), _numbers(table, "n_cases") + _numbers(table, "n_controls")
            ),
            "effect_frequency": _coalesce(
                _numbers(table, "effect_frequency"),
                _numbers(table, "alt_frequency"),
                1 - _numbers(table, "other_frequency"),
            ),
        }
    )


def _numbers(table: pd.DataFrame, name: str) -> NDArray[np.float64]:
    """A column as numbers; NaN where it is text or where the file has no such column."""
    if name not in table:
        return np.full(len(table), np.nan)
    return pd.to_numeric(table[name], errors="coerce").to_numpy(float)


def _coalesce(*choices: NDArray[np.float64]) -> NDArray[np.float64]:
    """The first of several values that is known, row by row."""
    values = choices[0].copy()
    for choice in choices[1:]:
        unknown = np.isnan(values)
        values[unknown] = choice[unknown]
    return values


def _log(odds_ratios: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.log(np.where(odds_ratios > 0, odds_ratios, np.nan))


def _se_from_p(beta: NDArray[np.float64], p_value: NDArray[np.float64]) -> NDArray[np.float64]:
    """Standard error with which a Wald test of `beta` gives this two-sided p-value."""
    z = -ndtri(np.where((p_value > 0) & (p_value < 1), p_value, np.nan) / 2)
    se: NDArray[np.float64] = np.abs(beta) / z
    return se


def _alleles(table: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Effect and other allele in capitals; where the file has A1, REF and ALT, other is not A1."""
    effect = _capitals(table["effect_allele"])
    if "other_allele" not in table:
        return effect, pd.Series(pd.NA, table.index, dtype="str").astype("category")
    other = _capitals(table["other_allele"])
    if "alt" not in table:
        return effect, other
    alt = _capitals(table["alt"]).astype("str")
    effect_is_ref = effect.astype("str") == other.astype("str")
    return effect, other.astype("str").mask(effect_is_ref, alt).astype("category")


def _capitals(alleles: pd.Series) -> pd.Series:
    codes, capitals = pd.factorize(alleles.cat.categories.astype("str").str.upper())
    renumbered = np.append(codes, -1)[alleles.cat.codes]  # the last entry serves missing, −1
    return pd.Series(pd.Categorical.from_codes(renumbered, capitals), alleles.index)


def _places(table: pd.DataFrame) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Chromosome number and position; from ids such as chr1:12345:A:G where no column has them."""
    if "chromosome" in table and "position_bp" in table:
        chromosome = table["chromosome"]
        names = chromosome.cat.categories.astype("str").str.removeprefix("chr")
        numbers = np.append(pd.to_numeric(names.to_numpy(), errors="coerce"), np.nan)
        places = np.column_stack([numbers[chromosome.cat.codes], _numbers(table, "position_bp")])
    else:
        parts = table["id"].str.extract(r"^(?:chr)?(\d+)[:_](\d+)(?:[:_]|$)")
        places = parts.astype(float).to_numpy()
    places[~np.isfinite(places).all(axis=1)] = UNKNOWN_PLACE
    return places[:, 0].astype(np.int64), places[:, 1].astype(np.int64)
