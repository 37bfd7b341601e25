"""What the report reads: the finished results of one cohort, as tables."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from genosynth.data.genotypes import TEXT_COLUMNS, read_samples
from genosynth.data.labels import Label, load_labels
from genosynth.files import read_json, read_table
from genosynth.reporting.timings import load_timings
from genosynth.settings.config import Config
from genosynth.settings.generators import REFERENCE_ROWS

EVIDENCE = (
    "allele_frequencies",
    "ld_decay",
    "ld_block",
    "components",
    "effects",
    "gwas",
    "roc",
    "calibration",
    "utility_groups",
    "utility_classes",
    "nearest",
    "membership_roc",
    "exposure",
    "release_size",
)  # figure data beside the scores
SWEPT = ("guidance", "steps", "masked")  # tables of the sweep of latent diffusion
_IDS = {"FID": str, "IID": str, "#FID": str, "chromosome": str, **TEXT_COLUMNS}


@dataclass(frozen=True)
class TraitResults:
    """Everything that was made and measured for one trait (or for the trait `none`).

    scores: long form, all generators and reference rows.
    curves: loss curves by generator and network; classical generators have none.
    evidence: figure data by generator or reference row, then by name; what is absent was not made.
    external: people of releases made elsewhere, by name; a label without a column is not known.
    sweep: tables of the sweep of latent diffusion by name; empty without this generator.
    """

    name: str
    labels: list[Label]
    samples: pd.DataFrame
    synthetic_labels: pd.DataFrame
    panel: pd.DataFrame
    gwas: pd.DataFrame | None
    matching: pd.DataFrame | None
    scores: pd.DataFrame
    curves: dict[str, dict[str, pd.DataFrame]]
    evidence: dict[str, dict[str, pd.DataFrame]]
    external: dict[str, pd.DataFrame]
    sweep: dict[str, pd.DataFrame]

    @property
    def trait(self) -> Label | None:
        """The trait itself; None for a run without phenotypes."""
        return next((label for label in self.labels if label.role == "trait"), None)

    @property
    def conditions(self) -> list[Label]:
        """What generators were conditioned on beside the trait."""
        return [label for label in self.labels if label.role == "condition"]

    def n_people(self, part: str) -> int:
        """Real people of one part of the cohort: train, test or reference."""
        return int((self.samples["part"] == part).sum())

    def evidence_of(self, name: str, generators: list[str]) -> dict[str, pd.DataFrame]:
        """One kind of figure data, for those of `generators` that have rows of it."""
        tables = {g: self.evidence.get(g, {}).get(name) for g in generators}
        return {g: table for g, table in tables.items() if table is not None and len(table)}


@dataclass(frozen=True)
class CohortResults:
    """Everything that was made for one cohort."""

    folder: Path
    qc_steps: pd.DataFrame
    pca: pd.DataFrame
    split: pd.DataFrame
    phenotypes: dict[str, Any]
    plink2_version: str
    traits: list[TraitResults]
    timings: pd.DataFrame


def load_results(folder: str | Path, settings: Config) -> CohortResults:
    """Read the tables of results/{cohort}; matrices of genotypes are not opened."""
    folder = Path(folder)
    cohort = folder / "cohort"
    return CohortResults(
        folder=folder,
        qc_steps=read_table(cohort / "qc_steps.tsv"),
        pca=read_table(cohort / "pca.tsv", dtype=_IDS),
        split=read_table(cohort / "split.tsv", dtype=_IDS),
        phenotypes=read_json(cohort / "phenotypes.json"),
        plink2_version=(cohort / "plink2.version").read_text().strip(),
        traits=[load_trait(folder / trait, settings) for trait in settings.trait_names],
        timings=load_timings(folder / "timings"),
    )


def load_trait(folder: Path, settings: Config) -> TraitResults:
    """Read the tables of results/{cohort}/{trait}; those that other settings left are not read."""
    is_scanned_elsewhere = folder.name in settings.traits_scanned_elsewhere
    is_swept = "latent_diffusion" in settings.built_in_generators
    return TraitResults(
        name=folder.name,
        labels=load_labels(folder / "labels.json"),
        samples=read_samples(folder / "genotypes" / "samples.tsv"),
        synthetic_labels=read_samples(folder / "labels" / "1.tsv"),
        panel=read_table(folder / "panel.tsv", dtype=_IDS),
        gwas=_read_if_made(folder / "gwas.tsv", dtype=_IDS),
        matching=read_table(folder / "gwas_matching.tsv") if is_scanned_elsewhere else None,
        scores=read_table(folder / "scores.tsv"),
        curves={
            name: _load_curves(folder / name / "model") for name in settings.built_in_generators
        },
        evidence={
            name: _load_tables(folder / name / "scores" / "1", EVIDENCE)
            for name in [*settings.generator_names, *REFERENCE_ROWS]
        },
        external={
            name: read_samples(folder / name / "synthetic" / "1" / "samples.tsv")
            for name in settings.external_releases
        },
        sweep=_load_tables(folder / "latent_diffusion/sweep", SWEPT) if is_swept else {},
    )


def _read_if_made(path: Path, **options: Any) -> pd.DataFrame | None:
    return read_table(path, **options) if path.exists() else None


def _load_curves(folder: Path) -> dict[str, pd.DataFrame]:
    return {
        path.stem.removesuffix("_curves"): read_table(path)
        for path in sorted(folder.glob("*curves.tsv"), reverse=True)  # the VAE before the denoiser
    }


def _load_tables(folder: Path, names: tuple[str, ...]) -> dict[str, pd.DataFrame]:
    return {
        name: read_table(folder / f"{name}.tsv", dtype={"id": str, "level": str})
        for name in names
        if (folder / f"{name}.tsv").exists()
    }
