"""Two processes train as one does: the same curves, the same weights, one set of files."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from tests.training import small_trainings
from tests.workflow.running import ROOT

# Weights of VAE and flow are trained in bfloat16, whose gradients have 8 bits.
MOST_DIFFERENCE = {"regression": 1e-5, "units": 1e-5, "flow": 2e-3, "vae": 2e-3}


def train_in_two_processes(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, small_trainings.__file__, folder, "2"],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def alone(tmp_path_factory) -> dict[str, small_trainings.Trained]:
    folder = tmp_path_factory.mktemp("alone")
    n_threads = torch.get_num_threads()
    torch.set_num_threads(1)
    trained = {name: train(folder) for name, train in small_trainings.TRAININGS.items()}
    torch.set_num_threads(n_threads)
    return trained


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Of a training in two processes, one of which is killed; and started again."""
    folder = tmp_path_factory.mktemp("shared")
    killed = train_in_two_processes(folder)
    assert killed.returncode == 1
    assert "Signal 9 (SIGKILL)" in killed.stderr
    assert "the processes of this job have lost each other" in (folder / "log").read_text()
    assert not (folder / "curves").exists()
    again = train_in_two_processes(folder)
    assert again.returncode == 0, again.stderr[-3000:]
    return folder


def test_processes__log_once_and_go_on_after_a_kill(folder):
    log = (folder / "log").read_text()
    assert log.count("training in 2 processes") == 1
    assert log.count("continuing at step 20 of 60") == 1
    assert log.count("latent flow: step 60 of 60") == 1


@pytest.mark.parametrize("name", small_trainings.TRAININGS)
def test_processes__have_the_curve_of_one(name, alone, folder):
    def losses(row: dict) -> list[float]:
        return [row["step"], row["train_loss"], row["validation_loss"]]

    curve = [losses(vars(row)) for row in alone[name][1]]
    shared = [losses(row) for row in torch.load(folder / "curves")[name]]
    assert shared == [pytest.approx(row, rel=1e-4, nan_ok=True) for row in curve]


@pytest.mark.parametrize("name", small_trainings.TRAININGS)
def test_processes__have_the_weights_of_one(name, alone, folder):
    shared = torch.load(folder / f"{name}.weights")
    tolerance = {"rtol": 0, "atol": MOST_DIFFERENCE[name]}
    for weight, value in alone[name][0].items():
        torch.testing.assert_close(shared[weight], value, **tolerance, msg=weight)
