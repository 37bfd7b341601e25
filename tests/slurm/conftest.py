"""One cluster for all tests of this folder, and Snakemake as its users start it."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.slurm.node import OneNode
from tests.workflow.running import ROOT

# The profile, less what a test cannot wait for: a job of seconds has ended when it is asked for the
# first time.
PROFILE = [
    *("--profile", str(ROOT / "slurm"), "--latency-wait", "10"),
    *("--slurm-init-seconds-before-status-checks", "8"),
]


@pytest.fixture(scope="session")
def cluster(tmp_path_factory) -> Iterator[OneNode]:
    """Start a cluster, or skip the tests that need one."""
    if reason := OneNode.unavailable():
        pytest.skip(reason)
    node = OneNode(tmp_path_factory.mktemp("slurm"))
    try:
        node.start()
    except (TimeoutError, subprocess.CalledProcessError) as error:  # a sandbox can forbid it
        node.stop()
        pytest.skip(f"SLURM does not start on this machine: {error}")
    yield node
    node.stop()


@contextmanager
def snakemake(
    *arguments: str | Path, workdir: Path, output: str = "snakemake.out"
) -> Iterator[subprocess.Popen[str]]:
    """Start Snakemake with the profile, output to a file; Ctrl-C reaches it as in a terminal.

    Whatever happens, it does not outlive the block.
    """
    command = [sys.executable, "-m", "snakemake", *PROFILE, *map(str, arguments)]
    with (workdir / output).open("w") as stream:
        process = subprocess.Popen(
            command,
            cwd=workdir,
            env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
            text=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def run_to_the_end(*arguments: str | Path, workdir: Path, patience_s: float = 600) -> None:
    """Run Snakemake with the profile, which must succeed."""
    with snakemake(*arguments, workdir=workdir) as process:
        code = process.wait(timeout=patience_s)
    assert code == 0, (workdir / "snakemake.out").read_text()[-3000:]
