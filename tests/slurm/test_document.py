"""docs/cluster.md word by word: what it tells a new user to type is typed."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.slurm.node import OneNode, wait_until
from tests.workflow.conftest import CODE
from tests.workflow.running import ROOT, TINY

BLOCK = re.compile(r"```bash\n(.*?)```", re.DOTALL)
# These need a network, a terminal or Docker; what they install is in place here.
ELSEWHERE = {"apptainer", "docker", "export", "git", "tmux", "tools/set_up.sh"}
# As one types it, with little to do.
SNAKEMAKE = """\
#!/bin/sh
exec {python} -m snakemake "$@" $LESS
"""


def commands() -> list[str]:
    """Every command of the document once, in one line each."""
    blocks = BLOCK.findall((ROOT / "docs/cluster.md").read_text())
    lines = re.sub(r"\\\n\s*", "", "".join(blocks)).splitlines()
    typed = dict.fromkeys(re.sub(r"(^|\s+)# .*", "", line) for line in lines)
    return [line for line in typed if line and line.split()[0] not in ELSEWHERE]


@pytest.fixture(scope="module")
def checkout(tmp_path_factory) -> Path:
    """A copy of the checkout in which the cohorts of the document are tiny ones."""
    folder = tmp_path_factory.mktemp("genosynth")
    for name in CODE:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy2
        copy(ROOT / name, folder / name)
    (folder / "slurm").symlink_to("profiles/slurm")
    tiny = yaml.safe_load(TINY.read_text())
    traits = tiny["phenotypes"]["traits"]
    traits["t2d"] = traits.pop("disease")
    for name in ("t2d", "demo"):
        path = folder / f"config/cohorts/{name}.yaml"
        cohort = yaml.safe_load(path.read_text())["cohort"]
        path.write_text(yaml.safe_dump(tiny | {"cohort": cohort}))
    program = folder / "programs/snakemake"
    program.parent.mkdir()
    program.write_text(SNAKEMAKE.format(python=sys.executable))
    program.chmod(0o755)
    return folder


def type_in(command: str, checkout: Path, *, less: str) -> str:
    """Run a command in the checkout; `less` is what spares Snakemake most of its work."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    environment |= {"PATH": f"{checkout}/programs:{os.environ['PATH']}", "LESS": less}
    done = subprocess.run(
        ["bash", "-c", command], cwd=checkout, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


@pytest.mark.parametrize("command", [line for line in commands() if "sbatch" not in line])
def test_commands__are_understood(checkout: Path, command: str) -> None:
    assert "This was a dry-run" in type_in(command, checkout, less="--dry-run")


def submit(checkout: Path, *, less: str) -> None:
    """Submit Snakemake as a job, which soon asks how its own one is."""
    (command,) = (line for line in commands() if line.startswith("sbatch"))
    soon = "--slurm-init-seconds-before-status-checks 8"
    type_in(command, checkout, less=f"--until check_plink2 {soon} {less}")


def test_snakemake_as_a_job__runs_jobs(cluster: OneNode, checkout: Path) -> None:
    before = len(cluster.jobs())
    submit(checkout, less="")
    wait_until(
        lambda: [job.state for job in cluster.jobs()[before:]] == ["COMPLETED"] * 2,
        what="Snakemake and its job have not ended well",
        patience_s=300,
    )
    assert cluster.jobs()[-1].rule == "check_plink2"
    assert list(checkout.glob("results/*/cohort/plink2.version"))


def test_snakemake_as_a_job__ends_as_with_ctrl_c(cluster: OneNode, checkout: Path) -> None:
    """Told so as SLURM tells it before its time is up; what it waits for has no room to start."""
    before = len(cluster.jobs())
    submit(checkout, less="--forcerun check_plink2 --set-resources check_plink2:mem_mb=99000")
    wait_until(lambda: len(cluster.jobs()) == before + 2, what="no job in the job", patience_s=120)
    assert list(checkout.glob(".snakemake/locks/*"))
    cluster.interrupt(cluster.jobs()[before])
    wait_until(
        lambda: [job.state for job in cluster.jobs()[before:]] == ["FAILED", "CANCELLED"],
        what="Snakemake and its job have not ended",
        patience_s=120,
    )
    assert not list(checkout.glob(".snakemake/locks/*"))
