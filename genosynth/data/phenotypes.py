"""Traits, covariates and conditions: checked, coded, and in the order of the genotype files."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from genosynth.data.labels import Kind
from genosynth.data.phenotype_table import LINE, PhenotypeTable, match_people
from genosynth.errors import CohortError
from genosynth.files import read_json, read_table
from genosynth.settings.phenotypes import PhenotypesSettings, TraitSettings

logger = logging.getLogger(__name__)

MIN_CASES = 100  # below this a GWAS, and a class of a generator, is noise
MAX_LEVELS = 50  # of text: more levels leave too few people in each
MAX_INTEGER_LEVELS = 12  # up to so many whole numbers are read as levels, not as a quantity
BINARY_CODINGS = {"0/1": (0.0, 1.0), "1/2": (1.0, 2.0)}  # control, case
N_COLUMNS_SHOWN = 40  # in the message about an absent column
SEX_NAMES = {"1": "male", "2": "female"}


@dataclass(frozen=True)
class Phenotypes:
    """What later stages read.

    table: FID, IID and one column for each trait (under its name; binary: 0, 1), covariate and
        condition; all people of the genotype files.
    description: for traits, covariates and conditions by name: kind, coding, counts.
    """

    table: pd.DataFrame
    description: dict[str, Any]


@dataclass(frozen=True)
class Column:
    """One column that is ready to be written, and what to say about it."""

    values: pd.Series
    description: dict[str, Any]


def load_prepared(table: str | Path, description: str | Path) -> Phenotypes:
    """Read what rule prepare_phenotypes wrote; levels are text even where they are digits."""
    described = read_json(description)
    factors = described["covariates"] | described["conditions"]
    text = ["#FID", "IID", *(name for name in factors if factors[name]["kind"] == "categorical")]
    values = read_table(table, dtype=dict.fromkeys(text, "str"))
    return Phenotypes(values.rename(columns={"#FID": "FID"}), described)


def wanted_columns(settings: PhenotypesSettings) -> list[str]:
    """Name the columns that the settings ask for."""
    traits = [trait.column for trait in settings.traits.values()]
    return list(dict.fromkeys([*traits, *settings.covariates, *settings.conditions]))


def prepare_phenotypes(
    table: PhenotypeTable | None, samples: pd.DataFrame, *, settings: PhenotypesSettings
) -> Phenotypes:
    """Check and code everything the settings name, for the people of the genotype files.

    samples: FID, IID, SEX as `read_sample_ids` gives them.

    Raises:
        CohortError: an absent, constant or unsuitable column, too few cases, unmatched people.
    """
    _check_names(settings)
    keys = samples[["FID", "IID"]]
    if table is None:
        table = PhenotypeTable("phenotypes.path null", [], keys.assign(**{LINE: 0}))
        cells = _with_sex(table.values, samples)
    else:
        cells = _with_sex(match_people(table, samples), samples)
    traits = {
        name: PREPARE[trait.kind](_cells_of(trait.column, cells, table, f"trait {name}"))
        for name, trait in settings.traits.items()
    }
    factors = {
        name: _prepare_factor(_cells_of(name, cells, table, "covariate or condition"))
        for name in [*settings.covariates, *settings.conditions]
        if name not in traits
    }
    columns = {name: column.values for name, column in (traits | factors).items()}
    ready = keys.assign(**columns)
    check_cases(ready, settings.traits, where="the whole cohort")
    _check_covariates_vary(ready, settings)
    logger.info("prepared %d columns for %d people", len(columns), len(ready))
    return Phenotypes(ready, _describe(traits | factors, settings))


def _check_names(settings: PhenotypesSettings) -> None:
    """Refuse names that would stand for two things in one table."""
    trait_columns = [trait.column for trait in settings.traits.values()]
    for name in settings.conditions:
        if name in trait_columns or name in settings.traits:
            raise CohortError(
                f"phenotypes.conditions: {name} is a trait, and generators are conditioned on "
                "their trait anyway; remove it from the conditions"
            )
    for name in settings.covariates:
        if name in settings.traits and settings.traits[name].column != name:
            raise CohortError(
                f"phenotypes.covariates: {name} is also the name of a trait, whose column is "
                f"{settings.traits[name].column}; give that trait another name"
            )


@dataclass(frozen=True)
class Cells:
    """Text of one column of the table, with what error messages need."""

    text: pd.Series
    lines: pd.Series
    what: str  # e.g. "pheno.tsv: trait ldl (column LDL)"

    @property
    def known(self) -> pd.Series:
        """Cells that are not missing."""
        return self.text.dropna()


def _cells_of(column: str, cells: pd.DataFrame, table: PhenotypeTable, role: str) -> Cells:
    if column not in cells.columns:
        shown = ", ".join(table.header[:N_COLUMNS_SHOWN]) or "none"
        more = f" … ({len(table.header)} in all)" if len(table.header) > N_COLUMNS_SHOWN else ""
        raise CohortError(
            f"{table.path}: no column {column} ({role}); the columns are {shown}{more}"
        )
    if any(character.isspace() for character in column):
        raise CohortError(
            f"{table.path}: plink2 cannot read a column name with a space: rename {column!r}"
        )
    what = f"{table.path}: column {column} ({role})"
    if cells[column].isna().all():
        raise CohortError(f"{what} has no value for anybody in the genotype files")
    return Cells(cells[column], cells[LINE], what)


def _with_sex(cells: pd.DataFrame, samples: pd.DataFrame) -> pd.DataFrame:
    """Add the sex that the genotype files know as column sex, unless the table has one."""
    if "sex" in cells.columns or samples["SEX"].isna().all():
        return cells
    return cells.assign(sex=samples["SEX"].map(SEX_NAMES).to_numpy())


def _prepare_binary(cells: Cells) -> Column:
    numbers = pd.to_numeric(cells.known, errors="coerce")
    found = set(numbers.unique())
    codings = [name for name, pair in BINARY_CODINGS.items() if found == set(pair)]
    if not codings:
        raise CohortError(f"{cells.what}: {_why_not_binary(cells)}")
    control, case = BINARY_CODINGS[codings[0]]
    values = (numbers == case).astype("Int8").reindex(cells.text.index)
    description = {
        "coding": codings[0],
        "n_cases": int((numbers == case).sum()),
        "n_controls": int((numbers == control).sum()),
    }
    logger.info(
        "%s: coded %s: %d cases, %d controls, %d missing",
        *(cells.what, *description.values(), int(cells.text.isna().sum())),
    )
    return Column(values, {"kind": "binary", **description, **_counts(values)})


def _why_not_binary(cells: Cells) -> str:
    counts = cells.known.value_counts()
    shown = ", ".join(f"{value!r} ({n} people)" for value, n in counts.head(5).items())
    if len(counts) == 1:
        return f"everybody with a value has {shown}; a binary trait needs cases and controls"
    more = f" and {len(counts) - 5} more" if len(counts) > 5 else ""
    remedy = "write other values as NA" if len(counts) < 5 else "or is the trait quantitative?"
    return f"a binary trait is coded 0/1 or 1/2, here are {shown}{more}; {remedy}"


def _prepare_quantitative(cells: Cells) -> Column:
    numbers = pd.to_numeric(cells.known, errors="coerce").astype(float)
    bad = cells.known[~np.isfinite(numbers)]
    if len(bad):
        raise CohortError(
            f"{cells.what}: {bad.iloc[0]!r} in line {cells.lines[bad.index[0]]:.0f} is no number "
            f"({len(bad)} such values). Write unknown values as NA"
        )
    if numbers.nunique() == 1:
        raise CohortError(f"{cells.what}: everybody with a value has {cells.known.iloc[0]}")
    if set(numbers.unique()) in map(set, BINARY_CODINGS.values()):
        logger.warning("%s has two values only: is its kind binary?", cells.what)
    values = numbers.reindex(cells.text.index)
    logger.info("%s: %d values, %d missing", cells.what, len(numbers), int(values.isna().sum()))
    return Column(values, {"kind": "quantitative", **_counts(values)})


def _prepare_factor(cells: Cells) -> Column:
    """Code a covariate or condition, whose kind shows in its values."""
    numbers = pd.to_numeric(cells.known, errors="coerce").astype(float)
    kind = _kind_of(numbers)
    if kind == "binary":
        return Column(numbers.astype("Int8").reindex(cells.text.index), _described(cells, kind))
    if kind == "quantitative":
        return Column(numbers.reindex(cells.text.index), _described(cells, kind))
    is_whole = np.isfinite(numbers).all()
    levels = numbers.astype(int).astype("str") if is_whole else _one_word(cells)
    if levels.nunique() > MAX_LEVELS:
        strange = cells.known[~np.isfinite(numbers)].iloc[0]
        raise CohortError(
            f"{cells.what}: {levels.nunique()} different values such as {strange!r}; text may have "
            f"{MAX_LEVELS} levels. Group them, or write unknown values of a number as NA"
        )
    return Column(
        levels.reindex(cells.text.index), _described(cells, kind, sorted(levels.unique()))
    )


def _kind_of(numbers: pd.Series) -> Kind:
    """Kind of a column from its known cells as numbers, NaN where a cell is text."""
    distinct = numbers.unique()
    if not np.isfinite(distinct).all():
        return "categorical"
    if set(distinct) == {0.0, 1.0}:
        return "binary"
    is_whole = bool((distinct == np.round(distinct)).all())
    return "categorical" if is_whole and len(distinct) <= MAX_INTEGER_LEVELS else "quantitative"


def _one_word(cells: Cells) -> pd.Series:
    """Text levels without spaces, which plink2 would take for the end of a cell."""
    return cells.known.str.replace(r"\s+", "_", regex=True)


def _described(cells: Cells, kind: Kind, levels: list[str] | None = None) -> dict[str, Any]:
    n_missing = int(cells.text.isna().sum())
    logger.info("%s is %s: %s, %d missing", cells.what, kind, levels or "numbers", n_missing)
    return {"kind": kind, "levels": levels or [], **_counts(cells.text)}


def _counts(values: pd.Series) -> dict[str, int]:
    return {"n_known": int(values.notna().sum()), "n_missing": int(values.isna().sum())}


def check_cases(
    table: pd.DataFrame,
    traits: Mapping[str, TraitSettings],
    *,
    minimum: int = MIN_CASES,
    where: str = "train",
) -> None:
    """Check that every binary trait (a column under its name) has enough cases and controls.

    Raises:
        CohortError: fewer than `minimum` of either.
    """
    for name, trait in traits.items():
        if trait.kind != "binary":
            continue
        for code, group in ((1, "cases"), (0, "controls")):
            n_people = int((table[name] == code).sum())
            if n_people < minimum:
                raise CohortError(
                    f"trait {name}: {n_people} {group} in {where}, at least {minimum} are needed. "
                    "Leave the trait out of phenotypes.traits, or bring more people"
                )


def _check_covariates_vary(table: pd.DataFrame, settings: PhenotypesSettings) -> None:
    for name in settings.covariates:
        if table[name].nunique() == 1:
            raise CohortError(
                f"phenotypes.covariates: everybody with a value has the same {name} "
                f"({table[name].dropna().iloc[0]}); remove it"
            )


def _describe(columns: Mapping[str, Column], settings: PhenotypesSettings) -> dict[str, Any]:
    return {
        "traits": {
            name: {"column": trait.column} | columns[name].description
            for name, trait in settings.traits.items()
        },
        "covariates": {name: columns[name].description for name in settings.covariates},
        "conditions": {name: columns[name].description for name in settings.conditions},
    }


PREPARE: dict[str, Callable[[Cells], Column]] = {
    "binary": _prepare_binary,
    "quantitative": _prepare_quantitative,
}
