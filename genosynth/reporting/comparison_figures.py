"""Figures that set synthetic people beside real ones.

Clouds are drawn once for each generator; curves of all generators share one panel. Real held-out
people are black, real training people grey, everywhere.
"""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullLocator
from numpy.typing import NDArray

from genosynth.reporting.drawing import (
    HOLDOUT_COLOUR,
    HOLDOUT_LOOK,
    MUTED,
    RULE,
    TRAIN_COLOUR,
    Look,
    drawing_style,
    name_colours,
    new_axes,
    new_figure,
)
from genosynth.reporting.wording import format_number, name_source

_DOTS: dict[str, Any] = {"lw": 0, "rasterized": True}
_N_DISTANCE_BINS = 60
_TWO_SIDED_95 = 1.959964  # standard deviations of a normal distribution
EXPOSING = "mia_af_lrt"  # the attack whose success in groups is drawn
_THEORY: dict[str, Any] = {"color": MUTED, "lw": 1.8, "ls": (0, (6, 2)), "zorder": 1}


def draw_allele_frequencies(
    table: pd.DataFrame, *, colour: str, n_train: int, n_holdout: int
) -> Figure:
    """Draw synthetic against held-out ALT frequencies, and below what the diagonal hides.

    Shaded below: 95 % of the differences that chance makes between so many people.
    """
    points = pd.concat(
        [
            table[["holdout"]].assign(frequency=table["train"], colour=TRAIN_COLOUR),
            table[["holdout"]].assign(frequency=table["synthetic"], colour=colour),
        ]
    ).sample(frac=1, random_state=0)  # in mixed order: no cloud hides the other
    difference = points["frequency"] - points["holdout"]
    with drawing_style():
        figure = new_figure(3.8, 4.2)
        upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1.35))
        upper.plot([0, 1], [0, 1], color=MUTED, lw=0.7, zorder=0)
        lower.axhline(0, color=MUTED, lw=0.7, zorder=0)
        grid = np.linspace(0, 1, 101)
        reach = chance_difference(grid, n_train, n_holdout)
        lower.fill_between(grid, -reach, reach, color=RULE, lw=0, zorder=0)
        for axes, y in ((upper, points["frequency"]), (lower, difference)):
            axes.scatter(points["holdout"], y, s=6, c=points["colour"].tolist(), alpha=0.6, **_DOTS)
        name_colours(upper, {"synthetic": colour, "real train": TRAIN_COLOUR})
        highest = max(0.02, 1.1 * difference.abs().max(), 1.1 * reach.max())
        upper.set(xlim=(0, 1), ylim=(0, 1), ylabel="ALT frequency")
        lower.set(
            ylim=(-highest, highest), xlabel="ALT frequency, real held-out", ylabel="difference"
        )
    return figure


def chance_difference(
    frequency: NDArray[np.float64], n_left: int, n_right: int
) -> NDArray[np.float64]:
    """Half the 95 % interval of the difference of ALT frequencies of two samples of people.

    Unrelated people of one population: binomial, with two alleles each.
    """
    variance = frequency * (1 - frequency) / 2 * (1 / n_left + 1 / n_right)
    return _TWO_SIDED_95 * np.sqrt(variance)


def draw_ld_decay(tables: dict[str, pd.DataFrame], *, looks: dict[str, Look]) -> Figure:
    """Draw mean r² (less its 1/(n−1) bias) against distance, real people and every generator."""
    with drawing_style():
        figure, axes = new_axes(4.9, 3.3)
        real = next(iter(tables.values()))
        _decay(axes, real, "train", color=TRAIN_COLOUR, label="real train", lw=3.5, alpha=0.55)
        _decay(axes, real, "holdout", color=HOLDOUT_COLOUR, label="real held-out", lw=2)
        for name, table in tables.items():
            style = looks[name].line | {"marker": looks[name].mark, "ms": 3, "lw": 1.4}
            _decay(axes, table, "synthetic", label=name_source(name), **style)
        axes.set(xscale="log", xlabel="distance between variants (kb)", ylabel="mean r²")
        axes.xaxis.set_major_formatter(FuncFormatter(lambda kb, _: f"{kb:,g}"))
        axes.xaxis.set_minor_locator(NullLocator())
        axes.axhline(0, color=RULE, lw=0.8, zorder=0)
        figure.legend(loc="outside upper left", ncols=3, columnspacing=1.2)
    return figure


def _decay(axes: Axes, table: pd.DataFrame, column: str, **style: Any) -> None:
    filled = table[(table["n_pairs"] > 0) & table[column].notna()]
    middle_kb = np.sqrt(filled["low_kb"].clip(lower=1e-3) * filled["high_kb"])
    axes.plot(middle_kb, filled[column], **style)


def draw_ld_block(table: pd.DataFrame, *, column: str) -> Figure:
    """Draw the correlations of neighbouring variants; column: real (train) or synthetic."""
    square = table.pivot(index="i", columns="j", values=column)
    names = square.index.union(square.columns)
    upper = square.reindex(index=names, columns=names).to_numpy(float)
    r = np.where(np.isnan(upper), upper.T, upper)  # one triangle is enough
    np.fill_diagonal(r, np.where(np.isnan(r.diagonal()), 1.0, r.diagonal()))
    with drawing_style():
        figure, axes = new_axes(2.9, 3.3)
        image = axes.imshow(r, cmap="RdBu_r", vmin=-1, vmax=1, interpolation="nearest")
        axes.set(xticks=[], yticks=[])
        bar = figure.colorbar(
            image, ax=axes, location="bottom", shrink=0.7, aspect=30, pad=0.03, ticks=[-1, 0, 1]
        )
        bar.set_label("correlation r", labelpad=1)
        bar.outline.set_visible(False)
        for spine in axes.spines.values():
            spine.set_visible(False)
    return figure


def draw_components(table: pd.DataFrame, *, colour: str, other: str = "synthetic") -> Figure:
    """Draw held-out and other people on the components fitted to training people.

    other: who stands where synthetic people do.
    """
    table = table.sample(frac=1, random_state=0)  # in mixed order: no set hides the other
    is_real = (table["set"] == "holdout").to_numpy()
    with drawing_style():
        figure, axes = new_axes(3.8, 3.4)
        point_colours = np.where(is_real, HOLDOUT_COLOUR, colour)
        axes.scatter(table["pc1"], table["pc2"], s=7, c=point_colours, alpha=0.5, **_DOTS)
        axes.set(xlabel="PC1", ylabel="PC2")
        name_colours(
            axes,
            {
                f"{other} ({(~is_real).sum():,})": colour,
                f"real held-out ({is_real.sum():,})": HOLDOUT_COLOUR,
            },
        )
    return figure


def draw_effects(table: pd.DataFrame, *, colour: str) -> Figure:
    """Draw effects in synthetic people against effects in training people, with both slopes."""
    x = table["train"].to_numpy(float)
    slope_of: dict[str, float] = {}
    with drawing_style():
        figure, axes = new_axes(3.8, 3.5)
        for column, point_colour in (("holdout", HOLDOUT_COLOUR), ("synthetic", colour)):
            y = table[column].to_numpy(float)
            axes.scatter(x, y, s=6, color=point_colour, alpha=0.45, **_DOTS)
            slope_of[column] = _slope_through_origin(x, y)
        for column, point_colour in (("holdout", HOLDOUT_COLOUR), ("synthetic", colour)):
            axes.axline((0, 0), slope=slope_of[column], color=point_colour, lw=1.8)
        name_colours(
            axes,
            {
                f"synthetic, slope {format_number(slope_of['synthetic'], decimals=2)}": colour,
                f"held-out, {format_number(slope_of['holdout'], decimals=2)}": HOLDOUT_COLOUR,
            },
        )
        reach = 1.05 * np.nanmax(np.abs(x))
        axes.plot([-reach, reach], [-reach, reach], color=MUTED, lw=0.8, ls=(0, (4, 3)), zorder=0)
        axes.set(xlim=(-reach, reach), xlabel="standardised effect, real train")
        axes.set_ylabel("standardised effect")
        axes.xaxis.set_major_locator(MaxNLocator(5))
    return figure


def _slope_through_origin(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    known = np.isfinite(x) & np.isfinite(y)
    return float(x[known] @ y[known] / (x[known] @ x[known] or 1))


def draw_roc(tables: dict[str, pd.DataFrame], *, looks: dict[str, Look]) -> Figure:
    """Draw ROC curves on held-out people of models trained on real and on synthetic people."""
    with drawing_style():
        figure, axes = new_axes(4.4, 4.1)
        real = next(iter(tables.values()))
        real = real[real["trained_on"] == "real"]
        axes.plot(real["fpr"], real["tpr"], color=HOLDOUT_COLOUR, lw=2.4, label="real (TRTR)")
        for position, (name, table) in enumerate(tables.items()):
            curve = table[table["trained_on"] == "synthetic"]
            style = looks[name].line | {"lw": 1.3, "zorder": 4 - position / 10}
            axes.plot(curve["fpr"], curve["tpr"], label=name_source(name), **style)
        axes.plot([0, 1], [0, 1], color=MUTED, lw=0.8, ls=(0, (4, 3)))
        axes.set(
            xlim=(0, 1),
            ylim=(0, 1),
            aspect="equal",
            xlabel="share of controls called cases",
            ylabel="share of cases found",
        )
        axes.legend(title="trained on", loc="lower right", title_fontsize=8.5)
    return figure


def draw_calibration(table: pd.DataFrame, *, colour: str) -> Figure:
    """Draw the share of cases against the risk predicted by models of real and synthetic people."""
    reach = 1.05 * max(table["observed_high"].max(), table["predicted"].max())
    with drawing_style():
        figure, axes = new_axes(3.8, 3.5)
        axes.plot([0, reach], [0, reach], color=MUTED, lw=0.8, ls=(0, (4, 3)), zorder=0)
        for name, own_colour in (("real", HOLDOUT_COLOUR), ("synthetic", colour)):
            curve = table[table["trained_on"] == name]
            ends = (curve["observed_low"], curve["observed_high"])
            axes.vlines(curve["predicted"], *ends, color=own_colour, lw=1.2, alpha=0.6)
            axes.plot(curve["predicted"], curve["observed"], "o-", ms=4, lw=1.2, color=own_colour)
        name_colours(axes, {"synthetic (TSTR)": colour, "real (TRTR)": HOLDOUT_COLOUR})
        axes.set(xlim=(0, reach), ylim=(0, reach))
        axes.set(xlabel="predicted risk, mean of a tenth", ylabel="share of cases")
    return figure


def draw_classes(tables: dict[str, pd.DataFrame], *, looks: dict[str, Look]) -> Figure:
    """Draw sensitivity and precision for each class by models of real and synthetic people."""
    real, real_name = next(iter(tables.values())), "real (TRTR)"
    shown = {real_name: real[real["trained_on"] == "real"]}
    shown |= {name: each[each["trained_on"] == "synthetic"] for name, each in tables.items()}
    named = {
        name: table.assign(group=table["measure"] + ", " + table["class"] + "s")
        for name, table in shown.items()
    }
    return _draw_by_group(
        named,
        "value",
        looks=looks | {real_name: HOLDOUT_LOOK},
        neutral=None,
        xlabel="share of people",
    )


def draw_groups(tables: dict[str, pd.DataFrame], *, looks: dict[str, Look]) -> Figure:
    """Draw the gap of each generator within each group of held-out people, with its interval."""
    named = {
        name: table.assign(group=table["condition"] + " " + table["level"].astype(str))
        for name, table in tables.items()
    }
    return _draw_by_group(
        named,
        "gap",
        looks=looks,
        neutral=0,
        xlabel="trained on synthetic minus trained on real",
    )


def draw_exposure(tables: dict[str, pd.DataFrame], *, looks: dict[str, Look]) -> Figure:
    """Draw the success of one attack on each generator within each group of attacked people."""
    of_one = {
        name: table[(table["attack"] == EXPOSING) & (table["kind"] == "group")]
        for name, table in tables.items()
    }
    return _draw_by_group(
        of_one,
        "auc",
        looks=looks,
        neutral=0.5,
        xlabel="AUC of the attack",
        expected="expected_auc",
    )


def _draw_by_group(
    tables: dict[str, pd.DataFrame],
    value: str,
    *,
    looks: dict[str, Look],
    neutral: float | None,
    xlabel: str,
    expected: str | None = None,
) -> Figure:
    """Draw columns value, value_low and value_high of each table, one row for each `group`.

    expected: column of the first table whose values are marked; None: of none.
    """
    every = pd.concat(tables.values())
    groups = every.drop_duplicates("group")
    too_few = set(groups["group"]) - set(every.loc[every[value].notna(), "group"])
    row_of = {group: -row for row, group in enumerate(groups["group"])}
    with drawing_style():
        figure, axes = new_axes(4.9, 1.3 + 0.42 * len(row_of))
        for position, (name, table) in enumerate(tables.items()):
            shift = 0.6 * ((position + 0.5) / len(tables) - 0.5)
            y = [row_of[group] - shift for group in table["group"]]
            line = looks[name].line | {"lw": 1.4}
            axes.hlines(y, table[f"{value}_low"], table[f"{value}_high"], **line)
            points = line | {"marker": looks[name].mark, "ms": 4, "ls": "none"}
            axes.plot(table[value], y, label=name_source(name), **points)
        if expected:
            marked = next(iter(tables.values()))
            middle = np.array([row_of[group] for group in marked["group"]])
            style: dict[str, Any] = {"color": MUTED, "lw": 1.8, "zorder": 1, "label": "expected"}
            axes.vlines(marked[expected], middle - 0.35, middle + 0.35, **style)
        if neutral is not None:
            axes.axvline(neutral, color=MUTED, lw=0.8, zorder=0)
        axes.set(xlabel=xlabel, yticks=list(row_of.values()), ylim=(0.5 - len(row_of), 0.5))
        axes.set_yticklabels(
            f"{row.group} ({row.n:,}{', too few' if row.group in too_few else ''})"
            for row in groups.itertuples()
        )
        axes.tick_params(axis="y", length=0)
        figure.legend(loc="outside upper left", ncols=3, columnspacing=1.2)
    return figure


def draw_nearest(tables: dict[str, pd.DataFrame], *, looks: dict[str, Look]) -> Figure:
    """Draw how far people are from their nearest training person, one curve for each source."""
    every = pd.concat(tables.values())
    edges = _distance_edges(every.loc[every["n"] > 0, "distance"])
    with drawing_style():
        figure, axes = new_axes(4.9, 3.3)
        real = next(iter(tables.values()))
        share = _share_by_bin(real[real["set"] == "holdout"], edges)
        axes.stairs(
            share, edges, fill=True, color=HOLDOUT_COLOUR, alpha=0.25, label="real held-out"
        )
        for position, (name, table) in enumerate(tables.items()):
            share = _share_by_bin(table[table["set"] == "synthetic"], edges)
            style = looks[name].line | {"lw": 1.6, "zorder": 4 - position / 10}
            axes.stairs(share, edges, label=name_source(name), **style)
        axes.set(
            xlabel="distance to the nearest training person (fraction of variants)",
            ylabel="share of people",
            xlim=(edges[0], edges[-1]),
        )
        axes.yaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{100 * share:g} %"))
        figure.legend(loc="outside upper left", ncols=3, columnspacing=1.2)
    return figure


def draw_attack(tables: dict[str, pd.DataFrame], *, attack: str, looks: dict[str, Look]) -> Figure:
    """Draw how many training people an attack finds at few false alarms, both in logarithms."""
    with drawing_style():
        figure, axes = new_axes(2.9, 3.75)
        for position, (name, table) in enumerate(tables.items()):
            curve = table[(table["attack"] == attack) & (table["tpr"] > 0)]
            style = looks[name].line | {"lw": 1.4, "zorder": 4 - position / 10}
            axes.plot(curve["fpr"], curve["tpr"], label=name_source(name), **style)
        first = next(iter(tables.values()))
        expected = first[first["attack"] == f"{attack}_expected"]
        if expected["tpr"].notna().any():
            axes.plot(expected["fpr"], expected["tpr"], label="expected", **_THEORY)
        ends = (1e-3, 1)
        axes.plot(ends, ends, color=MUTED, lw=0.8, ls=(0, (4, 3)))
        axes.set(
            xscale="log",
            yscale="log",
            xlim=ends,
            ylim=ends,
            aspect="equal",
            xlabel="share of held-out people accused",
            ylabel="share of training people found",
        )
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_formatter(FuncFormatter(lambda share, _: f"{100 * share:g} %"))
            axis.set_minor_locator(NullLocator())
        figure.legend(loc="outside upper left", ncols=2, columnspacing=1.2)
    return figure


def _distance_edges(distances: pd.Series) -> NDArray[np.float64]:
    """Bins that join whole bins of the table, whose distances are lower edges."""
    found = np.unique(distances)
    gaps = np.diff(found)
    step = gaps[gaps > 1e-9].min() if (gaps > 1e-9).any() else 0.01
    width = step * max(1, np.ceil((found[-1] - found[0]) / (_N_DISTANCE_BINS * step)))
    # A hair below the lower edges, which rounding may put on either side.
    return np.arange(found[0] - width, found[-1] + 2 * width, width) - 1e-6


def _share_by_bin(table: pd.DataFrame, edges: NDArray[np.float64]) -> NDArray[np.float64]:
    counts = np.histogram(table["distance"], bins=edges, weights=table["n"])[0]
    return np.asarray(counts / (counts.sum() or 1))
