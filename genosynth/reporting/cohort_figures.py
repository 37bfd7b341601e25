"""Figures of the real cohort and of training: association scan, components, loss curves."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from genosynth.reporting.drawing import (
    GENERATOR_COLOURS,
    HOLDOUT_COLOUR,
    MUTED,
    RULE,
    TRAIN_COLOUR,
    drawing_style,
    name_colours,
    new_axes,
)

GENOME_WIDE_P_VALUE = 5e-8
_SMALLEST_P_VALUE = 1e-300  # plink2 prints 0 below it
_PANEL_COLOUR = GENERATOR_COLOURS[1]
_CHROMOSOME_COLOURS = ("#9aa5b1", "#c3cad2")
_PIXELS = (2400, 500)  # of the raster behind the points; more points than that are not seen
_PART_COLOURS = {"train": "#9aa5b1", "test": "#0072b2", "reference": "#e69f00"}


def draw_manhattan(gwas: pd.DataFrame, panel: pd.DataFrame) -> Figure:
    """Draw −log₁₀ p along the genome, the variants of the panel in colour."""
    chromosomes = gwas["chromosome"].unique().tolist()
    x_mb, ends_mb = _along_genome(gwas, chromosomes)
    height = -np.log10(gwas["p_value"].clip(lower=_SMALLEST_P_VALUE).to_numpy())
    in_panel = gwas["id"].isin(panel["id"]).to_numpy()
    shade = np.array([chromosomes.index(name) % 2 for name in chromosomes])
    shade_of = gwas["chromosome"].map(dict(zip(chromosomes, shade, strict=True))).to_numpy()
    with drawing_style():
        figure, axes = new_axes(12.6, 3.9)
        for parity, colour in enumerate(_CHROMOSOME_COLOURS):
            rows = np.flatnonzero((shade_of == parity) & ~in_panel)
            rows = rows[_visible(x_mb[rows], height[rows])]
            axes.scatter(x_mb[rows], height[rows], s=5, lw=0, color=colour, rasterized=True)
        axes.scatter(
            x_mb[in_panel],
            height[in_panel],
            s=9,
            lw=0,
            color=_PANEL_COLOUR,
            label=f"panel ({in_panel.sum():,} of {len(panel):,} variants)",
            rasterized=True,
        )
        axes.axhline(-np.log10(GENOME_WIDE_P_VALUE), color=MUTED, lw=0.8, ls=(0, (4, 3)))
        axes.annotate(
            "p = 5 × 10⁻⁸",
            (1, -np.log10(GENOME_WIDE_P_VALUE)),
            xycoords=("axes fraction", "data"),
            xytext=(0, 3),
            textcoords="offset points",
            ha="right",
            color=MUTED,
        )
        _mark_chromosomes(axes, chromosomes, ends_mb)
        axes.set(ylabel="−log₁₀ p", ylim=(0, max(8.5, height.max() * 1.08)))
        axes.legend(loc="upper left", markerscale=2, handletextpad=0.2)
    return figure


def _along_genome(
    gwas: pd.DataFrame, chromosomes: list[object]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Position of each variant on one line through the chromosomes, and where each ends, in Mb."""
    position_mb = gwas["position_bp"].to_numpy(float) / 1e6
    codes = pd.Categorical(gwas["chromosome"], categories=chromosomes).codes
    lowest = pd.Series(position_mb).groupby(codes).min().to_numpy()
    length = pd.Series(position_mb).groupby(codes).max().to_numpy() - lowest
    gap = 0.004 * length.sum()
    starts = np.concatenate([[0.0], np.cumsum(length + gap)[:-1]])
    return position_mb - lowest[codes] + starts[codes], starts + length


def _visible(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.intp]:
    """First of the points that fall on each pixel."""
    pixels = [
        np.floor((values - values.min()) / (np.ptp(values) or 1) * n).astype(np.int64)
        for values, n in zip((x, y), _PIXELS, strict=True)
        if len(values)
    ]
    if not pixels:
        return np.zeros(0, np.intp)
    return np.unique(pixels[0] * (_PIXELS[1] + 1) + pixels[1], return_index=True)[1]


def _mark_chromosomes(axes: Axes, chromosomes: list[object], ends_mb: NDArray[np.float64]) -> None:
    starts_mb = np.concatenate([[0.0], ends_mb[:-1]])
    axes.set_xticks((starts_mb + ends_mb) / 2, [str(name) for name in chromosomes])
    axes.tick_params(axis="x", length=0)
    axes.set_xlim(-0.005 * ends_mb[-1], 1.005 * ends_mb[-1])
    axes.set_xlabel("chromosome")


def draw_cohort_components(pca: pd.DataFrame, split: pd.DataFrame, *, most: int = 4000) -> Figure:
    """Draw the first two components of the cohort; its parts should lie on each other."""
    table = pca.merge(split[["IID", "part"]], on="IID")
    table = table.sample(min(most, len(table)), random_state=0)  # in mixed order: no part hides one
    with drawing_style():
        figure, axes = new_axes(4.6, 3.6)
        colours = table["part"].map(_PART_COLOURS).to_list()
        axes.scatter(table["PC1"], table["PC2"], s=6, lw=0, c=colours, alpha=0.8, rasterized=True)
        axes.set(xlabel="PC1", ylabel="PC2")
        n_of = table["part"].value_counts()
        shown = {part: colour for part, colour in _PART_COLOURS.items() if part in n_of.index}
        name_colours(axes, {f"{part} ({n_of[part]:,})": colour for part, colour in shown.items()})
    return figure


def draw_curves(curve: pd.DataFrame) -> Figure:
    """Draw training and validation loss against the step, the best validation marked."""
    with drawing_style():
        figure, axes = new_axes(4.6, 3.2)
        known = curve.dropna(subset="train_loss")
        if len(known):
            axes.plot(
                known["step"], known["train_loss"], color=TRAIN_COLOUR, lw=1.2, label="training"
            )
        known = curve.dropna(subset="validation_loss")
        best = known.nsmallest(1, "validation_loss")
        label = "validation" + "".join(f", best {loss:.4g}" for loss in best["validation_loss"])
        axes.plot(known["step"], known["validation_loss"], color=HOLDOUT_COLOUR, label=label)
        axes.plot(best["step"], best["validation_loss"], "o", ms=6, color=_PANEL_COLOUR)
        axes.set(xlabel="training step", ylabel="loss")
        axes.grid(axis="y", color=RULE, lw=0.6)
        axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
        axes.legend(loc="upper right")
        _cut_first_losses(axes, curve)
    return figure


def _cut_first_losses(axes: Axes, curve: pd.DataFrame) -> None:
    """Let the axis follow the later losses: the first steps fall from far above."""
    losses = curve[["train_loss", "validation_loss"]].to_numpy(float)
    later = losses[len(losses) // 20 :]
    if np.isfinite(later).any():
        low, high = np.nanmin(later), np.nanquantile(later, 0.98)
        axes.set_ylim(low - 0.08 * (high - low or 1), high + 0.3 * (high - low or 1))
