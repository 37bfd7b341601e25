"""The whole workflow through the profile: small jobs together, GPU jobs where the GPU is."""

from dataclasses import dataclass
from pathlib import Path

import pytest
import torch
import yaml
from safetensors.torch import load_file

from genosynth.data.simulate import save_cohort, simulate_cohort
from genosynth.files import read_table
from genosynth.settings.simulation import SimulationSettings
from tests.filesets import plink2
from tests.slurm.conftest import run_to_the_end, snakemake
from tests.slurm.node import Job, OneNode, wait_until
from tests.workflow.running import ROOT, TINY

GPU_RULES = {"train_vae", "encode_latents", "train_denoiser", "sample_latent_diffusion"}
GPU_RULES |= {"sweep_sampling", "score_people_latent_diffusion"}
WEIGHTS = "results/tiny/disease/latent_diffusion/model/vae.safetensors"
# Long enough to be killed on the way.
VAE = {"width": 32, "max_epochs": 10, "min_steps": 150, "patience": 10, "unit_rounds": 1}


@dataclass(frozen=True)
class ClusterRun:
    """A finished run: its folder and the jobs that SLURM ran for it."""

    workdir: Path
    jobs: list[Job]

    @property
    def results(self) -> Path:
        """Results of the cohort."""
        return self.workdir / "results/tiny"

    def arguments(self, *targets: str) -> list[str]:
        """What Snakemake is told to make it."""
        return command(self.workdir, *targets)


def command(workdir: Path, *targets: str) -> list[str]:
    files = ["--snakefile", str(ROOT / "Snakefile"), "--configfile", str(workdir / "config.yaml")]
    return [*targets, "--workflow-profile", "small", *files]


def write_cohort(folder: Path, settings: SimulationSettings) -> None:
    """Write the simulated cohort as a user may bring it: a fileset for each chromosome."""
    cohort = simulate_cohort(settings, seed=1, n_processes=1)
    prefix = folder / "whole"
    bed, bim, fam = (prefix.with_suffix(f".{suffix}") for suffix in ("bed", "bim", "fam"))
    tables = {"phenotypes": folder / "phenotypes.tsv", "truth": folder / "truth.tsv"}
    save_cohort(cohort, bed=bed, bim=bim, fam=fam, **tables)
    for chrom in range(1, settings.n_chromosomes + 1):
        of_chromosome = ("--chr", chrom, "--make-bed", "--out", folder / f"chr{chrom}")
        plink2("--bfile", prefix, *of_chromosome)


@pytest.fixture(scope="module")
def finished(cluster: OneNode, tmp_path_factory) -> ClusterRun:
    """One trait of the tiny cohort, two generators."""
    workdir = tmp_path_factory.mktemp("cluster")
    values = yaml.safe_load(TINY.read_text())
    write_cohort(workdir, SimulationSettings.model_validate(values.pop("simulation")))
    values["genotypes"] = {"path": "chr{chrom}"}
    values["phenotypes"]["path"] = "phenotypes.tsv"
    values["phenotypes"]["traits"] = {"disease": values["phenotypes"]["traits"]["disease"]}
    values["generators"] = ["latent_diffusion", "independent"]
    values["vae"] = VAE
    (workdir / "config.yaml").write_text(yaml.safe_dump(values))
    before = len(cluster.jobs())
    run_to_the_end(*command(workdir), workdir=workdir, patience_s=1200)
    return ClusterRun(workdir, cluster.jobs()[before:])


@pytest.mark.slow
def test_run__makes_report_and_release(finished: ClusterRun) -> None:
    assert (finished.results / "report.html").is_file()
    assert (finished.results / "disease/latent_diffusion/release/synthetic.pgen").is_file()
    assert {job.state for job in finished.jobs} == {"COMPLETED"}


@pytest.mark.slow
def test_run__takes_gpu_jobs_to_the_gpu_and_no_others(finished: ClusterRun) -> None:
    assert {job.rule for job in finished.jobs if job.partition == "gpu"} == GPU_RULES
    assert {job.rule for job in finished.jobs if job.has_gpu} == GPU_RULES
    assert {job.partition for job in finished.jobs} == {"cpu", "gpu"}


@pytest.mark.slow
def test_run__reads_and_scans_each_chromosome_in_jobs_of_its_own(finished: ClusterRun) -> None:
    shared = "read_import_genotypes_thin_variants"  # the group and its rules
    for rule in (shared, "run_gwas", "clump_gwas"):
        assert [job.rule for job in finished.jobs].count(rule) == 3, rule
    assert {path.stem for path in (finished.results / "cohort/import").glob("*.log")} == set("123")


@pytest.mark.slow
def test_run__asks_for_fewer_jobs_than_it_has_steps(finished: ClusterRun) -> None:
    n_steps = read_table(finished.results / "timings.tsv")["n_jobs"].sum()
    assert len(finished.jobs) < 0.6 * n_steps


@pytest.mark.slow
def test_accounting__has_the_jobs_of_the_queue(cluster: OneNode, finished: ClusterRun) -> None:
    if not cluster.has_accounting:
        pytest.skip("no accounting (slurmdbd, mariadb-server)")
    wait_until(
        lambda: set(finished.jobs) <= set(cluster.accounted_jobs()),
        what="sacct tells of other jobs than squeue",
    )


@pytest.mark.slow
def test_training_killed_and_cancelled__goes_on_and_ends_with_the_same_weights(
    cluster: OneNode, finished: ClusterRun
) -> None:
    weights = finished.workdir / WEIGHTS
    expected = load_file(weights)
    weights.unlink()
    log = finished.workdir / "logs/tiny/train_vae/disease.log"
    state = finished.results / "disease/latent_diffusion/resume/vae.pt"
    assert not state.exists()

    def goes_on() -> bool:  # Snakemake removes the log of the attempt before
        return log.exists() and "continuing at step" in log.read_text()

    before = len(cluster.jobs())
    with snakemake(*finished.arguments(WEIGHTS), workdir=finished.workdir) as process:
        wait_until(state.exists, what="no state was saved", patience_s=300)
        cluster.kill(cluster.jobs()[before])
        wait_until(goes_on, what="training does not go on", patience_s=300)
        cluster.cancel(cluster.jobs()[before + 1])
        assert process.wait(timeout=600) == 0
    states = [job.state for job in cluster.jobs()[before:]]
    assert states == ["FAILED", "CANCELLED", "COMPLETED"]
    assert goes_on()
    resumed = load_file(weights)
    assert resumed.keys() == expected.keys()
    assert all(torch.equal(resumed[name], expected[name]) for name in expected)
