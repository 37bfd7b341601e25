"""One chapter of the report for each trait: what was made, how it is judged, scores, figures."""

from dataclasses import dataclass

import pandas as pd

from genosynth.reporting.drawing import LEAKING_LOOK, Look, look_of_each
from genosynth.reporting.exports import Download, offer_scores
from genosynth.reporting.exposure import Exposed, describe_exposures
from genosynth.reporting.illustration import Illustration
from genosynth.reporting.illustrations import TraitIllustrations, illustrate_trait
from genosynth.reporting.release_size import ReleaseAdvice, advise_on_size
from genosynth.reporting.results import TraitResults
from genosynth.reporting.sweep import SweepReport, report_sweep
from genosynth.reporting.tables import NEEDS_TRAIT, ScoreGroup, group_scores, pool_repeats
from genosynth.reporting.verdicts import Coverage, Verdict, failed_controls, judge, privacy_coverage
from genosynth.reporting.wording import join_words, name_source
from genosynth.settings.config import Config
from genosynth.settings.generators import REFERENCE_ROWS

FLOOR_ROW = "independent"  # the floor of every group but privacy
_SELECTIONS = {
    "gwas": "the strongest variants of the association scan that are not correlated with each "
    "other (r² below {r2:g} within {window_kb:g} kb)",
    "list": "the variants of a list",
    "prune": "variants that are not correlated with each other (r² below {r2:g} within "
    "{window_kb:g} kb)",
    "region": "variants of the region {region}",
    "all": "all variants that passed quality control",
}


@dataclass(frozen=True)
class Column:
    """A generator or reference row as a column of the score tables."""

    name: str
    title: str
    look: Look | None
    note: str
    is_reference: bool


@dataclass(frozen=True)
class Judged:
    """Answers to the three questions about one generator."""

    column: Column
    verdicts: list[Verdict]


@dataclass(frozen=True)
class Section:
    """One group of scores with the figures that belong to it."""

    group: ScoreGroup
    illustrations: list[Illustration]
    needs_trait: bool


@dataclass(frozen=True)
class Caution:
    """What the search for copies covered, and why it cannot be believed if its controls failed."""

    coverage: Coverage
    failed_controls: str


@dataclass(frozen=True)
class Chapter:
    """All about one trait."""

    name: str
    title: str
    paragraphs: list[str]
    downloads: list[Download]
    judged: list[Judged]
    caution: Caution
    sections: list[Section]
    exposed: list[Exposed]
    advice: list[ReleaseAdvice]
    sweeps: list[SweepReport]
    illustrations: TraitIllustrations


def list_columns(settings: Config) -> list[Column]:
    """Generators in the order of the config, then the reference rows."""
    names = settings.generator_names
    looks = look_of_each(names) | {"train_copy": LEAKING_LOOK}
    notes = dict.fromkeys(settings.external_releases, "made elsewhere")
    notes |= {"latent_diffusion": "default generator"}
    return [
        Column(
            name=name,
            title=name_source(name),
            look=looks.get(name),
            note=notes.get(name, ""),
            is_reference=name in REFERENCE_ROWS,
        )
        for name in [*names, *REFERENCE_ROWS]
    ]


def compose_chapter(results: TraitResults, columns: list[Column], settings: Config) -> Chapter:
    """Draw, judge and describe everything of one trait."""
    generators = [column.name for column in columns if not column.is_reference]
    kind = results.trait.kind if results.trait else None
    pooled = pool_repeats(results.scores)
    drawn = illustrate_trait(results, generators)
    by_group = {
        "fidelity": drawn.fidelity,
        "association": drawn.association,
        "utility": drawn.utility,
        "privacy": drawn.privacy,
    }
    return Chapter(
        name=results.name,
        title=results.name if kind else "Genotypes without a trait",
        paragraphs=_what_was_made(results, settings),
        downloads=offer_scores(results.scores, cohort=settings.cohort, trait=results.name),
        judged=[
            Judged(column, judge(pooled, column.name))
            for column in columns
            if not column.is_reference
        ],
        caution=Caution(privacy_coverage(pooled), failed_controls(pooled)),
        sections=[
            Section(
                group, by_group[group.name], needs_trait=kind is None and group.name in NEEDS_TRAIT
            )
            for group in group_scores(results.scores, generators=generators, kind=kind)
        ],
        exposed=describe_exposures(results, generators),
        advice=advise_on_size(results, generators),
        sweeps=report_sweep(results, settings.sampling),
        illustrations=drawn,
    )


def _what_was_made(results: TraitResults, settings: Config) -> list[str]:
    train = results.samples[results.samples["part"] == "train"]
    panel = _SELECTIONS[settings.selection.method].format(**settings.selection.model_dump())
    sentences = [
        f"{_describe_trait(results, train)} The panel holds {len(results.panel):,} variants: "
        f"{panel}. {_describe_effects(results)}"
    ]
    conditions = join_words([label.name for label in results.conditions])
    also = f", given {conditions}" if conditions else ""
    cases = ""
    if results.trait and results.trait.kind == "binary":
        n_cases = int((results.synthetic_labels[results.trait.name] == 1).sum())
        cases = f" ({n_cases:,} cases)"
    if settings.built_in_generators:
        sentences.append(
            f"Each generator learnt the joint distribution of these variants in {len(train):,} "
            f"training people{also}, and drew {len(results.synthetic_labels):,} synthetic "
            f"people{cases}. All generators drew for the same table of labels."
        )
    if settings.sampling.repeats > 1 and settings.built_in_generators:
        sentences.append(
            f"Each generator drew {settings.sampling.repeats} cohorts: scores are their means with "
            "the widest interval; figures show the first, which is the one released."
        )
    if results.external:
        sentences.append(_describe_external(results))
    if FLOOR_ROW not in settings.generator_names:
        sentences.append(
            f"The generator {FLOOR_ROW} was not scored: most scores have no floor, so that what "
            "a worthless generator reaches is not seen."
        )
    return sentences


def _describe_external(results: TraitResults) -> str:
    """Say what was scored as it came, and what that does to the scores."""
    releases = []
    for name, people in results.external.items():
        absent = [label.name for label in results.conditions if label.name not in people]
        without = f", compared without {join_words(absent)}" if absent else ""
        releases.append(f"{name_source(name)} ({len(people):,} people{without})")
    return (
        f"Made elsewhere and scored as it came: {join_words(releases)}. Scores take the training "
        "part for what it was made from. If its makers also saw held-out people, these are no "
        "strangers to it, and its privacy scores look better than they are."
    )


def _describe_trait(results: TraitResults, train: pd.DataFrame) -> str:
    trait = results.trait
    if trait is None:
        return ""
    n_known = int(train[trait.name].notna().sum())
    if trait.kind == "binary":
        n_cases = int((train[trait.name] == 1).sum())
        return (
            f"The trait {trait.name} is binary: {n_cases:,} of {n_known:,} training people with a "
            "known value are cases."
        )
    return (
        f"The trait {trait.name} is quantitative: mean {trait.mean:.4g}, standard deviation "
        f"{trait.sd:.4g} in {n_known:,} training people with a known value."
    )


def _describe_effects(results: TraitResults) -> str:
    if results.matching is not None:
        counts = ", ".join(
            f"{row['n']:,} {str(row['what']).replace('_', ' ')}"
            for row in results.matching.to_dict("records")
        )
        return f"Effects come from external summary statistics ({counts})."
    if results.gwas is not None:
        return "The scan saw training people only."
    return ""
