"""Traits, covariates and conditions of the cohort."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from genosynth.settings.section import Section

ScoreName = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]*$")]
COLUMNS_OF_PEOPLE = ("fid", "iid", "part", "family", "source")
FOLDERS_OF_RUNS = ("cohort", "figures", "none", "timings")


def _not_a_column_of_people(name: str) -> str:
    if name in COLUMNS_OF_PEOPLE:
        raise ValueError(f"{name} is a column that genosynth adds to people: rename yours")
    return name


def _not_a_folder_of_runs(name: str) -> str:
    if name in FOLDERS_OF_RUNS:
        raise ValueError(f"{name} is a folder of every run: give the trait another name")
    return name


ConditionName = Annotated[str, AfterValidator(_not_a_column_of_people)]
TraitName = Annotated[
    str,
    Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$"),  # a folder, and a word in patterns of Snakemake
    AfterValidator(_not_a_column_of_people),
    AfterValidator(_not_a_folder_of_runs),
]


class TraitSettings(Section):
    """One trait: its column, its kind, and where its effects come from."""

    column: str
    """Column of the phenotype table."""

    kind: Literal["binary", "quantitative"]
    """binary: 0/1 or 1/2, detected and reported; quantitative: numbers."""

    summary_statistics: str | None = None
    """External GWAS (GWAS-SSF, PLINK, METAL or LDpred header); null: GWAS on the training part."""

    polygenic_scores: dict[ScoreName, str] = {}
    """Scoring files (PGS Catalog) by a name of yours: do they predict alike in synthetic people?"""


class PhenotypesSettings(Section):
    """Traits, covariates and conditions of the cohort."""

    path: str | None = None
    """Table (TSV) with IID, perhaps FID, and columns; NA, -9 and empty cells are missing."""

    traits: dict[TraitName, TraitSettings] = {}
    """Traits by name; one panel and one set of generators each. None: trait `none`."""

    covariates: list[str] = []
    """Columns the GWAS corrects for, beside the principal components."""

    conditions: list[ConditionName] = []
    """Further columns the generators are conditioned on; missing values are allowed."""

    n_components: int = 10
    """Principal components used as GWAS covariates."""
