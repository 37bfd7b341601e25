"""The part of a chapter about the size of a release: rows and variants, and what they give away.

Numbers are theory's, of one attack: that on allele frequencies. Nothing here says that a smaller
release keeps anybody from being found.
"""

import math
from dataclasses import dataclass

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullLocator

from genosynth.reporting.drawing import (
    GENERATOR_COLOURS,
    MUTED,
    RULE,
    add_note,
    drawing_style,
    new_axes,
)
from genosynth.reporting.illustration import Illustration, Panel
from genosynth.reporting.results import TraitResults
from genosynth.reporting.tables import PlainTable
from genosynth.reporting.wording import format_number, format_percent

ONE_ATTACK = (
    "This is what one attack is expected to reach, and no bound for others: none of these sizes "
    "keeps people from being found."
)


@dataclass(frozen=True)
class ReleaseAdvice:
    """What is said of the size of a release: in brief, in full, its caveat, what it rests on."""

    brief: str
    sentence: str
    caveat: str
    detail: str
    illustration: Illustration
    table: PlainTable


def advise_on_size(results: TraitResults, generators: list[str]) -> list[ReleaseAdvice]:
    """Advise on rows and variants, as a list of one; of none where theory knows nothing."""
    tables = results.evidence_of("release_size", generators)
    known = [table for table in tables.values() if is_known(table)]
    if not known:
        return []
    table = known[0]
    return [
        ReleaseAdvice(
            brief_advice(table),
            advice_sentence(table),
            ONE_ATTACK,
            _detail(table),
            _illustration(results.name, table),
            _size_table(table),
        )
    ]


def is_known(table: pd.DataFrame) -> bool:
    """Whether theory could say anything: not of a panel that does not vary, nor of nobody."""
    return bool(len(table) and table["auc"].notna().all())


def brief_advice(table: pd.DataFrame) -> str:
    """Say the same in a line."""
    here, rows, panel = (_row(table, what) for what in ("here", "most_rows", "widest_panel"))
    at_most = "any number of rows"
    if math.isfinite(rows["n_synthetic"]):
        at_most = f"no more than {rows['n_synthetic']:,.0f} rows"
    return (
        f"{here['n_synthetic']:,.0f} rows of {here['n_variants']:,.0f} variants are expected to "
        f"give an attack AUC {format_number(here['auc'])} though nobody is remembered; for "
        f"{here['auc_level']:g}, as an example, {at_most}, or {panel['n_variants']:,.0f} variants."
    )


def advice_sentence(table: pd.DataFrame) -> str:
    """Say what this release is expected to give away, and what size would stay below the level."""
    here, rows, panel = (_row(table, what) for what in ("here", "most_rows", "widest_panel"))
    at_most = (
        "any number of rows could be released at this panel"
        if math.isinf(rows["n_synthetic"])
        else f"no more than {rows['n_synthetic']:,.0f} rows could be released at this panel"
    )
    return (
        f"By allele frequencies alone, {here['n_synthetic']:,.0f} rows of "
        f"{here['n_variants']:,.0f} variants are expected to tell training people from strangers "
        f"with AUC {format_number(here['auc'])}, even if nobody is remembered; to stay below "
        f"{here['auc_level']:g}, for example, {at_most}, or a panel of no more than "
        f"{panel['n_variants']:,.0f} such variants with this number of rows."
    )


def _detail(table: pd.DataFrame) -> str:
    any_rows, any_reference = (_row(table, what) for what in ("any_rows", "any_reference"))
    independent = _row(table, "here")["n_independent"]
    return (
        f"The panel is worth {independent:,.0f} independent variants. However many rows are "
        f"released, the AUC is expected to be {format_number(any_rows['auc'])} at most. Few rows "
        "hide what many give away only where each is drawn on its own: of rows drawn evenly, as "
        "the default generator draws them, expect up to that at any number. All rows ever "
        "released from one training part count together. The attacker is thought to hold the "
        "reference part; one with a reference panel without end would reach "
        f"{format_number(any_reference['auc'])}."
    )


def _illustration(name: str, table: pd.DataFrame) -> Illustration:
    here = _row(table, "here")
    return Illustration(
        "release-size",
        "What the size of a release gives away",
        "Expected AUC of the likelihood ratio of allele frequencies against a generator that "
        "remembers nobody, by rows released; one line for each width of the panel, of variants "
        f"like these. Dot: this release, {_size(here)}. Dashed: AUC "
        f"{here['auc_level']:g}, an example of a level that somebody may not want to pass.",
        [
            Panel(
                "",
                None,
                add_note(draw_release_size(table), _size(here)),
                name=f"{name}-release-size",
                alt="Line chart of the expected AUC of an attack on allele frequencies by the "
                "number of rows released, one line for each number of variants.",
            )
        ],
    )


def _size(here: pd.Series) -> str:
    return f"n = {here['n_synthetic']:,.0f} rows of {here['n_variants']:,.0f} variants"


def draw_release_size(table: pd.DataFrame) -> Figure:
    """Draw the expected AUC against rows, one line for each width of the panel."""
    here, grid = _row(table, "here"), table[table["what"] == "grid"]
    with drawing_style():
        figure, axes = new_axes(4.9, 3.3)
        for n_variants, line in grid.groupby("n_variants"):
            is_this = n_variants == here["n_variants"]
            colour = GENERATOR_COLOURS[0] if is_this else MUTED
            axes.plot(line["n_synthetic"], line["auc"], color=colour, lw=2 if is_this else 1.2)
            _name_line(axes, line.iloc[-1], colour=colour)
        axes.plot(here["n_synthetic"], here["auc"], "o", ms=6, color=GENERATOR_COLOURS[0])
        axes.axhline(here["auc_level"], color=MUTED, lw=0.8, ls=(0, (4, 3)), zorder=0)
        axes.axhline(0.5, color=RULE, lw=0.8, zorder=0)
        axes.set(xscale="log", xlabel="rows released", ylabel="expected AUC of the attack")
        axes.set_xticks(grid["n_synthetic"].unique())
        axes.xaxis.set_major_formatter(FuncFormatter(lambda rows, _: f"{rows:,.0f}"))
        axes.xaxis.set_minor_locator(NullLocator())
    return figure


def _name_line(axes: Axes, end: pd.Series, *, colour: str) -> None:
    axes.annotate(
        f"{end['n_variants']:,.0f} variants",
        (end["n_synthetic"], end["auc"]),
        xytext=(5, 0),
        textcoords="offset points",
        va="center",
        color=colour,
        fontsize=8.5,
    )


def _size_table(table: pd.DataFrame) -> PlainTable:
    grid = table[table["what"] == "grid"]
    rows = [
        [
            f"{n_rows:,.0f}",
            *(
                f"{format_number(cell['auc'], decimals=3)}, {format_percent(cell['tpr_at_1pct'])}"
                for cell in line.to_dict("records")
            ),
        ]
        for n_rows, line in grid.groupby("n_synthetic")
    ]
    return PlainTable(
        "Expected success by size",
        "AUC, and share of training people found at 1 % false alarms, which theory expects of the "
        "likelihood ratio of allele frequencies. Classes are mixed as in this release, linkage is "
        "as in this panel.",
        ["rows", *(f"{n_variants:,.0f} variants" for n_variants in grid["n_variants"].unique())],
        rows,
    )


def _row(table: pd.DataFrame, what: str) -> pd.Series:
    return table[table["what"] == what].iloc[0]
