"""What goes wrong on a cluster: too little memory, Ctrl-C, a second run, a lost controller."""

import signal
from pathlib import Path

from tests.slurm.conftest import run_to_the_end, snakemake
from tests.slurm.node import OneNode, wait_until
from tests.workflow.running import ROOT

WORKFLOW = """\
include: "{root}/workflow/rules/common.smk"


rule {rule}:
    output: "done"
    resources:
        mem_mb=growing_mb({mem_mb}),
        runtime=growing_minutes(5),
    shell: "{command} && touch {{output}}"
"""
GREEDY = "python3 -c 'x = bytearray(1_200_000_000); import time; time.sleep(5)'"


def write_workflow(folder: Path, rule: str, command: str, *, mem_mb: int) -> Path:
    """Write a workflow of one rule, with the helpers of ours."""
    path = folder / "Snakefile"
    path.write_text(WORKFLOW.format(root=ROOT, rule=rule, command=command, mem_mb=mem_mb))
    return path


def test_job_out_of_memory__comes_back_with_more(cluster: OneNode, tmp_path: Path) -> None:
    write_workflow(tmp_path, "greedy", GREEDY, mem_mb=800)
    run_to_the_end(workdir=tmp_path)
    attempts = [job for job in cluster.jobs() if job.rule == "greedy"]
    assert [job.memory for job in attempts] == ["800M", "1600M"]
    assert [job.state == "COMPLETED" for job in attempts] == [False, True]
    logs = (tmp_path / ".snakemake/slurm_logs").rglob(f"{attempts[0].number}.log")
    assert "exceeded memory limit" in next(logs).read_text()


def test_second_run__is_refused_and_ctrl_c_cancels_the_first(
    cluster: OneNode, tmp_path: Path
) -> None:
    write_workflow(tmp_path, "endless", "sleep 600", mem_mb=500)

    def running() -> list:
        return [job for job in cluster.unfinished() if job.rule == "endless"]

    with snakemake(workdir=tmp_path) as first:
        wait_until(lambda: bool(running()), what="no job was submitted", patience_s=120)
        with snakemake(workdir=tmp_path) as second:
            assert second.wait(timeout=120) == 1
        assert "LockException" in (tmp_path / "snakemake.out").read_text()
        first.send_signal(signal.SIGINT)
        assert first.wait(timeout=120) == 1
    wait_until(lambda: not running(), what="the job was not cancelled")
    assert not list(tmp_path.glob(".snakemake/locks/*"))


def test_controller_that_restarts__loses_no_job(cluster: OneNode, tmp_path: Path) -> None:
    write_workflow(tmp_path, "patient", "sleep 15", mem_mb=500)
    with snakemake(workdir=tmp_path) as process:
        wait_until(
            lambda: any(job.rule == "patient" and job.state == "RUNNING" for job in cluster.jobs()),
            what="no job runs",
            patience_s=120,
        )
        cluster.stop_controller()
        cluster.start_controller()
        assert process.wait(timeout=300) == 0, (tmp_path / "snakemake.out").read_text()
    assert [job.state for job in cluster.jobs() if job.rule == "patient"] == ["COMPLETED"]
