"""A disk that is full: one clear error, nothing half-written, and the same command goes on."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.slurm.conftest import run_to_the_end, snakemake
from tests.slurm.node import OneNode
from tests.small_disk import fill, small_disk
from tests.workflow.running import ROOT, TINY

ROOM = 300_000  # bytes, for Snakemake and the smaller ones of the files
COHORT = "results/tiny/cohort/input"


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 8 MB that all jobs see."""
    with small_disk(tmp_path, size="8m"):
        yield tmp_path


def test_job_that_meets_a_full_disk__says_so_and_the_run_goes_on(
    cluster: OneNode, disk: Path
) -> None:
    command = [f"{COHORT}/simulated.bed", "--snakefile", ROOT / "Snakefile", "--configfile", TINY]
    others = disk / "files_of_others"
    fill(others, but_for=ROOM)
    with snakemake(*command, "--retries", "0", workdir=disk) as process:
        assert process.wait(timeout=300) == 1
    shown = (disk / "snakemake.out").read_text()
    assert f"ERROR {COHORT}/simulated.fam: cannot write: No space left on device" in shown
    assert "Traceback" not in shown
    assert [path for path in (disk / "results").rglob("*") if path.is_file()] == []

    others.unlink()
    run_to_the_end(*command, workdir=disk)
    simulation = yaml.safe_load(TINY.read_text())["simulation"]
    bytes_of_variant = -(-simulation["n_samples"] // 4)
    size = (disk / COHORT / "simulated.bed").stat().st_size
    assert size == 3 + simulation["n_variants"] * bytes_of_variant
