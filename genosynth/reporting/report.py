"""The report of a cohort: results and settings in, one self-contained page out."""

import json
import logging
import platform
from dataclasses import dataclass
from datetime import date
from importlib.metadata import distributions
from pathlib import Path

import jinja2
import pandas as pd
from markupsafe import Markup

from genosynth.files import whole
from genosynth.reporting.chapters import (
    Caution,
    Chapter,
    Column,
    compose_chapter,
    list_columns,
)
from genosynth.reporting.drawing import as_id
from genosynth.reporting.illustration import Illustration
from genosynth.reporting.illustrations import illustrate_cohort
from genosynth.reporting.results import CohortResults
from genosynth.reporting.rules import QUESTIONS, RULES, Answer
from genosynth.reporting.tables import (
    CEILING_PERCENT,
    FLOOR_PERCENT,
    FilterStep,
    RuleTiming,
    list_filters,
    list_timings,
)
from genosynth.reporting.wording import (
    count_word,
    format_range,
    format_seconds,
    join_words,
    name_source,
)
from genosynth.settings.config import Config

logger = logging.getLogger(__name__)

_PACKAGES = ("numpy", "pandas", "scikit-learn", "torch", "snakemake", "matplotlib")
_SETTINGS_SHOWN = ("qc", "split", "selection", "sampling", "evaluation", "privacy")


@dataclass(frozen=True)
class Fact:
    """One number of the masthead."""

    value: str
    label: str


@dataclass(frozen=True)
class Page:
    """Everything the template writes down."""

    cohort: str
    made_on: str
    lede: str
    facts: list[Fact]
    columns: list[Column]
    chapters: list[Chapter]
    cautions: list[tuple[str, Caution]]
    filters: list[FilterStep]
    parts: pd.DataFrame
    phenotypes: pd.DataFrame
    cohort_illustration: Illustration
    timings: list[RuleTiming]
    total_time: str
    provenance: list[tuple[str, str]]
    settings: str


def write_report(
    results: CohortResults,
    *,
    settings: Config,
    templates: dict[str, str | Path],
    paths: dict[str, str | Path],
    made_on: date,
) -> None:
    """Draw the figures, judge the generators and write the report and its one-page summary.

    templates, paths: of `page` and `summary`.
    """
    page = compose_page(results, settings=settings, made_on=made_on)
    for name, path in paths.items():
        html = render_page(page, Path(templates[name]))
        with whole(path) as temporary:
            temporary.write_text(html, encoding="utf-8")
        size_mb = len(html.encode()) / 1e6
        logger.info(
            "wrote the %s of %d traits, %.1f MB: %s", name, len(page.chapters), size_mb, path
        )


def render_page(page: Page, template: Path) -> str:
    """Fill the template; what is not marked as SVG is escaped."""
    environment = jinja2.Environment(
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["drawing"] = Markup
    environment.filters["id"] = as_id
    return environment.from_string(template.read_text(encoding="utf-8")).render(
        page=page,
        rules=RULES,
        questions=QUESTIONS,
        answers=Answer,
        floor_percent=FLOOR_PERCENT,
        ceiling_percent=CEILING_PERCENT,
    )


def compose_page(results: CohortResults, *, settings: Config, made_on: date) -> Page:
    """Turn results into what the page says, in words, tables and drawings."""
    columns = list_columns(settings)
    chapters = [compose_chapter(trait, columns, settings) for trait in results.traits]
    return Page(
        cohort=settings.cohort,
        made_on=f"{made_on.day} {made_on:%B %Y}",
        lede=_lede(results, settings),
        facts=_facts(results, settings),
        columns=columns,
        chapters=chapters,
        cautions=_share_cautions(chapters),
        filters=list_filters(results.qc_steps),
        parts=_count_parts(results.split),
        phenotypes=_list_phenotypes(results),
        cohort_illustration=illustrate_cohort(results),
        timings=list_timings(results.timings),
        total_time=format_seconds(float(results.timings["seconds"].sum())),
        provenance=_provenance(settings, made_on, results.plink2_version),
        settings=_settings_text(settings),
    )


def _share_cautions(chapters: list[Chapter]) -> list[tuple[str, Caution]]:
    """Name the traits of each caution; one that holds for all of them names none."""
    titles: dict[str, list[str]] = {}
    cautions = {str(chapter.caution): chapter.caution for chapter in chapters}
    for chapter in chapters:
        titles.setdefault(str(chapter.caution), []).append(chapter.title)
    return [
        (join_words(titles[key]) if len(cautions) > 1 else "", caution)
        for key, caution in cautions.items()
    ]


def _lede(results: CohortResults, settings: Config) -> str:
    n_synthetic = format_range([len(trait.synthetic_labels) for trait in results.traits])
    traits = list(settings.phenotypes.traits)
    with_trait = f" with the trait {join_words(traits)}" if traits else ""
    for_each = f" for each of the traits {join_words(traits)}"
    fitted, external = settings.built_in_generators, list(settings.external_releases)
    sentences = []
    if fitted:
        who = f"{count_word(len(fitted))} generator{'s' if len(fitted) > 1 else ''}"
        n_real, n_train = len(results.split), int((results.split["part"] == "train").sum())
        sentences.append(
            f"{who} learnt from {n_train:,} of {n_real:,} real people and drew {n_synthetic} "
            f"synthetic ones{for_each if len(traits) > 1 else with_trait}."
        )
    if external:
        verb = "were" if len(external) > 1 else "was"
        sentences.append(f"{join_words([*map(name_source, external)])} {verb} made elsewhere.")
    sentences.append(
        "Every score on this page stands beside what real people reach in the same run."
    )
    return " ".join(sentences)


def _facts(results: CohortResults, settings: Config) -> list[Fact]:
    n_train = int((results.split["part"] == "train").sum())
    n_synthetic = format_range([len(trait.synthetic_labels) for trait in results.traits])
    n_variants = format_range([len(trait.panel) for trait in results.traits])
    fitted, external = settings.built_in_generators, list(settings.external_releases)
    facts = [
        Fact(f"{len(results.split):,}", "real people after quality control"),
        Fact(f"{n_train:,}", "of them used for training"),
        Fact(n_variants, "variants in each panel" if len(results.traits) > 1 else "variants"),
    ]
    if fitted:
        facts.append(Fact(n_synthetic, "synthetic people from each generator"))
        facts.append(Fact(f"{len(fitted)}", f"generators: {_names(fitted)}"))
    if external:
        facts.append(Fact(f"{len(external)}", f"made elsewhere: {_names(external)}"))
    return facts


def _names(generators: list[str]) -> str:
    return ", ".join(map(name_source, generators))


def _count_parts(split: pd.DataFrame) -> pd.DataFrame:
    uses = {
        "train": "fits everything: association scan, frequencies, generators",
        "test": "held out: real people the generators never saw",
        "reference": "kept for attackers; nothing else sees them",
    }
    by_part = split.groupby("part")
    table = pd.DataFrame({"people": by_part.size(), "families": by_part["family"].nunique()})
    table = table.reindex([part for part in uses if part in table.index])
    return table.assign(use=table.index.map(uses)).rename_axis("part").reset_index()


def _list_phenotypes(results: CohortResults) -> pd.DataFrame:
    rows = []
    for role in ("traits", "conditions"):
        for name, found in results.phenotypes.get(role, {}).items():
            n_cases, n_controls = found.get("n_cases"), found.get("n_controls")
            cases = "" if n_cases is None else f"{n_cases:,} cases, {n_controls:,} controls"
            coding = f", coded {found['coding']}" if found.get("coding") else ""
            rows.append(
                {
                    "name": name,
                    "role": role.removesuffix("s"),
                    "kind": f"{found['kind']}{coding}",
                    "people": cases,
                    "missing": f"{found.get('n_missing', 0):,}",
                }
            )
    return pd.DataFrame(rows, columns=["name", "role", "kind", "people", "missing"])


def _provenance(settings: Config, made_on: date, plink2_version: str) -> list[tuple[str, str]]:
    versions = ", ".join(f"{name} {number}" for name, number in _installed_versions().items())
    sampling = f"guidance {settings.sampling.guidance:g}, {settings.sampling.steps} steps"
    drawn = [("Sampling", sampling)] if settings.built_in_generators else []
    return [
        ("Cohort", settings.cohort),
        ("Page written on", made_on.isoformat()),
        ("Root seed", f"{settings.seed}: each rule, trait and repeat has its own stream of it"),
        ("Generators", join_words([name_source(name) for name in settings.generator_names])),
        *drawn,
        ("Versions", f"{plink2_version}, Python {platform.python_version()}, {versions}"),
    ]


def _installed_versions() -> dict[str, str]:
    """Versions of those packages that this environment has, read without importing them."""
    found = {each.metadata["Name"].lower(): each.version for each in distributions()}
    return {name: found[name] for name in _PACKAGES if name in found}


def _settings_text(settings: Config) -> str:
    fitted = settings.built_in_generators
    names = [*_SETTINGS_SHOWN, *(name for name in fitted if name != "latent_diffusion")]
    if "latent_diffusion" in fitted:
        names += ["vae", "diffusion"]
    shown = settings.model_dump(mode="json", include=set(names))
    for section, file_keys in {"qc": ("keep", "remove"), "selection": ("variants",)}.items():
        for key in file_keys:
            shown[section].pop(key)  # paths of the user's machine
    return json.dumps(shown, indent=2)
