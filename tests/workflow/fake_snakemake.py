"""Run a rule's script as Snakemake would, without Snakemake."""

import runpy
from pathlib import Path
from types import SimpleNamespace

SCRIPTS = Path(__file__).parents[2] / "workflow/scripts"


class Named(SimpleNamespace):
    """Named files or parameters, which Snakemake also counts and walks through."""

    def __getitem__(self, position: int):
        return list(vars(self).values())[position]

    def __iter__(self):
        return iter(vars(self).values())


def run_script(
    name: str, *, log: Path, threads: int = 1, wildcards: dict | None = None, **job: dict
) -> None:
    """Run workflow/scripts/`name`.py with `input=`, `output=`, `params=`, … given as dicts."""
    parts = {part: Named(**values) for part, values in job.items()}
    snakemake = SimpleNamespace(
        log=[str(log)], threads=threads, wildcards=Named(**(wildcards or {})), **parts
    )
    runpy.run_path(str(SCRIPTS / f"{name}.py"), {"snakemake": snakemake})
