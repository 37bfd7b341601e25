"""A training job that asks for two GPUs runs in two processes; here, without GPUs, on the CPU."""

import shutil
from pathlib import Path

import pytest

from genosynth.files import read_table
from tests.workflow.running import run_snakemake

MODEL = "results/tiny/disease/latent_diffusion/model"


def losses(workdir: Path) -> list[float]:
    return read_table(workdir / MODEL / "denoiser_curves.tsv")["validation_loss"].tolist()


def test_train_denoiser__with_two_gpus_has_the_curve_of_one(finished, tmp_path):
    workdir = shutil.copytree(finished.workdir, tmp_path / "work")
    two = ["--set-resources", "train_denoiser:gpu=2", "--forcerun", "train_denoiser", "--"]
    weights = f"{MODEL}/denoiser.safetensors"
    done = run_snakemake(*two, weights, workdir=workdir, checkout=finished.checkout)
    assert done.returncode == 0, done.stderr[-3000:]
    log = (workdir / "logs/tiny/train_denoiser/disease.log").read_text()
    assert "training in 2 processes" in log
    assert log.count("step 200 of 200") == 1
    assert losses(workdir) == pytest.approx(losses(finished.workdir), rel=1e-3)
