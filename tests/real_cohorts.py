"""The public cohorts of GENOSYNTH_DATA, laid out as their configs expect them."""

import os
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

ROOT = Path(__file__).parents[1]
CONFIGS = ROOT / "tests/configs"


@dataclass(frozen=True)
class RealCohort:
    """A public cohort: its name, that of its folder and config, and its traits.

    published: synthetic people of it that were made elsewhere, as the config names them.
    """

    name: str
    traits: tuple[str, ...]
    published: tuple[str, ...] = ()

    @property
    def config(self) -> Path:
        """Config of the test suite at default settings; its paths are those of `prepare_folder`."""
        return CONFIGS / f"{self.name}.yaml"

    @property
    def folder(self) -> Path:
        """Where the files of the cohort are, if they are."""
        return data_folder() / self.name


REAL_COHORTS = [
    RealCohort("hs_mice", ("albino", "hdl")),
    RealCohort("1kg_p1_chr22", ("none",)),
    RealCohort("yelmen_805", ("none",), published=("gan", "rbm")),
]
MICE, DENSE_REGION, ANCESTRY_PANEL = REAL_COHORTS
EUROPEANS = RealCohort("1kg_eur489_22x1Mb", ("none",))  # of the benchmarks alone


def data_folder() -> Path:
    """Folder of the public cohorts; a relative one is relative to the checkout."""
    return ROOT / os.environ.get("GENOSYNTH_DATA", "../shared/data")


def prepare_folder(folder: Path, cohort: RealCohort) -> None:
    """Lay out what a cohort's config names: a link `data`, and phenotypes derived from it."""
    folder.mkdir(parents=True, exist_ok=True)
    link = folder / "data"
    if not link.is_symlink():
        link.symlink_to(data_folder().resolve(), target_is_directory=True)
    if cohort in DERIVED:
        path = folder / f"{cohort.name}.tsv"
        table = DERIVED[cohort](cohort.folder).to_csv(sep="\t", index=False, na_rep="NA")
        if not path.is_file() or path.read_text() != table:  # a new date would rerun everything
            path.write_text(table)


def _mice(folder: Path) -> pd.DataFrame:
    table = pd.read_csv(folder / "hs_mice.pheno.tsv", sep="\t", dtype="str")
    albino = (table["CoatColour"] == "albino").astype(int) + 1  # 1: control, 2: case
    return table[["FID", "IID", "GENDER", "Biochem.HDL"]].assign(albino=albino)


def _europeans(folder: Path) -> pd.DataFrame:
    names = ["IID", "population", "continent"]
    table = pd.read_csv(folder / "pop.tsv", sep="\t", dtype="str", names=names)
    return table.assign(FID=table["IID"])[["FID", "IID", "population"]]


DERIVED = {MICE: _mice, EUROPEANS: _europeans}
