"""Causal variants and their effects from synthetic people, over heritability and prevalence.

    python -m benchmarks.known_effects OUTDIR [--heritability 0.2 0.5 0.8] [--prevalence 0.1 0.3]
                                              [--seeds 1 2 3] [--cores 2]
    python -m benchmarks.known_effects OUTDIR --tables-only

Each cell and seed simulates a cohort with known effects (benchmarks/known_effects.yaml) and runs
the workflow on it. What is found in synthetic people is set against what as many training people
show. Writes OUTDIR/known_effects.tsv, .svg and .png; what is finished is not run again.
"""

import argparse
import itertools
import sys
from pathlib import Path

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.finished_runs import read_run
from benchmarks.generator_tables import summarise
from benchmarks.runs import Cohort, Run, runs_through
from genosynth.files import write_table
from genosynth.reporting.drawing import (
    MUTED,
    Look,
    drawing_style,
    look_of_each,
    new_figure,
    save_figure,
)
from genosynth.reporting.wording import name_source
from tests.real_cohorts import ROOT

CONFIG = ROOT / "benchmarks/known_effects.yaml"
TRAIT = "disease"
METRICS = {
    "causal_recall": "causal variants found,\nrelative to train",
    "causal_effect_slope": "slope of effects on the truth,\nrelative to train",
}
Cell = tuple[float, float]  # heritability, prevalence


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", metavar="OUTDIR", type=Path)
    parser.add_argument("--heritability", nargs="+", type=float, default=[0.2, 0.5, 0.8])
    parser.add_argument("--prevalence", nargs="+", type=float, default=[0.1, 0.3])
    parser.add_argument("--seeds", nargs="+", type=int, default=[1, 2, 3])
    parser.add_argument("--cores", default="all")
    parser.add_argument("--tables-only", action="store_true", help="run nothing: what is finished")
    arguments = parser.parse_args()
    cells = list(itertools.product(arguments.heritability, arguments.prevalence))
    runs = {
        cell: [Run(cohort_of(cell), seed, arguments.folder) for seed in arguments.seeds]
        for cell in cells
    }
    wanted = [run for of_cell in runs.values() for run in of_cell]
    if not arguments.tables_only:
        for run in sorted(wanted, key=lambda run: run.seed):  # a first figure comes early
            runs_through(run, cores=arguments.cores)
    unfinished = [run.name for run in wanted if not run.is_finished]
    found = {cell: [run for run in of_cell if run.is_finished] for cell, of_cell in runs.items()}
    found = {cell: of_cell for cell, of_cell in found.items() if of_cell}
    if found:
        write_results(found, folder=arguments.folder)
    if unfinished:
        sys.exit(f"not finished: {', '.join(unfinished)}")


def cohort_of(cell: Cell) -> Cohort:
    """The cohort with this heritability and prevalence."""
    heritability, prevalence = cell
    name = f"h{heritability:g}_k{prevalence:g}".replace(".", "p")
    simulation = {"n_samples": 6000, "heritability": heritability, "prevalence": prevalence}
    return Cohort(name, CONFIG, changes={"simulation": simulation})


def write_results(runs: dict[Cell, list[Run]], *, folder: Path) -> None:
    """Write one row for each cell, generator and metric, and the figure."""
    tables = []
    for (heritability, prevalence), of_cell in runs.items():
        measured = pd.concat(
            [read_run(run.results, TRAIT).assign(seed=run.seed) for run in of_cell]
        )
        generators = of_cell[0].cohort.settings.generator_names
        summary = summarise(measured[measured["metric"].isin(METRICS)], generators=generators)
        summary.insert(0, "heritability", heritability)
        summary.insert(1, "prevalence", prevalence)
        tables.append(summary[summary["generator"].isin(generators)])
    table = pd.concat(tables, ignore_index=True)
    write_table(table, folder / "known_effects.tsv")
    figure = draw_grid(table)
    for suffix in ("svg", "png"):
        save_figure(figure, folder / f"known_effects.{suffix}")
    print(f"wrote {folder / 'known_effects.tsv'}, .svg and .png")


def draw_grid(table: pd.DataFrame) -> Figure:
    """Draw each metric against heritability, a column of panels for each prevalence."""
    prevalences = sorted(table["prevalence"].unique())
    looks = look_of_each(list(dict.fromkeys(table["generator"])))
    with drawing_style():
        figure = new_figure(3.4 * len(prevalences) + 0.8, 5.6)
        panels = figure.subplots(
            len(METRICS), len(prevalences), sharex=True, sharey="row", squeeze=False
        )
        for row, (metric, label) in zip(panels, METRICS.items(), strict=True):
            row[0].set_ylabel(label)
            for axes, prevalence in zip(row, prevalences, strict=True):
                cell = table[(table["metric"] == metric) & (table["prevalence"] == prevalence)]
                _draw_cell(axes, cell, looks)
        for axes, prevalence in zip(panels[0], prevalences, strict=True):
            axes.set_title(f"prevalence {prevalence:g}", loc="left")
        for axes in panels[-1]:
            axes.set_xlabel("heritability of the liability")
        figure.legend(*panels[0, 0].get_legend_handles_labels(), loc="outside upper left", ncols=4)
    return figure


def _draw_cell(axes: Axes, cell: pd.DataFrame, looks: dict[str, Look]) -> None:
    axes.axhline(1, color=MUTED, lw=0.8, ls=(0, (4, 3)))
    for position, (name, look) in enumerate(looks.items()):
        own = cell[cell["generator"] == name].sort_values("heritability")
        x = own["heritability"] + 0.006 * (position - len(looks) / 2)  # beside each other
        axes.vlines(x, own["ci_low"], own["ci_high"], lw=1, **look.line)
        axes.plot(x, own["value"], marker=look.mark, ms=4, label=name_source(name), **look.line)


if __name__ == "__main__":
    main()
