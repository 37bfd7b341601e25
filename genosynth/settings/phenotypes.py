"""Traits, covariates and conditions of the cohort."""

from typing import Annotated, Literal

from pydantic import Field

from genosynth.settings.section import Section

ScoreName = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]*$")]


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

    traits: dict[str, TraitSettings] = {}
    """Traits by name; one panel and one set of generators each. None: trait `none`."""

    covariates: list[str] = []
    """Columns the GWAS corrects for, beside the principal components."""

    conditions: list[str] = []
    """Further columns the generators are conditioned on; missing values are allowed."""

    n_components: int = 10
    """Principal components used as GWAS covariates."""
