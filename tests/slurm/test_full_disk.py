"""A disk that is full: one clear error, nothing half-written, and the same command goes on."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.slurm.conftest import run_to_the_end, snakemake
from tests.slurm.node import OneNode
from tests.workflow.running import ROOT, TINY

ROOM = 300_000  # bytes, for Snakemake and the smaller ones of the files
COHORT = "results/tiny/cohort/input"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 8 MB that all jobs see."""
    mount = ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(tmp_path)]
    if subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("may not mount a small disk here")
    yield tmp_path
    subprocess.run(["umount", "--lazy", tmp_path], check=True)


def test_job_that_meets_a_full_disk__says_so_and_the_run_goes_on(
    cluster: OneNode, small_disk: Path
) -> None:
    command = [f"{COHORT}/simulated.bed", "--snakefile", ROOT / "Snakefile", "--configfile", TINY]
    others = small_disk / "files_of_others"
    others.write_bytes(bytes(shutil.disk_usage(small_disk).free - ROOM))
    with snakemake(*command, "--retries", "0", workdir=small_disk) as process:
        assert process.wait(timeout=300) == 1
    shown = (small_disk / "snakemake.out").read_text()
    assert f"ERROR {COHORT}/simulated.fam: cannot write: No space left on device" in shown
    assert "Traceback" not in shown
    assert [path for path in (small_disk / "results").rglob("*") if path.is_file()] == []

    others.unlink()
    run_to_the_end(*command, workdir=small_disk)
    simulation = yaml.safe_load(TINY.read_text())["simulation"]
    bytes_of_variant = -(-simulation["n_samples"] // 4)
    size = (small_disk / COHORT / "simulated.bed").stat().st_size
    assert size == 3 + simulation["n_variants"] * bytes_of_variant
