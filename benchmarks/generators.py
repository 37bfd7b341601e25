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
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import yaml

from benchmarks.finished_runs import read_run
from benchmarks.generator_tables import describe_cohort, explain, markdown_table, summarise
from benchmarks.machine import describe_machine
from genosynth.files import write_table
from genosynth.settings.config import Config, read_config
from genosynth.settings.generators import REFERENCE_ROWS
from tests.real_cohorts import (
    ANCESTRY_PANEL,
    DENSE_REGION,
    EUROPEANS,
    MICE,
    ROOT,
    RealCohort,
    prepare_folder,
)

ON_DEMAND = "clusters"  # the generator that configs leave out
PUBLISHED = (
    " `gan` and `rbm` were published by Yelmen et al. 2021. They were fitted to everybody, the "
    "held-out people included, so nearness to train alone says nothing of what they remember; "
    "a person is two haplotypes joined at random."
)
FAMILIES = (
    " Held-out mice are of other litters: even training mice are told from them, so what compares "
    "with held-out people ranks little."
)


@dataclass(frozen=True)
class Cohort:
    """A config; of a public cohort also where its data are. note: what its readers must know."""

    name: str
    config: Path
    public: RealCohort | None = None
    note: str = ""

    @property
    def settings(self) -> Config:
        """Settings of the config, with every generator there is."""
        values = yaml.safe_load(self.config.read_text())
        settings = read_config(values)
        generators = settings.model_dump(mode="json")["generators"]
        if ON_DEMAND not in generators:
            generators.insert(1, ON_DEMAND)
        return read_config(values | {"generators": generators})

    @property
    def rows(self) -> list[str]:
        """Generators, then reference rows."""
        return [*self.settings.generator_names, *REFERENCE_ROWS]


@dataclass(frozen=True)
class Run:
    """A cohort and a seed in the folder of the benchmark."""

    cohort: Cohort
    seed: int
    folder: Path

    @property
    def name(self) -> str:
        """Name of the run among the results."""
        return f"{self.cohort.name}_seed{self.seed}"

    @property
    def results(self) -> Path:
        """Folder of its results."""
        return self.folder / "results" / self.name

    @property
    def log(self) -> Path:
        """What Snakemake said."""
        return self.folder / "logs" / f"{self.name}.log"

    @property
    def is_finished(self) -> bool:
        """Whether every trait has its scores."""
        traits = self.cohort.settings.trait_names
        return all((self.results / trait / "scores.tsv").is_file() for trait in traits)


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


def runs_through(run: Run, *, cores: str) -> bool:
    """Run the workflow up to its scores, or what of it is missing; say how it went."""
    public = run.cohort.public
    if public is not None and not public.folder.is_dir():
        print(f"{run.name}: no {public.folder}: name its parent in GENOSYNTH_DATA", flush=True)
        return False
    start = time.perf_counter()
    run.log.parent.mkdir(parents=True, exist_ok=True)
    if public is not None:
        prepare_folder(run.folder, public)
    command = [sys.executable, "-m", "snakemake", "evaluate", "--snakefile", ROOT / "Snakefile"]
    command += ["--configfile", run.cohort.config.resolve(), write_overlay(run), "--cores", cores]
    with run.log.open("w") as log:
        done = subprocess.run(command, cwd=run.folder, stdout=log, stderr=subprocess.STDOUT)
    seconds = time.perf_counter() - start
    how = f"failed, see {run.log}" if done.returncode else "finished"
    print(f"{run.name}: {how} after {seconds:.0f} s", flush=True)
    return done.returncode == 0


def write_overlay(run: Run) -> Path:
    """Write what a run changes in the config of its cohort, for Snakemake and for readers."""
    generators = run.cohort.settings.model_dump(mode="json", exclude_none=True)["generators"]
    overlay = {"cohort": run.name, "seed": run.seed, "generators": generators}
    path = run.folder.resolve() / "configs" / f"{run.name}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(overlay, sort_keys=False))
    return path


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
