"""Runs of the workflow that benchmarks compare: a config, a seed, a folder of results."""

import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from genosynth.settings.config import Config, read_config
from genosynth.settings.generators import REFERENCE_ROWS
from tests.real_cohorts import ROOT, RealCohort, prepare_folder


@dataclass(frozen=True)
class Cohort:
    """A config; of a public cohort also where its data are.

    note: what its readers must know; changes: sections that differ from those of the config;
    on_demand: generators that configs leave out, fitted beside the others.
    """

    name: str
    config: Path
    public: RealCohort | None = None
    note: str = ""
    changes: dict[str, Any] = field(default_factory=dict, hash=False)
    on_demand: tuple[str, ...] = ("clusters",)

    @property
    def settings(self) -> Config:
        """Settings of the config, with the generators on demand."""
        values = yaml.safe_load(self.config.read_text())
        settings = read_config(values)
        generators = settings.model_dump(mode="json")["generators"]
        generators[1:1] = [name for name in self.on_demand if name not in generators]
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


def runs_through(run: Run, *, cores: str, targets: Sequence[str | Path] = ("evaluate",)) -> bool:
    """Run the workflow up to its targets, or what of it is missing; say how it went.

    targets: stages, or files below the folder of the benchmark.
    """
    public = run.cohort.public
    if public is not None and not public.folder.is_dir():
        print(f"{run.name}: no {public.folder}: name its parent in GENOSYNTH_DATA", flush=True)
        return False
    start = time.perf_counter()
    run.log.parent.mkdir(parents=True, exist_ok=True)
    if public is not None:
        prepare_folder(run.folder, public)
    command = [sys.executable, "-m", "snakemake", *targets, "--snakefile", ROOT / "Snakefile"]
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
    overlay = {"cohort": run.name, "seed": run.seed, "generators": generators, **run.cohort.changes}
    path = run.folder.resolve() / "configs" / f"{run.name}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(overlay, sort_keys=False))
    return path
