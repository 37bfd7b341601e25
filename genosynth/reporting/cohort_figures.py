"""Figures of the real cohort and of training: components, loss curves."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from genosynth.reporting.drawing import (
    GENERATOR_COLOURS,
    HOLDOUT_COLOUR,
    RULE,
    TRAIN_COLOUR,
    drawing_style,
    name_colours,
    new_axes,
)

_BEST_COLOUR = GENERATOR_COLOURS[1]
_PART_COLOURS = {"train": "#9aa5b1", "test": "#0072b2", "reference": "#e69f00"}


def draw_cohort_components(pca: pd.DataFrame, split: pd.DataFrame, *, most: int = 4000) -> Figure:
    """Draw the first two components of the cohort; its parts should lie on each other."""
    table = pca.merge(split[["FID", "IID", "part"]], on=["FID", "IID"])
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


def draw_curves(curve: pd.DataFrame, *, unit: str) -> Figure:
    """Draw training and validation loss against the step, the best validation marked."""
    with drawing_style():
        figure, axes = new_axes(3.8, 3.0)
        known = curve.dropna(subset="train_loss")
        if len(known):
            axes.plot(
                known["step"], known["train_loss"], color=TRAIN_COLOUR, lw=1.2, label="training"
            )
        known = curve.dropna(subset="validation_loss")
        best = known.nsmallest(1, "validation_loss")
        label = "validation" + "".join(f", best {loss:.4g}" for loss in best["validation_loss"])
        axes.plot(known["step"], known["validation_loss"], color=HOLDOUT_COLOUR, label=label)
        axes.plot(best["step"], best["validation_loss"], "o", ms=6, color=_BEST_COLOUR)
        axes.set(xlabel="training step", ylabel=f"loss ({unit})")
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
