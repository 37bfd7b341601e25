"""Causal variants and their effects from synthetic people, over heritability and prevalence.

    python -m benchmarks.known_effects OUTDIR [--heritability 0.2 0.5 0.8] [--prevalence 0.1 0.3]
                                              [--seeds 1 2 3] [--cores 2]
    python -m benchmarks.known_effects OUTDIR --tables-only

Each cell and seed simulates a cohort with known effects (benchmarks/known_effects.yaml) and runs
the workflow on it, up to its association scores. What is found in synthetic people stands beside
what as many training people show, whom generators learnt from, and held-out people, who are fewer.
Writes OUTDIR/known_effects.tsv, .svg and .png; what is finished is not run again.
"""

import argparse
import itertools
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.generator_tables import summarise
from benchmarks.runs import Cohort, Run, runs_through
from genosynth.data.genotypes import load_genotypes
from genosynth.evaluation.effects import estimate_effects
from genosynth.evaluation.known_truth import is_found, load_truth
from genosynth.files import read_table, write_table
from genosynth.reporting.drawing import (
    HOLDOUT_COLOUR,
    MUTED,
    TRAIN_COLOUR,
    Look,
    drawing_style,
    look_of_each,
    new_figure,
    save_figure,
)
from genosynth.reporting.wording import name_source
from genosynth.scores import METRICS
from tests.real_cohorts import ROOT

CONFIG = ROOT / "benchmarks/known_effects.yaml"
TRAIT = "disease"
FOUND = "causal_found"  # share of the panel's causal variants that are found, relative to nobody
RELATIVE = ["causal_recall", "causal_effect_slope"]  # to train; scored by the workflow
REAL_PEOPLE = {"real_train": Look(TRAIN_COLOUR, 1), "real_holdout": Look(HOLDOUT_COLOUR, 1)}
DRAWN = {
    FOUND: "causal variants found,\nshare of those in the panel",
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
            files = [path.relative_to(arguments.folder) for path in score_files(run).values()]
            runs_through(run, cores=arguments.cores, targets=files)
    unfinished = [run.name for run in wanted if not is_finished(run)]
    found = {cell: [run for run in of_cell if is_finished(run)] for cell, of_cell in runs.items()}
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
    return Cohort(name, CONFIG, changes={"simulation": simulation}, on_demand=())


def score_files(run: Run) -> dict[str, Path]:
    """Association scores of generators and real people, which is all that a run makes."""
    rows = [*run.cohort.settings.generator_names, *REAL_PEOPLE]
    return {row: run.results / TRAIT / row / "scores/1/association.tsv" for row in rows}


def is_finished(run: Run) -> bool:
    return all(path.is_file() for path in score_files(run).values())


def read_known_effects(run: Run) -> pd.DataFrame:
    """Read the scores relative to train of a run, and count what is found; in long form."""
    tables = []
    for row, path in score_files(run).items():
        scores = read_table(path)
        scores = scores[scores["metric"].isin(RELATIVE)]
        better = [str(METRICS[name].better) for name in scores["metric"]]
        tables.append(scores.assign(generator=row, better=better))
        found = {"generator": row, "metric": FOUND, "value": found_share(run, row)}
        tables.append(pd.DataFrame([found | {"better": "high", "ci_low": np.nan}]))
    columns = ["generator", "metric", "value", "ci_low", "ci_high", "better"]
    return pd.concat(tables).reindex(columns=columns).assign(seed=run.seed)


def found_share(run: Run, row: str) -> float:
    """Share of the panel's causal variants that are found in the people of a row."""
    truth = load_truth([run.results / "cohort/input/truth.tsv"], trait=TRAIT)
    people = load_genotypes(run.results / TRAIT / row / "synthetic/1")
    is_causal = people.variants["id"].isin(truth.index)
    return float(is_found(estimate_effects(people, TRAIT))[is_causal].mean())


def write_results(runs: dict[Cell, list[Run]], *, folder: Path) -> None:
    """Write one row for each cell, generator and metric, and the figure."""
    tables = []
    for (heritability, prevalence), of_cell in runs.items():
        measured = pd.concat([read_known_effects(run) for run in of_cell])
        generators = of_cell[0].cohort.settings.generator_names
        summary = summarise(measured, generators=generators)
        summary.insert(0, "heritability", heritability)
        summary.insert(1, "prevalence", prevalence)
        tables.append(summary)
    table = pd.concat(tables, ignore_index=True)
    write_table(table, folder / "known_effects.tsv")
    figure = draw_grid(table)
    for suffix in ("svg", "png"):
        save_figure(figure, folder / f"known_effects.{suffix}")
    print(f"wrote {folder / 'known_effects.tsv'}, .svg and .png")


def draw_grid(table: pd.DataFrame) -> Figure:
    """Draw each metric against heritability, a column of panels for each prevalence."""
    prevalences = sorted(table["prevalence"].unique())
    generators = [name for name in dict.fromkeys(table["generator"]) if name not in REAL_PEOPLE]
    looks = REAL_PEOPLE | look_of_each(generators)
    with drawing_style():
        figure = new_figure(3.4 * len(prevalences) + 0.8, 5.6)
        panels = figure.subplots(
            len(DRAWN), len(prevalences), sharex=True, sharey="row", squeeze=False
        )
        for row, (metric, label) in zip(panels, DRAWN.items(), strict=True):
            row[0].set_ylabel(label)
            for axes, prevalence in zip(row, prevalences, strict=True):
                cell = table[(table["metric"] == metric) & (table["prevalence"] == prevalence)]
                _draw_cell(axes, cell, looks)
                if metric in RELATIVE:
                    axes.axhline(1, color=MUTED, lw=0.8, ls=(0, (4, 3)))
        for axes, prevalence in zip(panels[0], prevalences, strict=True):
            axes.set_title(f"prevalence {prevalence:g}", loc="left")
        for axes in panels[-1]:
            axes.set_xlabel("heritability of the liability")
        figure.legend(*panels[0, 0].get_legend_handles_labels(), loc="outside upper left", ncols=4)
    return figure


def _draw_cell(axes: Axes, cell: pd.DataFrame, looks: dict[str, Look]) -> None:
    for position, (name, look) in enumerate(looks.items()):
        own = cell[cell["generator"] == name].sort_values("heritability")
        x = own["heritability"] + 0.006 * (position - len(looks) / 2)  # beside each other
        axes.vlines(x, own["ci_low"], own["ci_high"], lw=1, **look.line)
        axes.plot(x, own["value"], marker=look.mark, ms=4, label=name_source(name), **look.line)


if __name__ == "__main__":
    main()
