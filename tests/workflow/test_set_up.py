"""tools/get_plink2.sh finds, installs or asks for a plink2 that is new enough."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.workflow.running import ROOT

FAKE_CONDA = ROOT / "tests/workflow/fake_conda/bin"
# What the script may use on a machine that has neither plink2 nor conda nor apt.
BASIC_PROGRAMS = ["bash", "awk", "cat", "dirname", "env", "head", "ln", "mkdir", "rm"]


@pytest.fixture
def programs(tmp_path) -> Path:
    """A folder of programs that is the whole PATH."""
    folder = tmp_path / "programs"
    folder.mkdir()
    for name in BASIC_PROGRAMS:
        (folder / name).symlink_to(shutil.which(name))
    return folder


@pytest.fixture
def get_plink2(tmp_path, programs):
    """Run the script in a copy of what it reads."""
    for folder in ("tools", "envs", "workflow/scripts"):
        shutil.copytree(ROOT / folder, tmp_path / "checkout" / folder)

    def run(**environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [tmp_path / "checkout/tools/get_plink2.sh"],
            env={"PATH": str(programs), **environment},
            capture_output=True,
            text=True,
        )

    return run


def make_plink2(folder: Path, version: str) -> None:
    (folder / "plink2").write_text(f"#!/bin/sh\necho '{version}'\n")
    (folder / "plink2").chmod(0o755)


@pytest.mark.parametrize(
    "version",
    [
        "PLINK v2.00a6LM 64-bit Intel (2 Mar 2024)",
        "PLINK v2.0.0-a.6.9 AVX2 (29 Jan 2025)",
        "PLINK v2.0.0-a.10 64-bit (1 Jan 2027)",
        "PLINK v2.0.0-b.1 64-bit (1 Jan 2027)",
        "PLINK v2.0.0 64-bit (1 Jan 2027)",
        "PLINK v2.1.0 64-bit (1 Jan 2028)",
    ],
)
def test_get_plink2__takes_a_new_enough_one_from_the_path(get_plink2, programs, version):
    make_plink2(programs, version)
    done = get_plink2()
    assert done.returncode == 0, done.stderr
    assert version in done.stdout


@pytest.mark.parametrize(
    "version",
    [
        "PLINK v1.9.0-b.7.7 64-bit (22 Oct 2024)",
        "PLINK v2.00a3.5LM 64-bit Intel (1 Nov 2022)",
        "PLINK v2.00a5.12LM 64-bit Intel (25 Jun 2024)",
        "PLINK v2.0.0-a.5.16 AVX2 (1 Dec 2024)",
    ],
)
def test_get_plink2__refuses_an_old_one_and_says_what_to_install(get_plink2, programs, version):
    make_plink2(programs, version)
    done = get_plink2()
    assert done.returncode == 1
    assert f"found on PATH: {version}" in done.stderr
    assert "conda, mamba or micromamba" in done.stderr


def test_get_plink2__says_what_to_install_where_there_is_nothing(get_plink2):
    done = get_plink2()
    assert done.returncode == 1
    assert done.stderr.startswith("plink2 2.0.0-a.6 or newer is needed; found on PATH: none.")


@pytest.mark.parametrize("tool", ["conda", "mamba", "micromamba"])
def test_get_plink2__installs_with_conda_and_then_reuses_it(get_plink2, programs, tmp_path, tool):
    (programs / tool).symlink_to(FAKE_CONDA / "conda")
    (programs / "python3").symlink_to(sys.executable)
    (tmp_path / "package").mkdir()
    make_plink2(tmp_path / "package", "PLINK v2.0.0-a.6.9 64-bit (29 Jan 2025)")
    done = get_plink2(
        FAKE_CONDA_PROGRAMS=str(tmp_path / "package"),
        PYTHONPATH=os.pathsep.join(path for path in sys.path if path.endswith("site-packages")),
    )
    assert done.returncode == 0, done.stderr
    assert f"installing with {tool}" in done.stdout
    assert "ready, .tools/bin/plink2" in done.stdout
    assert "installing" not in get_plink2().stdout
