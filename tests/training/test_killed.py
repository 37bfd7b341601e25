"""kill −9 at random steps of VAE and hidden units: the weights of a run that was left in peace."""

import multiprocessing
import os
import random
import signal
from pathlib import Path

import torch

from genosynth.devices import use_threads
from genosynth.training.loop import Trainer
from genosynth.training.vae import train_vae
from tests.models.chained_people import chained_people
from tests.training.small_trainings import CPU, VAE

SETTINGS = VAE.model_copy(update={"n_units": 4, "unit_rounds": 6})
# A process imports once what takes time and forks trainings.
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["torch._dynamo", "pandas", "scipy.special"])


def train(folder: Path, victim: str | None) -> None:
    """Note down every step before it is made, and die at this one."""
    folder.mkdir(exist_ok=True)
    make_step = Trainer._make_step

    def make_noted_step(trainer, objective):
        step = f"{type(trainer.model).__name__} {trainer.step} {trainer.plan.validate_every}"
        with (folder / "steps").open("a") as steps:
            print(step, file=steps)
        if step == victim:
            os.kill(os.getpid(), signal.SIGKILL)
        return make_step(trainer, objective)

    Trainer._make_step = make_noted_step
    use_threads(1)
    people, labels = chained_people(300, kind="binary")
    people.samples["family"] = range(300)
    how = {"settings": SETTINGS, "seed": 1, "device": CPU, "resume": folder / "vae.pt"}
    torch.save(train_vae(people, labels, **how).model.state_dict(), folder / "weights")


def exit_code(folder: Path, victim: str | None = None) -> int | None:
    process = PROCESSES.Process(target=train, args=(folder, victim))
    process.start()
    process.join()
    return process.exitcode


def steps_of(folder: Path) -> list[str]:
    return (folder / "steps").read_text().splitlines()


def test_training__killed_at_random_steps_ends_with_the_same_weights(tmp_path):
    undisturbed, killed = tmp_path / "undisturbed", tmp_path / "killed"
    assert exit_code(undisturbed) == 0
    steps = steps_of(undisturbed)
    of_vae, of_units = ([s for s in steps if s.startswith(part)] for part in ("Geno", "Haplo"))
    dice = random.Random(1)
    victims = sorted(dice.choices(of_vae, k=2) + dice.choices(of_units, k=2), key=steps.index)
    for victim in victims:
        assert exit_code(killed, victim) == -signal.SIGKILL, victim
    assert exit_code(killed) == 0

    # What each of them costs is the steps since the last validation, and the one it died at.
    lost = [int(step) % int(interval) + 1 for _, step, interval in map(str.split, victims)]
    assert len(steps_of(killed)) - len(steps) == sum(lost), victims
    expected, resumed = (torch.load(folder / "weights") for folder in (undisturbed, killed))
    assert resumed.keys() == expected.keys()
    assert [name for name in expected if not torch.equal(resumed[name], expected[name])] == []
