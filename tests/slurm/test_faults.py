"""What goes wrong on a cluster: too little memory, a lost controller, scancel, Ctrl-C, two runs."""

import signal
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.slurm.conftest import run_to_the_end, snakemake
from tests.slurm.node import Job, OneNode, wait_until
from tests.workflow.running import ROOT

HEAD = """\
include: "{root}/workflow/rules/common.smk"


rule all:
    default_target: True
    input:
        {outputs},
"""
RULE = """

rule {name}:
    output:
        "{name}.done",
    resources:
        mem_mb=growing_mb(800),
        runtime=growing_minutes(5),
    shell:
        "touch {name}.started && {command} && touch {{output}}"
"""
SLOW_AT_FIRST = "(test -e again || (touch again && sleep 600))"
GREEDY = "python3 -c 'x = bytearray(1_200_000_000); import time; time.sleep(3)'"


def write_workflow(folder: Path, **commands: str) -> None:
    """Write a workflow of independent rules, name → command, with the helpers of ours."""
    outputs = ", ".join(f'"{name}.done"' for name in commands)
    rules = [RULE.format(name=name, command=command) for name, command in commands.items()]
    text = HEAD.format(root=ROOT, outputs=outputs) + "".join(rules)
    (folder / "Snakefile").write_text(text)


@dataclass(frozen=True)
class TroubledRun:
    """A run in which much went wrong: its folder, its jobs, and what a second run came to."""

    workdir: Path
    jobs: list[Job]
    second_code: int

    def jobs_of(self, rule: str) -> list[Job]:
        return [job for job in self.jobs if job.rule == rule]


@pytest.fixture(scope="module")
def troubled(cluster: OneNode, tmp_path_factory) -> TroubledRun:
    """A job that needs more memory, one that outlives the controller, one that is cancelled."""
    workdir = tmp_path_factory.mktemp("troubled")
    commands = {"greedy": GREEDY, "patient": "sleep 12", "unwanted": SLOW_AT_FIRST}
    write_workflow(workdir, **commands)
    before = len(cluster.jobs())

    def all_run() -> bool:  # a job that is only starting would wait a minute for the controller
        return all((workdir / f"{name}.started").exists() for name in commands)

    with snakemake(workdir=workdir) as first:
        wait_until(all_run, what="not all jobs run", patience_s=120)
        (unwanted,) = (job for job in cluster.jobs()[before:] if job.rule == "unwanted")
        cluster.cancel(unwanted)
        cluster.stop_controller()
        cluster.start_controller()
        with snakemake(workdir=workdir, output="second.out") as second:
            second_code = second.wait(timeout=120)
        assert first.wait(timeout=300) == 0, (workdir / "snakemake.out").read_text()
    return TroubledRun(workdir, cluster.jobs()[before:], second_code)


def test_job_out_of_memory__comes_back_with_more(troubled: TroubledRun) -> None:
    attempts = troubled.jobs_of("greedy")
    assert [job.memory for job in attempts] == ["800M", "1600M"]
    assert [job.state == "COMPLETED" for job in attempts] == [False, True]
    logs = (troubled.workdir / ".snakemake/slurm_logs").rglob(f"{attempts[0].number}.log")
    assert "exceeded memory limit" in next(logs).read_text()


def test_controller_that_restarts__loses_no_job(troubled: TroubledRun) -> None:
    assert [job.state for job in troubled.jobs_of("patient")] == ["COMPLETED"]
    assert (troubled.workdir / "patient.done").exists()


def test_cancelled_job__comes_back(troubled: TroubledRun) -> None:
    assert [job.state for job in troubled.jobs_of("unwanted")] == ["CANCELLED", "COMPLETED"]


def test_second_run__is_refused(troubled: TroubledRun) -> None:
    assert troubled.second_code == 1
    assert "LockException" in (troubled.workdir / "second.out").read_text()


def test_run_that_asks_sacct__sees_its_jobs_end(cluster: OneNode, tmp_path: Path) -> None:
    if not cluster.has_accounting:
        pytest.skip("no accounting (slurmdbd, mariadb-server)")
    write_workflow(tmp_path, quick="true")
    run_to_the_end("--slurm-status-command", "sacct", workdir=tmp_path, patience_s=120)


def test_ctrl_c__cancels_the_job_and_unlocks_the_folder(cluster: OneNode, tmp_path: Path) -> None:
    write_workflow(tmp_path, endless="sleep 600")

    def running() -> list[Job]:
        return [job for job in cluster.unfinished() if job.rule == "endless"]

    with snakemake(workdir=tmp_path) as process:
        wait_until(lambda: bool(running()), what="no job was submitted", patience_s=120)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=120) == 1
    wait_until(lambda: not running(), what="the job was not cancelled")
    assert not list(tmp_path.glob(".snakemake/locks/*"))
