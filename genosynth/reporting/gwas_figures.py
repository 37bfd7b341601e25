"""Figures of association scans: Manhattan, Miami and quantile–quantile plots."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter
from numpy.typing import NDArray
from scipy.stats import beta

from genosynth.reporting.drawing import (
    GENERATOR_COLOURS,
    HOLDOUT_COLOUR,
    INK,
    MUTED,
    RULE,
    TRAIN_COLOUR,
    Look,
    drawing_style,
    new_axes,
)
from genosynth.reporting.wording import name_source

GENOME_WIDE_P_VALUE = 5e-8
_SMALLEST_P_VALUE = 1e-300  # plink2 prints 0 below it
_PANEL_COLOUR = GENERATOR_COLOURS[1]
_CHROMOSOME_COLOURS = ("#9aa5b1", "#c3cad2")
_PIXELS = (2400, 500)  # of the raster behind the points; more points than that are not seen


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


def draw_miami(table: pd.DataFrame, *, colour: str, below: str = "synthetic people") -> Figure:
    """Draw −log₁₀ p of the panel in training people upwards, in synthetic people downwards.

    below: who stands where synthetic people do.
    """
    chromosomes = table["chromosome"].unique().tolist()
    x_mb, ends_mb = _along_genome(table, chromosomes)
    with drawing_style():
        figure, axes = new_axes(12.6, 3.6)
        highest = 0.0
        for name, sign, dots in (("train", 1, TRAIN_COLOUR), ("synthetic", -1, colour)):
            height = -np.log10(table[name].to_numpy())
            axes.vlines(x_mb, 0, sign * height, color=dots, lw=0.4, alpha=0.5, rasterized=True)
            axes.scatter(x_mb, sign * height, s=5, lw=0, color=dots, rasterized=True)
            highest = np.nanmax([highest, *height])
            axes.axhline(-sign * np.log10(GENOME_WIDE_P_VALUE), color=MUTED, lw=0.8, ls=(0, (4, 3)))
        axes.axhline(0, color=INK, lw=0.8)
        _mark_chromosomes(axes, chromosomes, ends_mb)
        reach = max(8.5, 1.1 * highest)
        axes.set(ylabel="−log₁₀ p", ylim=(-reach, reach))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda height, _: f"{abs(height):g}"))
        for text, y in (("real training people", 0.97), (below, 0.03)):
            align = "top" if y > 0.5 else "bottom"
            axes.text(0.005, y, text, transform=axes.transAxes, va=align, color=MUTED)
    return figure


def draw_quantiles(tables: dict[str, pd.DataFrame], *, looks: dict[str, Look]) -> Figure:
    """Draw −log₁₀ p of the panel, in order, against what chance would give."""
    real = next(iter(tables.values()))
    curves: list[tuple[str, pd.Series, dict[str, Any]]] = [
        ("real train", real["train"], {"color": TRAIN_COLOUR, "lw": 3.5, "alpha": 0.55}),
        ("real held-out", real["holdout"], {"color": HOLDOUT_COLOUR, "lw": 2}),
    ]
    curves += [
        (name_source(name), table["synthetic"], looks[name].line | {"lw": 1.4})
        for name, table in tables.items()
    ]
    with drawing_style():
        figure, axes = new_axes(4.4, 4.1)
        for label, p_values, style in curves:
            found = np.sort(p_values.dropna().to_numpy())
            expected = uniform_order_statistics(len(found))[0]
            axes.plot(-np.log10(expected), -np.log10(found), label=label, **style)
        expected, low, high = uniform_order_statistics(len(real))
        band = -np.log10([low, high])
        axes.fill_between(-np.log10(expected), *band, color=RULE, lw=0, zorder=0)
        end = -np.log10(0.5 / max(len(real), 1))
        axes.plot([0, end], [0, end], color=MUTED, lw=0.8, ls=(0, (4, 3)))
        axes.set(xlabel="−log₁₀ p expected by chance", ylabel="−log₁₀ p found")
        axes.set(xlim=(0, None), ylim=(0, None))
        axes.legend(loc="upper left")
    return figure


def uniform_order_statistics(n: int) -> NDArray[np.float64]:
    """Where p-values of chance lie in order, and the ends of 95 % intervals: (3, n).

    The i-th smallest of n independent uniform numbers is distributed as Beta(i, n + 1 − i).
    """
    rank = np.arange(1, n + 1)
    ends = [beta.ppf(level, rank, n + 1 - rank) for level in (0.025, 0.975)]
    return np.array([(rank - 0.5) / max(n, 1), *ends])


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
