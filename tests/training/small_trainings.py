"""One small training of each kind, shared by processes: small_trainings.py FOLDER N_PROCESSES."""

import os
import signal
import sys
from pathlib import Path

import torch
from torch import Tensor

from genosynth.data.labels import Label
from genosynth.devices import use_threads
from genosynth.models.denoiser import Latents
from genosynth.processes import rank, shared_by
from genosynth.progress import log_to
from genosynth.settings.diffusion import DiffusionSettings
from genosynth.settings.vae import VaeSettings
from genosynth.training import loop
from genosynth.training.denoiser import train_denoiser
from genosynth.training.hidden_units import teach_units
from genosynth.training.loop import StepStats
from genosynth.training.vae import train_vae
from tests.models.chained_people import chained_people
from tests.training.test_hidden_units import SETTINGS, exclusive_or, people_of, start
from tests.training.test_loop import Regression, make_trainer

CPU = torch.device("cpu")
VAE = VaeSettings(n_latent=2, width=16, n_units=0, max_epochs=3, min_steps=60, batch_size=64)
FLOW = DiffusionSettings(width=16, n_blocks=1, n_steps=60, validate_every=20)
Trained = tuple[dict[str, Tensor], list[StepStats]]


class MortalRegression(Regression):
    """Kills the second process in the middle of the first run."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.has_died = folder / "has died"

    def draw(self, model, rows, generator):
        if rank() == 1 and self.n_calls == 25 and not self.has_died.exists():
            self.has_died.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return super().draw(model, rows, generator)


def regression(folder: Path) -> Trained:
    trainer = make_trainer()  # batches of 14 and 13 people: shares differ
    curve = list(loop.fit(trainer, MortalRegression(folder), resume=folder / "regression.pt"))
    return trainer.model.state_dict(), curve


def units(folder: Path) -> Trained:
    people = people_of(exclusive_or(500))
    head = start(people)
    settings = SETTINGS.model_copy(update={"unit_rounds": 6})
    curve = teach_units(head, people, settings=settings, seed=1, resume=folder / "units.pt")
    return head.state_dict(), curve


def flow(folder: Path) -> Trained:
    generator = torch.Generator().manual_seed(1)
    labels = (torch.arange(300) % 2 * 2.0 - 1)[:, None]
    mean = torch.randn((300, 2), generator=generator) + labels
    latents = Latents(mean, torch.full_like(mean, 0.3), labels, torch.arange(300))
    trait = Label("t", "trait", "quantitative", mean=0.0, sd=1.0)
    how = {"settings": FLOW, "seed": 1, "device": CPU, "resume": folder / "flow.pt"}
    trained = train_denoiser(latents, [trait], **how)
    return trained.model.state_dict(), trained.curve


def vae(folder: Path) -> Trained:
    train, labels = chained_people(300, kind="binary")
    train.samples["family"] = range(300)
    how = {"settings": VAE, "seed": 1, "device": CPU, "resume": folder / "vae.pt"}
    trained = train_vae(train, labels, **how)
    return trained.model.encoder.state_dict(), trained.curve


TRAININGS = {"regression": regression, "units": units, "flow": flow, "vae": vae}


def main(folder: Path, n_processes: int) -> None:
    with log_to(folder / "log"):
        with shared_by(n_processes):
            use_threads(1)
            if rank() == 1:
                loop.whole = None  # who writes in spite of this, fails
            trained = {name: train(folder) for name, train in TRAININGS.items()}
        for name, (weights, _) in trained.items():
            torch.save(weights, folder / f"{name}.weights")
        curves = {name: [vars(row) for row in curve] for name, (_, curve) in trained.items()}
        torch.save(curves, folder / "curves")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
