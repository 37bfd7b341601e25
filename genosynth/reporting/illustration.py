"""A figure with its caption, and the two ways in which sources share one."""

from collections.abc import Callable
from dataclasses import dataclass

from matplotlib.figure import Figure

from genosynth.reporting.drawing import (
    HOLDOUT_LOOK,
    LEAKING_LOOK,
    TRAIN_COLOUR,
    Look,
    add_note,
    look_of_each,
    to_svg,
)
from genosynth.reporting.results import TraitResults
from genosynth.reporting.verdicts import LEAKING_ROW, REAL_ROW
from genosynth.reporting.wording import format_range, name_source
from genosynth.settings.generators import REFERENCE_ROWS

TRAIN_ROW = "real_train"
REAL_LOOKS = {TRAIN_ROW: Look(TRAIN_COLOUR), REAL_ROW: HOLDOUT_LOOK}
CONTROL_LOOKS = {LEAKING_ROW: LEAKING_LOOK, REAL_ROW: HOLDOUT_LOOK}


@dataclass(frozen=True)
class Panel:
    """One drawing, and whom it is about.

    look: of whom it is about, if that is one source only.
    name: unique within the page; alt: what a reader who cannot see it should know.
    """

    title: str
    look: Look | None
    figure: Figure
    name: str
    alt: str

    @property
    def svg(self) -> str:
        """The drawing as an element of the page."""
        return to_svg(self.figure, name=self.name, alt=self.alt)


@dataclass(frozen=True)
class Illustration:
    """Panels that belong together under one caption.

    absent: why there is no panel, where there is none.
    """

    key: str
    title: str
    caption: str
    panels: list[Panel]
    is_wide: bool = False
    absent: str = "No figure: there are no data for it."


def small_multiples(
    results: TraitResults,
    generators: list[str],
    *,
    data: str,
    draw: Callable[..., Figure],
    alt: str,
    note: str = "",
) -> list[Panel]:
    """One panel for each generator, or row of real people, that has this figure data."""
    looks = look_of_each(generators) | REAL_LOOKS
    panels = []
    for generator, table in results.evidence_of(data, generators).items():
        figure = draw(table, colour=looks[generator].colour)
        panels.append(
            Panel(
                name_source(generator),
                looks[generator],
                add_note(figure, f"{counts(results, [generator])}{note}"),
                name=f"{results.name}-{generator}-{data}",
                alt=alt.format(n=f"{len(table):,}", generator=name_source(generator)),
            )
        )
    return panels


def overlay(
    results: TraitResults,
    generators: list[str],
    *,
    data: str,
    draw: Callable[..., Figure],
    alt: str,
    note: str = "",
) -> list[Panel]:
    """One panel in which every generator is a curve."""
    tables = results.evidence_of(data, generators)
    if not tables:
        return []
    figure = draw(tables, looks=look_of_each(generators) | CONTROL_LOOKS)
    add_note(figure, f"{counts(results, generators)}{note}")
    return [Panel("", None, figure, name=f"{results.name}-{data}", alt=alt)]


def counts(results: TraitResults, sources: list[str]) -> str:
    """Count variants, and people of each kind."""
    return f"{len(results.panel):,} variants; {people(results, sources)}"


def people(results: TraitResults, sources: list[str]) -> str:
    """Count people of each kind; rows of real people are none of their own."""
    made = [
        len(results.external.get(name, results.synthetic_labels))
        for name in sources
        if name not in REFERENCE_ROWS
    ]
    synthetic = f", {format_range(made)} synthetic" if made else ""
    n_train, n_test = results.n_people("train"), results.n_people("test")
    return f"n = {n_train:,} train, {n_test:,} held-out{synthetic} people"
