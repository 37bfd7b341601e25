"""envs/ and the Dockerfile agree with pyproject.toml and the set-up; stand-ins run them."""

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


def dockerfile() -> list[str]:
    """Instructions of the Dockerfile, continued lines joined."""
    lines = (ROOT / "Dockerfile").read_text().replace("\\\n", " ").splitlines()
    return [" ".join(line.split()) for line in lines if line and not line.startswith("#")]


def test_image__has_the_packages_of_the_project_and_no_others(tmp_path):
    installing = next(each for each in dockerfile() if "pip install" in each)
    listing, _, _ = installing.removeprefix("RUN ").partition(" && pip")
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    subprocess.run(["sh", "-c", listing], cwd=tmp_path, check=True)
    listed = (tmp_path / "requirements.txt").read_text().split()
    assert dict(pin.split("==") for pin in listed) == project_pins()


def test_image__has_the_python_of_the_conda_environment():
    assert dockerfile()[0] == f"FROM python:{environment_pins()['python']}-slim-trixie"


def test_image__copies_what_the_daemon_is_given_and_nothing_else():
    kept = (ROOT / ".dockerignore").read_text().splitlines()
    copied = [each.split()[1] for each in dockerfile() if each.startswith("COPY")]
    assert kept[1:] == ["*", *(f"!{file}" for file in copied)]
    for file in copied:
        assert (ROOT / file).is_file()


def test_image__gets_plink2_by_the_set_up():
    assert "RUN tools/get_plink2.sh" in dockerfile()
    assert "ENV PATH=/opt/genosynth/.tools/bin:$PATH" in dockerfile()


def run_in_image(workdir):
    path = os.pathsep.join([str(ROOT / "tests/workflow/fake_apptainer/bin"), os.environ["PATH"]])
    return run_snakemake(
        "results/tiny/cohort/plink2.version",
        "results/tiny/cohort/device.json",
        "--sdm=apptainer",
        workdir=workdir,
        environment={"PATH": path},
    )


@pytest.mark.skipif(shutil.which("plink2") is None, reason="plink2 is not on PATH")
def test_sdm_apptainer__runs_every_job_in_the_image(tmp_path):
    (tmp_path / "genosynth.sif").touch()
    done = run_in_image(tmp_path)
    assert done.returncode == 0, done.stderr
    activated = re.findall(r"^Activating singularity image (\S+)$", done.stderr, flags=re.M)
    assert activated == ["genosynth.sif"] * 2


def test_sdm_apptainer__without_the_image_stops(tmp_path):
    done = run_in_image(tmp_path)
    assert done.returncode == 1
    assert "could not open image genosynth.sif" in done.stderr
