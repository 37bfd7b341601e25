"""Bad input: one clear error, before any long job, and nothing half-written."""

import copy
import os
import re
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
import psutil
import pytest
import torch
import yaml

from genosynth.files import read_table, write_table
from tests.workflow.running import run_snakemake, snakemake_command

FIRST_LONG_RULE = "import_genotypes"
MAIN = {
    "cohort": "mine",
    "phenotypes": {
        "path": "data/phenotypes.tsv",
        "traits": {"disease": {"column": "disease", "kind": "binary"}},
        "covariates": ["sex", "age"],
    },
    "genotypes": {"path": "data/simulated"},
    "selection": {"size": 64},
}


@pytest.fixture(scope="session")
def simulated(tmp_path_factory) -> Path:
    """Genotypes and phenotypes of the tiny cohort, as a user would bring them."""
    if shutil.which("plink2") is None:
        pytest.skip("plink2 is not on PATH")
    workdir = tmp_path_factory.mktemp("simulated")
    done = run_snakemake("results/tiny/cohort/input/simulated.bed", workdir=workdir)
    assert done.returncode == 0, done.stdout + done.stderr
    return workdir / "results/tiny/cohort/input"


@dataclass
class Project:
    """A user's folder: data, a config, and what a run leaves behind."""

    folder: Path
    values: dict = field(default_factory=lambda: copy.deepcopy(MAIN))

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def change(self, section: str, **settings: object) -> None:
        self.values[section] = self.values.get(section, {}) | settings

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        config = self.folder / "config.yaml"
        config.write_text(yaml.safe_dump(self.values))
        return run_snakemake(
            *arguments, workdir=self.folder, config=config, environment=environment
        )

    def error(self, *arguments: str, **environment: str) -> str:
        """Run to the one error there must be, and check that nothing is half-written."""
        done = self.run(*arguments, **environment)
        assert done.returncode == 1, done.stdout + done.stderr
        assert not self.half_written()
        logs = [path.read_text() for path in (self.folder / "logs").rglob("*.log")]
        lines = [line for log in logs for line in log.splitlines() if "ERROR" in line]
        if not lines:  # stopped before any job
            assert not (self.folder / "results").exists()
            lines = re.findall(r"^\w+Error in file .+\n(.+)$", done.stderr, flags=re.M)
        assert len(lines) == 1, done.stderr
        assert "Traceback" not in done.stderr
        return lines[0]

    def half_written(self) -> list[Path]:
        names = ("*.part", "*.making*")
        return [path for name in names for path in (self.folder / "results").rglob(name)]

    def finished_rules(self) -> set[str]:
        return {path.name for path in (self.folder / "results/mine/timings").glob("*")}


@pytest.fixture
def project(simulated, tmp_path) -> Project:
    shutil.copytree(simulated, tmp_path / "data")
    return Project(tmp_path)


def test_missing_genotypes__stop_before_any_job(project):
    (project.data / "simulated.bed").unlink()
    assert "simulated.bed" in project.error()


def test_missing_phenotypes__stop_before_any_job(project):
    (project.data / "phenotypes.tsv").unlink()
    assert "data/phenotypes.tsv: no such file" in project.error()


def test_truncated_bed__stops_before_any_long_job(project):
    with (project.data / "simulated.bed").open("r+b") as bed:
        bed.truncate(10_000)
    assert "simulated.bed: the file is truncated" in project.error()
    assert FIRST_LONG_RULE not in project.finished_rules()


def test_absent_column__stops_before_any_long_job(project):
    project.change("phenotypes", covariates=["sex", "agee"])
    assert "no column agee" in project.error()
    assert FIRST_LONG_RULE not in project.finished_rules()


def test_too_few_cases__are_counted_in_train(project):
    table = read_table(project.data / "phenotypes.tsv", dtype=str)
    cases = table.index[table["disease"] == "2"]
    table.loc[cases[60:], "disease"] = "1"
    write_table(table, project.data / "phenotypes.tsv")
    assert re.search(r"trait disease: \d+ cases .*at least 100 are needed", project.error())
    assert "run_gwas" not in project.finished_rules()


def test_qc_that_leaves_no_variant__names_the_setting(project):
    project.change("qc", maf=0.499, hwe_p=0.999, kinship=None)
    assert "no variant is left after qc.hwe_p = 0.999" in project.error()


def test_clumping_that_leaves_no_variant__names_the_setting(project):
    project.change("selection", p_value=1e-300)
    assert "selection.p_value = 1e-300" in project.error()


def test_statistics_without_alleles__name_the_columns(project):
    trait = {"column": "disease", "kind": "binary", "summary_statistics": "data/gwas.tsv"}
    project.change("phenotypes", traits={"disease": trait})
    bim = pd.read_csv(project.data / "simulated.bim", sep="\t", header=None)
    gwas = pd.DataFrame({"SNP": bim[1], "BETA": 0.1, "SE": 0.1, "P": 0.5})
    write_table(gwas, project.data / "gwas.tsv")
    assert "no effect-allele column" in project.error()


def test_polygenic_score_of_strangers__stops_the_run(project):
    (project.data / "pgs.txt").write_text("rsID\teffect_allele\teffect_weight\nrs1\tA\t1\n")
    scores = {"strange": "data/pgs.txt"}
    trait = {"column": "disease", "kind": "binary", "polygenic_scores": scores}
    project.change("phenotypes", traits={"disease": trait})
    assert "data/pgs.txt: none of its 1 variants is one of the panel's" in project.error()


def test_statistics_on_another_build__match_too_little(project):
    trait = {"column": "disease", "kind": "binary", "summary_statistics": "data/gwas.tsv"}
    project.change("phenotypes", traits={"disease": trait})
    bim = pd.read_csv(project.data / "simulated.bim", sep="\t", header=None)
    gwas = pd.DataFrame({"CHR": bim[0], "BP": bim[3] + 12_345, "A1": bim[4], "A2": bim[5]})
    write_table(gwas.assign(BETA=0.1, SE=0.1, P=0.5), project.data / "gwas.tsv")
    assert "rows match one of the cohort's" in project.error()


def test_old_plink2__stops_before_any_long_job(project, tmp_path):
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/plink2").write_text("#!/bin/sh\necho 'PLINK v2.00a3.5LM 64-bit (2022)'\n")
    (tmp_path / "bin/plink2").chmod(0o755)
    path = os.pathsep.join([str(tmp_path / "bin"), os.environ["PATH"]])
    assert "is too old: PLINK v2.00a3.5LM" in project.error(PATH=path)
    assert FIRST_LONG_RULE not in project.finished_rules()


def test_gpu_that_is_not_there__is_named(project):
    if torch.cuda.is_available():
        pytest.skip("there is a GPU")
    project.values["device"] = "cuda"
    assert "device: cuda was asked for, but PyTorch sees no GPU" in project.error()
    assert "select_panel" not in project.finished_rules()


@pytest.mark.parametrize(("kilobytes", "stage"), [(32, "prepare_phenotypes"), (300, "import_")])
def test_full_disk__is_named_and_leaves_nothing(project, kilobytes, stage):
    results = project.folder / "results"
    results.mkdir()
    (project.folder / "config.yaml").write_text(yaml.safe_dump(project.values))
    mount = f'mount -t tmpfs -o size={kilobytes}k tmpfs "$0"'
    mount += ' && { "$@"; find "$0" -type f >"$0.left"; }'
    small_disk = ["unshare", "--mount", "--map-root-user", "sh", "-c", mount, str(results)]
    if not shutil.which("unshare") or subprocess.run([*small_disk, "true"]).returncode:
        pytest.skip("may not mount a small disk here")
    command = snakemake_command(config=project.folder / "config.yaml")
    done = subprocess.run(
        [*small_disk, *command], cwd=project.folder, capture_output=True, text=True
    )
    assert not re.search(r"\.(part|making)", (project.folder / "results.left").read_text())
    logs = [path.read_text() for path in (project.folder / "logs").rglob(f"{stage}*/*.log")]
    assert "No space left on device" in "".join(logs)
    assert "Traceback" not in done.stderr


def test_killed_job__leaves_nothing_and_the_next_run_goes_on(tmp_path):
    target = "results/tiny/cohort/input/simulated.bed"
    command = snakemake_command(target)
    run = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    job = wait_for_job(run, "simulate_cohort")
    job.send_signal(signal.SIGKILL)
    run.communicate()
    assert run.returncode == 1
    assert not (tmp_path / target).exists()
    done = run_snakemake(target, workdir=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / target).exists()


def wait_for_job(run: subprocess.Popen, script: str) -> psutil.Process:
    """The process of a rule's script, as soon as there is one."""
    snakemake = psutil.Process(run.pid)
    while run.poll() is None:
        with suppress(psutil.Error):  # a process may end while it is looked at
            for process in snakemake.children(recursive=True):
                if " ".join(process.cmdline()).endswith(f".{script}.py"):
                    return process
        time.sleep(0.05)
    raise AssertionError(run.communicate()[0])
