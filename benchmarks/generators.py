"""Every generator and reference row on simulated and public cohorts, over seeds.

    python -m benchmarks.generators OUTDIR [--cohorts demo chr22 …] [--seeds 1 2 3] [--cores 2]
    python -m benchmarks.generators OUTDIR --tables-only

Each cohort and seed is a run of its own, OUTDIR/results/<cohort>_seed<seed>: another simulation or
split, other networks, other synthetic people. What is finished is not run again, unless code or
settings behind it changed; a run that fails is named, and the rest goes on. Writes
OUTDIR/generators.md and generators.tsv. Public cohorts are looked for in GENOSYNTH_DATA (default:
../shared/data beside the checkout).
"""

import argparse
import sys
from pathlib import Path

import pandas as pd

from benchmarks.finished_runs import read_run
from benchmarks.generator_tables import describe_cohort, explain, markdown_table, summarise
from benchmarks.machine import describe_machine
from benchmarks.runs import Cohort, Run, runs_through
from genosynth.files import write_table
from tests.real_cohorts import ANCESTRY_PANEL, DENSE_REGION, EUROPEANS, MICE, ROOT

PUBLISHED = (
    " `gan` and `rbm` were published by Yelmen et al. 2021. They were fitted to everybody, the "
    "held-out people included, so nearness to train alone says nothing of what they remember; "
    "a person is two haplotypes joined at random."
)
FAMILIES = (
    " Held-out mice are of other litters: even training mice are told from them, so what compares "
    "with held-out people ranks little."
)


COHORTS = {
    cohort.name: cohort
    for cohort in (
        Cohort("demo", ROOT / "config/cohorts/demo.yaml"),
        Cohort("expected", ROOT / "benchmarks/expected.yaml"),
        Cohort("small", ROOT / "benchmarks/small.yaml"),
        Cohort("ldl", ROOT / "benchmarks/ldl.yaml"),
        Cohort("chr22", ROOT / "benchmarks/chr22.yaml", DENSE_REGION),
        Cohort("eur489", ROOT / "benchmarks/eur489.yaml", EUROPEANS),
        Cohort("yelmen", ANCESTRY_PANEL.config, ANCESTRY_PANEL, PUBLISHED),
        Cohort("mice", MICE.config, MICE, FAMILIES),
    )
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", metavar="OUTDIR", type=Path)
    parser.add_argument("--cohorts", nargs="+", choices=COHORTS, default=list(COHORTS))
    parser.add_argument("--seeds", nargs="+", type=int, default=[1, 2, 3])
    parser.add_argument("--cores", default="all")
    parser.add_argument("--tables-only", action="store_true", help="run nothing: what is finished")
    arguments = parser.parse_args()
    machine = describe_machine("snakemake", "torch")
    runs = [
        Run(COHORTS[name], seed, arguments.folder)
        for seed in arguments.seeds  # a first table of every cohort comes early
        for name in arguments.cohorts
    ]
    if arguments.tables_only:
        finished = [run for run in runs if run.is_finished]
    else:
        finished = [run for run in runs if runs_through(run, cores=arguments.cores)]
    write_tables(finished, folder=arguments.folder, machine=machine)
    failed = [run.name for run in runs if run not in finished]
    if failed:
        sys.exit(f"not finished: {', '.join(failed)}")


def write_tables(runs: list[Run], *, folder: Path, machine: str) -> None:
    """Summarise finished runs, one table for each cohort and trait."""
    pages, summaries = ["# Generators\n", explain()], []
    for cohort in dict.fromkeys(run.cohort for run in runs):
        of_cohort = sorted((run for run in runs if run.cohort == cohort), key=lambda run: run.seed)
        for trait in cohort.settings.trait_names:
            measured = [read_run(run.results, trait).assign(seed=run.seed) for run in of_cohort]
            summary = summarise(pd.concat(measured), generators=cohort.settings.generator_names)
            title = f"{cohort.name}, trait {trait}" if trait != "none" else cohort.name
            sizes = describe_cohort([run.results for run in of_cohort], trait)
            seeds = ", ".join(str(run.seed) for run in of_cohort)
            pages.append(f"## {title}\n\n{sizes}; seeds: {seeds}.{cohort.note}\n")
            pages.append(markdown_table(summary, rows=cohort.rows) + "\n")
            summary.insert(0, "cohort", cohort.name)
            summary.insert(1, "trait", trait)
            summaries.append(summary)
    if not summaries:
        return
    (folder / "generators.md").write_text("\n".join([*pages, f"{machine}.\n"]))
    write_table(pd.concat(summaries, ignore_index=True), folder / "generators.tsv")
    print(f"wrote {folder / 'generators.md'} and generators.tsv")


if __name__ == "__main__":
    main()
