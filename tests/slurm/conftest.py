"""One cluster for all tests of this folder, and Snakemake as its users start it."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.slurm.node import OneNode
from tests.workflow.running import ROOT

# The profile, less what a test cannot wait for; no accounting, so the queue is asked.
PROFILE = [
    *("--profile", str(ROOT / "slurm"), "--slurm-status-command", "squeue"),
    *("--slurm-init-seconds-before-status-checks", "2", "--latency-wait", "10"),
]


@pytest.fixture(scope="session")
def cluster(tmp_path_factory) -> Iterator[OneNode]:
    """Start a cluster, or skip the tests that need one."""
    if reason := OneNode.unavailable():
        pytest.skip(reason)
    node = OneNode(tmp_path_factory.mktemp("slurm"))
    node.start()
    yield node
    node.stop()


def start_snakemake(*arguments: str | Path, workdir: Path) -> subprocess.Popen[str]:
    """Start Snakemake with the profile, output to a file; Ctrl-C reaches it as in a terminal."""
    command = [sys.executable, "-m", "snakemake", *PROFILE, *map(str, arguments)]
    with (workdir / "snakemake.out").open("w") as output:
        return subprocess.Popen(
            command,
            cwd=workdir,
            env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )


def run_to_the_end(*arguments: str | Path, workdir: Path, patience_s: float = 300) -> str:
    """Run Snakemake with the profile, which must succeed; give its output."""
    process = start_snakemake(*arguments, workdir=workdir)
    code = process.wait(timeout=patience_s)
    output = (workdir / "snakemake.out").read_text()
    assert code == 0, output[-3000:]
    return output
