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
exec {python} -m snakemake "$@" {less}
"""
TARGET = "cohort/plink2.version"


def commands() -> list[str]:
    """Every command of the document, in one line each."""
    blocks = BLOCK.findall((ROOT / "docs/cluster.md").read_text())
    lines = re.sub(r"\\\n\s*", "", "".join(blocks)).splitlines()
    typed = [re.sub(r"(^|\s+)# .*", "", line) for line in lines]
    return [line for line in typed if line and line.split()[0] not in ELSEWHERE]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of the checkout in which the cohorts of the document are tiny ones."""
    for name in CODE:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy2
        copy(ROOT / name, tmp_path / name)
    (tmp_path / "slurm").symlink_to("profiles/slurm")
    tiny = yaml.safe_load(TINY.read_text())
    traits = {"t2d": tiny["phenotypes"]["traits"]["disease"]}
    traits["ldl"] = tiny["phenotypes"]["traits"]["ldl"]
    tiny["phenotypes"]["traits"] = traits
    for name in ("t2d", "demo"):
        path = tmp_path / f"config/cohorts/{name}.yaml"
        cohort = yaml.safe_load(path.read_text())["cohort"]
        path.write_text(yaml.safe_dump(tiny | {"cohort": cohort}))
    return tmp_path


def type_in(command: str, checkout: Path, *, less: str) -> subprocess.CompletedProcess[str]:
    """Run a command in the checkout; `less` is what spares Snakemake most of its work."""
    programs = checkout / "programs"
    programs.mkdir()
    program = programs / "snakemake"
    program.write_text(SNAKEMAKE.format(python=sys.executable, less=less))
    program.chmod(0o755)
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(
        ["bash", "-c", command],
        cwd=checkout,
        env=environment | {"PATH": f"{programs}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=180,
    )


@pytest.mark.parametrize("command", [line for line in commands() if "sbatch" not in line])
def test_commands__are_understood(cluster: OneNode, checkout: Path, command: str) -> None:
    done = type_in(command, checkout, less="--dry-run")
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


@pytest.mark.parametrize("command", [line for line in commands() if line.startswith("sbatch")])
def test_snakemake_as_a_job__runs_jobs(cluster: OneNode, checkout: Path, command: str) -> None:
    before = len(cluster.jobs())
    done = type_in(command, checkout, less="--until check_plink2")
    assert done.returncode == 0, done.stderr
    wait_until(
        lambda: [job.state for job in cluster.jobs()[before:]] == ["COMPLETED"] * 2,
        what=f"not done: {cluster.jobs()[before:]}",
        patience_s=120,
    )
    assert list(checkout.glob("results/*/cohort/plink2.version"))
