"""envs/ agrees with pyproject.toml and with the set-up; the stand-in conda takes every file."""

import os
import re
import shutil
import subprocess
import tomllib

import pytest
import yaml

from tests.workflow.running import ROOT, run_snakemake

ENVIRONMENTS = sorted((ROOT / "envs").glob("*.yaml"))
CONDA_NAMES = {"pytorch": "torch", "matplotlib-base": "matplotlib"}
NOT_OF_JOBS = {"snakemake", "snakemake-executor-plugin-slurm"}  # of the process that starts them


def project_pins() -> dict[str, str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return dict(requirement.split("==") for requirement in project["dependencies"])


def environment_pins() -> dict[str, str]:
    environment = yaml.safe_load((ROOT / "envs/genosynth.yaml").read_text())
    *by_conda, by_pip = environment["dependencies"]
    pins = dict(pin.split(" =") for pin in by_conda)
    pins = {CONDA_NAMES.get(name, name): version for name, version in pins.items()}
    return pins | dict(pin.split("==") for pin in by_pip["pip"])


def test_genosynth_environment__has_the_packages_of_the_project_and_no_others():
    assert set(environment_pins()) - {"python", "pip"} == set(project_pins()) - NOT_OF_JOBS


def test_genosynth_environment__has_the_versions_of_the_project():
    for name, version in project_pins().items():
        if name not in NOT_OF_JOBS:
            # conda builds may lag behind by a patch release, so a pin may stop before it
            assert f"{version}.".startswith(f"{environment_pins()[name]}.")


def test_plink2_environment__pins_the_build_that_the_set_up_unpacks():
    environment = yaml.safe_load((ROOT / "envs/plink2.yaml").read_text())
    version = re.search(r"plink2=2\.00~a([\d.]+)-", (ROOT / "tools/get_plink2.sh").read_text())
    assert environment["dependencies"] == [f"plink2 =2.0.0a.{version[1]}"]


@pytest.mark.parametrize("file", ENVIRONMENTS, ids=lambda path: path.stem)
def test_environments__are_accepted_by_the_stand_in_conda(file, tmp_path):
    conda = ROOT / "tests/workflow/fake_conda/bin/conda"
    command = [conda, "env", "create", "--file", file, "--prefix", tmp_path / "prefix"]
    subprocess.run(command, check=True)
    assert (tmp_path / "prefix/conda-meta/history").read_text() == file.read_text()


@pytest.mark.parametrize(
    ("edit", "complaint"),
    [
        (lambda text: text.replace("  - nodefaults\n", ""), "nodefaults last"),
        (lambda text: text.replace("plink2 =2.0.0a.6.9", "plink2"), "not pinned: plink2"),
        (lambda text: text.replace(" =", " >="), "not pinned"),
    ],
    ids=["channels", "no version", "loose version"],
)
def test_stand_in_conda__refuses_what_would_drift(edit, complaint, tmp_path):
    file = tmp_path / "environment.yaml"
    file.write_text(edit((ROOT / "envs/plink2.yaml").read_text()))
    conda = ROOT / "tests/workflow/fake_conda/bin/conda"
    command = [conda, "env", "create", "--file", file, "--prefix", tmp_path / "prefix"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 1
    assert complaint in done.stderr


@pytest.mark.skipif(shutil.which("plink2") is None, reason="plink2 is not on PATH")
def test_sdm_conda__runs_each_rule_in_the_environment_it_names(tmp_path):
    path = os.pathsep.join([str(ROOT / "tests/workflow/fake_conda/bin"), os.environ["PATH"]])
    done = run_snakemake(
        "results/tiny/cohort/plink2.version",
        "results/tiny/cohort/device.json",
        "--sdm=conda",
        workdir=tmp_path,
        environment={"PATH": path},
    )
    assert done.returncode == 0, done.stderr
    made = [path.read_text() for path in tmp_path.glob(".snakemake/conda/*/conda-meta/history")]
    assert sorted(made) == sorted(file.read_text() for file in ENVIRONMENTS)
    activated = re.findall(r"^Activating conda environment: (\S+)$", done.stderr, flags=re.M)
    assert len(set(activated)) == len(ENVIRONMENTS)
