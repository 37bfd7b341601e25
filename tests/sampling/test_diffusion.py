"""Who is drawn depends on seed, labels and company, not on threads or on where people go."""

import copy
import os
import subprocess
import sys
import tracemalloc
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from genosynth.data.genotypes import filled_on_disk, load_genotypes
from genosynth.data.labels import label_slices
from genosynth.sampling import diffusion, together
from genosynth.sampling.diffusion import sample_diffusion
from genosynth.seeds import person_normals
from genosynth.settings.sampling import SamplingSettings
from tests.sampling import untrained
from tests.sampling.untrained import LABELS, SIZES, draw, label_table
from tests.workflow.running import ROOT

N = 600
VARIANTS = pd.DataFrame({"id": [f"v{i}" for i in range(sum(SIZES))]})


@pytest.fixture(scope="module")
def models():
    return untrained.untrained(SIZES)


def drawn_on(n_threads: int, folder: Path) -> dict[str, np.ndarray]:
    """People and latents drawn by a process of so many threads."""
    path = folder / f"{n_threads}.npz"
    command = [sys.executable, untrained.__file__, str(n_threads), path]
    subprocess.run(command, env=os.environ | {"PYTHONPATH": str(ROOT)}, check=True)
    return dict(np.load(path))


def test_sampling__one_thread_and_two_draw_the_same_people(tmp_path):
    one, two = drawn_on(1, tmp_path), drawn_on(2, tmp_path)
    assert np.array_equal(one["counts"], two["counts"])
    np.testing.assert_allclose(two["latents"], one["latents"], rtol=0, atol=1e-12)


@pytest.mark.parametrize(("error", "is_felt"), [(1e-13, False), (1e-5, True)])
def test_sampling__rounding_of_double_precision_changes_nobody(models, monkeypatch, error, is_felt):
    """As if noise had been rounded; to as few digits as single precision has, it would be felt."""
    table = label_table(N)
    exact = draw(models, table)
    monkeypatch.setattr(
        diffusion, "person_normals", lambda *arguments: (1 + error) * person_normals(*arguments)
    )
    rounded = draw(models, table)
    assert 0 < np.abs(rounded.latents - exact.latents).max() < 100 * error
    assert (rounded.counts != exact.counts).any() == is_felt


def test_sampling__people_on_disk_are_those_in_memory(models, tmp_path):
    table = label_table(N)
    with filled_on_disk(tmp_path / "people", table, VARIANTS) as counts:
        on_disk = draw(models, table, out=counts)
    in_memory = draw(models, table)
    assert np.array_equal(load_genotypes(tmp_path / "people").counts, in_memory.counts)
    assert np.array_equal(on_disk.latents, in_memory.latents)


def test_sampling__one_person_more_changes_the_others_but_not_their_latents(models):
    few, more = draw(models, label_table(N)), draw(models, label_table(N + 1))
    np.testing.assert_allclose(more.latents[:N], few.latents, rtol=0, atol=1e-12)
    assert (more.counts[:N] != few.counts).any(axis=1).mean() > 0.9


@pytest.mark.parametrize("is_deaf", [False, True])
def test_guidance__moves_what_the_trait_says_and_nothing_that_conditions_say(models, is_deaf):
    vae, denoiser = copy.deepcopy(models)
    if is_deaf:
        of_trait = label_slices(LABELS)[0]
        vae.head.effects.data[:, of_trait] = 0
        denoiser.embed_labels[0].weight.data[:, of_trait] = 0
    plain, guided = (
        sample_diffusion(
            *(vae, denoiser, label_table(100), LABELS),
            settings=SamplingSettings(steps=2, guidance=guidance),
            seed=7,
            device=torch.device("cpu"),
        )
        for guidance in (1, 3)
    )
    assert np.array_equal(guided.latents, plain.latents) == is_deaf
    assert np.array_equal(guided.counts, plain.counts) == is_deaf


def test_sampling__holds_no_matrix_of_all_people(models, tmp_path, monkeypatch):
    """NumPy's memory; that of tensors is bounded by the parts."""
    monkeypatch.setattr(together, "MOST_PEOPLE", 500)
    table = label_table(3000)
    with filled_on_disk(tmp_path / "people", table, VARIANTS) as counts:
        tracemalloc.start()
        draw(models, table, out=counts)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < counts.nbytes
