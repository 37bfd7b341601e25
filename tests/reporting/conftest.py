"""Two finished cohorts of stand-in numbers, and their pages."""

from datetime import date
from pathlib import Path

import pytest

from genosynth.reporting.report import write_report
from genosynth.reporting.results import CohortResults, load_results
from genosynth.settings.config import Config, read_config
from tests.reporting.stand_in import write_stand_in

FILES = {"page": "report", "summary": "summary"}
REPORTING = Path(__file__).parents[2] / "genosynth/reporting"
TEMPLATES = {name: REPORTING / f"{file}.html.j2" for name, file in FILES.items()}
TRAITS = {"disease": "binary", "height": "quantitative"}


def configure(cohort: str, traits: dict[str, str], **sections: object) -> Config:
    columns = {name: {"column": name, "kind": kind} for name, kind in traits.items()}
    return read_config(
        {
            "cohort": cohort,
            "genotypes": {"format": "simulated"},
            "phenotypes": {"traits": columns},
            "selection": {"method": "gwas" if traits else "prune"},
            **sections,
        }
    )


@pytest.fixture(scope="session")
def settings() -> Config:
    return configure("demo", TRAITS)


@pytest.fixture(scope="session")
def folder(tmp_path_factory, settings) -> Path:
    """results/demo with a binary and a quantitative trait, and its report."""
    folder = tmp_path_factory.mktemp("with_traits") / "results/demo"
    write_stand_in(folder, traits=TRAITS, n_variants=60)
    write_page(folder, settings)
    return folder


@pytest.fixture(scope="session")
def results(folder, settings) -> CohortResults:
    return load_results(folder, settings)


@pytest.fixture(scope="session")
def page(folder) -> str:
    return (folder / "report.html").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def summary(folder) -> str:
    """The page for a committee."""
    return (folder / "summary.html").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def traitless_page(tmp_path_factory) -> str:
    """The report of a cohort without phenotypes."""
    folder = tmp_path_factory.mktemp("without_trait") / "results/people"
    write_stand_in(folder, traits={"none": "none"}, n_variants=60)
    return write_page(folder, configure("people", {}))


def write_page(folder: Path, settings: Config) -> str:
    results = load_results(folder, settings)
    paths = {name: folder / f"{file}.html" for name, file in FILES.items()}
    day = date(2026, 1, 5)
    write_report(results, settings=settings, templates=TEMPLATES, paths=paths, made_on=day)
    return paths["page"].read_text(encoding="utf-8")
