"""The part of a chapter about the sampler's settings: what guidance costs, steps, unknown labels.

Tables come from the sweep of the latent diffusion generator.
"""

from dataclasses import dataclass
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from genosynth.reporting.drawing import (
    GENERATOR_COLOURS,
    HOLDOUT_COLOUR,
    MUTED,
    add_note,
    drawing_style,
    new_axes,
)
from genosynth.reporting.illustration import Illustration, Panel
from genosynth.reporting.results import TraitResults
from genosynth.reporting.tables import PlainTable
from genosynth.reporting.wording import format_interval, format_number, format_percent
from genosynth.settings.sampling import SamplingSettings


@dataclass(frozen=True)
class SweepReport:
    """Everything about the sweep of one trait; no figure without a trait."""

    title: str
    paragraph: str
    illustrations: list[Illustration]
    tables: list[PlainTable]


def report_sweep(results: TraitResults, settings: SamplingSettings) -> list[SweepReport]:
    """Tell what was found, as a list of one report; of none where nothing was swept."""
    if not results.sweep:
        return []
    guidance, steps, masked = (results.sweep[name] for name in ("guidance", "steps", "masked"))
    measure = "AUC" if results.trait and results.trait.kind == "binary" else "r²"
    tables = [_steps_table(steps)]
    figures = []
    if len(guidance):
        tables.insert(0, _guidance_table(guidance, measure))
        figures.append(_guidance_figure(results.name, guidance, measure))
    if len(masked):
        tables.append(_masked_table(masked))
    return [
        SweepReport(
            "What guidance costs" if len(guidance) else "What steps cost",
            f"Latent diffusion drew {steps['n'].max():,} people again and again, for the labels of "
            "the same training people and with the same random numbers, changing one setting at a "
            f"time. The people of this report were drawn with guidance {settings.guidance:g} in "
            f"{settings.steps} steps.",
            figures,
            tables,
        )
    ]


def _guidance_figure(name: str, table: pd.DataFrame, measure: str) -> Illustration:
    drawings = {
        "Size of effects": (draw_slope(table), "Effect slope by guidance."),
        "Error of allele frequencies": (draw_error(table), "Error of frequencies by guidance."),
        "Prediction": (draw_prediction(table, measure), f"{measure} on real people by guidance."),
    }
    note = f"{table['n'].max():,} people drawn at each value; intervals: 95 %"
    return Illustration(
        "guidance",
        "Guidance from 1 to 5",
        f"{table['n'].max():,} people drawn at each value. Guidance multiplies what the trait says "
        "of a genotype; 1 is what was learnt. Dashed: "
        "effects in proportion; the error of frequencies that chance alone causes; prediction "
        "learnt from as many real training people. Prediction does not punish exaggeration and can "
        "even gain from it, as larger effects drown the noise of a small sample; no information is "
        "added, and more people at guidance 1 do the same without it.",
        [
            Panel(title, None, add_note(figure, note), f"{name}-guidance-{position}", alt)
            for position, (title, (figure, alt)) in enumerate(drawings.items())
        ],
    )


def draw_slope(table: pd.DataFrame) -> Figure:
    """Draw effect slopes with their intervals, and what guidance asks for."""
    with drawing_style():
        figure, axes = new_axes(2.9, 2.7)
        _points(axes, table, "effect_slope")
        axes.plot(table["guidance"], table["guidance"], color=MUTED, lw=0.8, ls=(0, (4, 3)))
        axes.set(xlabel="guidance", ylabel="effect slope on train", ylim=(0, None))
    return figure


def draw_error(table: pd.DataFrame) -> Figure:
    """Draw errors of frequencies, and what chance alone gives."""
    with drawing_style():
        figure, axes = new_axes(2.9, 2.7)
        axes.plot(table["guidance"], table["af_rmse"], "o-", ms=4, color=GENERATOR_COLOURS[0])
        axes.plot(table["guidance"], table["af_rmse_chance"], color=MUTED, lw=0.8, ls=(0, (4, 3)))
        axes.set(xlabel="guidance", ylabel="error of ALT frequencies", ylim=(0, None))
    return figure


def draw_prediction(table: pd.DataFrame, measure: str) -> Figure:
    """Draw prediction of real people after learning from drawn ones, and from real ones."""
    with drawing_style():
        figure, axes = new_axes(2.9, 2.7)
        _points(axes, table, "tstr")
        axes.plot(table["guidance"], table["trtr"], color=HOLDOUT_COLOUR, lw=0.8, ls=(0, (4, 3)))
        axes.set(xlabel="guidance", ylabel=f"{measure} in real held-out people")
    return figure


def _points(axes: Axes, table: pd.DataFrame, column: str) -> None:
    style: dict[str, Any] = {"color": GENERATOR_COLOURS[0], "lw": 1.4}
    axes.vlines(table["guidance"], table[f"{column}_low"], table[f"{column}_high"], **style)
    axes.plot(table["guidance"], table[column], "o-", ms=4, **style)


def _guidance_table(table: pd.DataFrame, measure: str) -> PlainTable:
    constant = table[["prs_shift_real", "af_rmse_chance", "trtr"]].astype(float)
    shift, chance, trtr = constant.to_numpy()[0]
    rows = [
        [
            f"{row['guidance']:g}",
            _with_interval(row, "effect_slope", decimals=2),
            format_number(row["prs_shift"], decimals=2),
            format_number(row["af_rmse"], decimals=4),
            _with_interval(row, "tstr", decimals=3),
            f"{row['seconds_per_1000']:.1f} s",
        ]
        for row in table.to_dict("records")
    ]
    return PlainTable(
        "Guidance",
        "Effects relative to those in training people. Shift of the score: how far a case lies "
        "above a control, or one standard deviation of the trait above its mean, on a polygenic "
        "score with the training people's effects, in standard deviations of it.",
        [
            "guidance",
            "effect slope",
            f"shift of the score (real: {format_number(shift, decimals=2)})",
            f"error of frequencies (chance: {format_number(chance, decimals=4)})",
            f"{measure} in real people (learnt from real: {format_number(trtr, decimals=3)})",
            "time for 1,000",
        ],
        rows,
    )


def _steps_table(table: pd.DataFrame) -> PlainTable:
    real = format_number(float(table["pca_real"].iloc[0]), decimals=4)
    rows = [
        [
            f"{row['steps']}",
            f"{row['latent_error']:.4f} SD",
            _with_interval(row, "energy_distance", decimals=4, ends="energy"),
            _with_interval(row, "pca_distance", decimals=4, ends="pca"),
            f"{row['seconds_per_1000']:.1f} s",
        ]
        for row in table.to_dict("records")
    ]
    return PlainTable(
        "Steps",
        "Heun steps of the latent flow, two evaluations each. Error: from the same people drawn in "
        f"{table['steps'].max()} steps. Energy distance: of latents from those of real people, 0 "
        "but for chance where they are alike. Distance of ancestry: principal components against "
        "real held-out people, beside that of real training people.",
        [
            "steps",
            "error of latents",
            "energy distance",
            f"distance of ancestry (real: {real})",
            "time for 1,000",
        ],
        rows,
    )


def _masked_table(table: pd.DataFrame) -> PlainTable:
    rows = []
    for row in table.to_dict("records"):
        if row["measure"] == "af_rmse":
            values = ["error of frequencies", f"{row['value']:.4f}", "", f"{row['expected']:.4f}"]
        else:
            values = [
                f"{row['condition']} {row['level']}",
                format_percent(row["value"]),
                f"{format_percent(row['ci_low'])} to {format_percent(row['ci_high'])}",
                format_percent(row["expected"]),
            ]
        rows.append(values)
    return PlainTable(
        "Unknown labels",
        "People for whom neither the trait nor any condition was asked for: they should be a "
        "mixture as the training people are. Shares are what ten principal components say of the "
        "genotypes, expected ones the same of training people; the error expected is that of "
        "chance.",
        ["", "people of unknown labels", "95 % interval", "expected"],
        rows,
    )


def _with_interval(
    row: dict[Any, Any], column: str, *, decimals: int, ends: str | None = None
) -> str:
    low, high = (row[f"{ends or column}_{end}"] for end in ("low", "high"))
    value = format_number(row[column], decimals=decimals)
    return f"{value} ({format_interval(low, high, decimals=decimals)})"
