"""One tiny run of the whole workflow, which many tests look at."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.workflow.running import ROOT, TINY, run_snakemake

CODE = ["Snakefile", "workflow", "genosynth", "config", "envs", "profiles", "resources"]


@dataclass(frozen=True)
class Run:
    """A finished run: its copy of the checkout, its working folder and Snakemake's output."""

    checkout: Path
    workdir: Path
    output: str

    @property
    def results(self) -> Path:
        """Results of the cohort."""
        return self.workdir / "results/tiny"

    def snakemake(self, *arguments: str | Path, config: Path = TINY):
        """Go on in the same folder with the same code."""
        return run_snakemake(
            *arguments, workdir=self.workdir, checkout=self.checkout, config=config
        )


@pytest.fixture(scope="session")
def finished(tmp_path_factory) -> Run:
    """The whole job on the tiny cohort, run from a folder outside a copy of the checkout."""
    if shutil.which("plink2") is None:
        pytest.skip("plink2 is not on PATH")
    checkout, workdir = tmp_path_factory.mktemp("checkout"), tmp_path_factory.mktemp("work")
    for name in CODE:
        source = ROOT / name
        copy = shutil.copytree if source.is_dir() else shutil.copy2
        copy(source, checkout / name)
    done = run_snakemake(workdir=workdir, checkout=checkout)
    assert done.returncode == 0, done.stderr[-3000:]
    return Run(checkout, workdir, done.stderr)
