"""The whole workflow through the profile: a job a step, GPU jobs where the GPU is."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch
import yaml
from safetensors.torch import load_file

from tests.slurm.conftest import run_to_the_end, snakemake
from tests.slurm.node import Job, OneNode, wait_until
from tests.workflow.running import ROOT, TINY

GPU_RULES = {"train_vae", "encode_latents", "train_denoiser", "sample_latent_diffusion"}
GPU_RULES |= {"sweep_sampling", "score_people_latent_diffusion"}
WEIGHTS = "results/tiny/disease/latent_diffusion/model/vae.safetensors"
LONG_TRAINING = {"width": 32, "max_epochs": 20, "min_steps": 1000, "patience": 20, "unit_rounds": 1}


@dataclass(frozen=True)
class ClusterRun:
    """A finished run: its folder, its config and the jobs that SLURM ran for it."""

    workdir: Path
    config: Path
    jobs: list[Job]


def arguments(config: Path, *more: str) -> list[str]:
    return [*more, "--snakefile", str(ROOT / "Snakefile"), "--configfile", str(config)]


@pytest.fixture(scope="module")
def finished(cluster: OneNode, tmp_path_factory) -> ClusterRun:
    """One trait of the tiny cohort, two generators."""
    if shutil.which("plink2") is None:
        pytest.skip("plink2 is not on PATH")
    workdir = tmp_path_factory.mktemp("cluster")
    values = yaml.safe_load(TINY.read_text())
    values["phenotypes"]["traits"] = {"disease": values["phenotypes"]["traits"]["disease"]}
    values["generators"] = ["latent_diffusion", "independent"]
    config = workdir / "config.yaml"
    config.write_text(yaml.safe_dump(values))
    before = len(cluster.jobs())
    run_to_the_end(*arguments(config), workdir=workdir, patience_s=1200)
    return ClusterRun(workdir, config, cluster.jobs()[before:])


@pytest.mark.slow
def test_run__makes_report_and_release(finished: ClusterRun) -> None:
    results = finished.workdir / "results/tiny"
    assert (results / "report.html").is_file()
    assert (results / "disease/latent_diffusion/release/synthetic.pgen").is_file()
    assert {job.state for job in finished.jobs} == {"COMPLETED"}


@pytest.mark.slow
def test_run__takes_gpu_jobs_to_the_gpu_and_no_others(finished: ClusterRun) -> None:
    on_gpu = {job.rule for job in finished.jobs if job.partition == "gpu"}
    assert on_gpu == GPU_RULES
    for job in finished.jobs:
        assert ("gpu" in job.gpus) == (job.rule in GPU_RULES)


@pytest.mark.slow
def test_killed_training__goes_on_and_ends_with_the_same_weights(
    cluster: OneNode, finished: ClusterRun
) -> None:
    values = yaml.safe_load(finished.config.read_text()) | {"vae": LONG_TRAINING}
    config = finished.workdir / "longer.yaml"
    config.write_text(yaml.safe_dump(values))
    target = arguments(config, WEIGHTS)
    run_to_the_end(*target, workdir=finished.workdir)
    weights = finished.workdir / WEIGHTS
    expected = load_file(weights)
    weights.unlink()

    before = len(cluster.jobs())
    state = finished.workdir / "results/tiny/disease/latent_diffusion/resume/vae.pt"
    with snakemake(*target, workdir=finished.workdir) as process:
        wait_until(state.exists, what="no state was saved", patience_s=300)
        cluster.kill(cluster.jobs()[before])
        assert process.wait(timeout=600) == 0
    assert [job.state == "COMPLETED" for job in cluster.jobs()[before:]] == [False, True]
    log = (finished.workdir / "logs/tiny/train_vae/disease.log").read_text()
    assert "continuing at step" in log
    resumed = load_file(weights)
    assert resumed.keys() == expected.keys()
    assert all(torch.equal(resumed[name], expected[name]) for name in expected)
