"""The sweep changes one setting at a time, for the same people."""

import numpy as np
import pandas as pd
import torch

from genosynth.data.genotypes import Genotypes
from genosynth.data.labels import Label
from genosynth.models.denoiser import Latents
from genosynth.sampling import sweep as module
from genosynth.sampling.diffusion import Drawn
from genosynth.sampling.sweep import draw_sweep
from genosynth.settings.sampling import SamplingSettings

TRAIT = Label("disease", "trait", "binary", levels=("0", "1"))
ANCESTRY = Label("ancestry", "condition", "categorical", levels=("east", "west"))
N, N_VARIANTS, N_LATENT = 50, 4, 2


class Recorder:
    """A sampler that keeps what it was asked for."""

    def __init__(self) -> None:
        self.calls: list[tuple[pd.DataFrame, SamplingSettings, int]] = []

    def __call__(self, label_table, *, settings, seed):
        self.calls.append((label_table, settings, seed))
        n = len(label_table)
        return Drawn(np.zeros((n, N_VARIANTS), np.int8), np.zeros((n, N_LATENT)))


def train() -> Genotypes:
    rng = np.random.default_rng(1)
    samples = pd.DataFrame(
        {
            "iid": [f"p{i}" for i in range(N)],
            "part": "train",
            "disease": np.where(np.arange(N) < 10, np.nan, np.arange(N) % 2),
            "ancestry": rng.choice(["east", "west"], N),
        }
    )
    variants = pd.DataFrame({"id": [f"v{i}" for i in range(N_VARIANTS)]})
    return Genotypes(rng.integers(0, 3, (N, N_VARIANTS)).astype(np.int8), samples, variants)


def latents() -> Latents:
    number = torch.arange(N).float()[:, None].expand(N, N_LATENT)
    return Latents(number, torch.zeros(N, N_LATENT), torch.zeros(N, 4), families=torch.arange(N))


def run(labels: list[Label], **settings):
    recorder = Recorder()
    sweep = draw_sweep(
        recorder, train(), latents(), labels=labels, settings=SamplingSettings(**settings), seed=3
    )
    return sweep, recorder.calls


def test_sweep__draws_each_setting_once_and_the_rest_as_configured():
    sweep, calls = run([TRAIT, ANCESTRY], steps=8, guidance=3.0, repeats=7)
    asked = [(settings.guidance, settings.steps) for _, settings, _ in calls]
    guidance = [(each, 8) for each in module.GUIDANCE]
    steps = [(1.0, each) for each in module.STEPS if each != 8]
    assert asked == [*guidance, *steps, (1.0, 8)]  # the last with unknown labels
    assert {settings.repeats for _, settings, _ in calls} == {7}
    assert {seed for _, _, seed in calls} == {3}
    assert sweep.steps[8] is sweep.guidance[1.0]


def test_sweep__asks_for_training_people_of_known_trait(monkeypatch):
    monkeypatch.setattr(module, "N_PEOPLE", 20)
    sweep, calls = run([TRAIT, ANCESTRY])
    assert len(sweep.asked.samples) == 20
    assert sweep.asked.samples["disease"].notna().all()
    numbers = sweep.asked.samples["iid"].str[1:].astype(int)
    assert sweep.latents[:, 0].tolist() == numbers.tolist()
    pd.testing.assert_frame_equal(calls[0][0], sweep.asked.samples)


def test_sweep__masked_people_are_unknown_but_drawn_as_somebody():
    sweep, calls = run([TRAIT, ANCESTRY])
    assert sweep.masked.people.samples[["disease", "ancestry"]].isna().all(axis=None)
    drawn_as = calls[-1][0]
    assert set(drawn_as["ancestry"]) == {"east", "west"}
    assert set(drawn_as["disease"]) == {0.0, 1.0}


def test_sweep__without_trait_or_labels_leaves_parts_out():
    sweep, _ = run([ANCESTRY])
    assert (sweep.guidance, len(sweep.steps)) == ({}, len(module.STEPS))
    assert len(sweep.asked.samples) == N
    assert sweep.masked is not None
    assert run([])[0].masked is None
