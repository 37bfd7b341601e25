"""Hidden units: taught what pairs of alleles cannot tell, silent where there is nothing to tell."""

from pathlib import Path

import numpy as np
import pytest
import torch

from genosynth.models.dice import IndependentDice
from genosynth.models.haplotypes import HaplotypeAutoregression
from genosynth.settings.vae import VaeSettings
from genosynth.training.haplotypes import Told, fit_haplotype_model, unlike_by_chance
from genosynth.training.hidden_units import teach_units
from genosynth.training.loop import Trainer

N_PEOPLE = 2000
SETTINGS = VaeSettings(n_units=8, unit_rounds=6, batch_size=64)


def exclusive_or(n_people: int) -> np.ndarray:
    """Haplotypes (n, 2, 4): allele 2 says whether 0 and 1 differ, 3 copies 2; pairs see nothing."""
    rng = np.random.default_rng(1)
    alleles = rng.integers(0, 2, (n_people, 2, 4)).astype(np.int8)
    kept = rng.random((n_people, 2)) < 0.9
    alleles[..., 2] = np.where(kept, alleles[..., 0] ^ alleles[..., 1], alleles[..., 2])
    alleles[..., 3] = np.where(kept, alleles[..., 2], alleles[..., 3])
    return alleles


def people_of(haplotypes: np.ndarray, condition: torch.Tensor | None = None) -> Told:
    counts = torch.from_numpy(haplotypes.sum(axis=1, dtype=np.int8))
    labels = torch.zeros(len(counts), 1) if condition is None else condition
    return Told(
        counts=counts,
        labels=labels,
        latents=[torch.zeros(len(counts), 0)],
        labels_and_latents=labels,
        context=torch.zeros(counts.shape[1], len(counts)),
        is_judge=torch.arange(len(counts)) % 5 == 0,
    )


def start(people: Told) -> HaplotypeAutoregression:
    frequencies = people.counts.float().mean(dim=0) / 2
    n_variants = people.counts.shape[1]
    torch.manual_seed(1)
    head = HaplotypeAutoregression(
        (n_variants,), frequencies, n_told=1, n_neighbours=3, n_units=SETTINGS.n_units, heard=(0,)
    )
    fit_haplotype_model(head, people.counts, people.labels_and_latents, ridge=1.0, seed=1)
    return head


@pytest.fixture(scope="module")
def people() -> Told:
    return people_of(exclusive_or(N_PEOPLE))


@pytest.fixture(scope="module")
def taught(people, tmp_path_factory) -> HaplotypeAutoregression:
    head = start(people)
    teach_units(head, people, settings=SETTINGS, seed=1, resume=tmp_path_factory.mktemp("r") / "r")
    return head


def share_of_exclusive_or(head: HaplotypeAutoregression) -> float:
    n = 20_000
    dice = torch.rand(4, 2, n, generator=torch.Generator().manual_seed(2))
    drawn = head.requires_grad_(False).sample(head.given(torch.zeros(n, 1)), IndependentDice(dice))
    return (drawn[2] == (drawn[0] ^ drawn[1])).float().mean().item()


def test_teach_units__finds_from_genotypes_alone_what_pairs_of_alleles_do_not_show(people, taught):
    assert share_of_exclusive_or(start(people)) < 0.6
    assert share_of_exclusive_or(taught) > 0.85  # 0.95 of real haplotypes


def test_teach_units__linkage_that_turns_round_with_a_condition(tmp_path):
    """Of one half allele 1 copies allele 0, of the other its opposite; on average they differ."""
    rng = np.random.default_rng(4)
    haplotypes = rng.integers(0, 2, (N_PEOPLE, 2, 4)).astype(np.int8)
    condition = torch.from_numpy(rng.integers(0, 2, (N_PEOPLE, 1))).float() - 0.5
    turned = condition.numpy() > 0
    haplotypes[..., 1] = np.where(turned, 1 - haplotypes[..., 0], haplotypes[..., 0])
    people = people_of(haplotypes, condition)
    head = start(people)
    teach_units(head, people, settings=SETTINGS, seed=1, resume=tmp_path / "r")
    n = 10_000
    for value in (-0.5, 0.5):
        dice = torch.rand(4, 2, n, generator=torch.Generator().manual_seed(2))
        drawn = head.requires_grad_(False).sample(
            head.given(torch.full((n, 1), value)), IndependentDice(dice)
        )
        differ = (drawn[0] != drawn[1]).float().mean().item()
        assert abs(differ - (value > 0)) < 0.15


def test_teach_units__noise_leaves_them_silent(tmp_path):
    noise = np.random.default_rng(2).integers(0, 2, (300, 2, 4)).astype(np.int8)
    people = people_of(noise)
    head = start(people)
    teach_units(head, people, settings=SETTINGS, seed=1, resume=tmp_path / "r")
    assert head.units.are_silent


def test_teach_units__killed_and_started_again_ends_with_the_same_weights(
    people, taught, tmp_path, monkeypatch
):
    def save_and_die(trainer: Trainer, path: Path) -> None:
        save(trainer, path)
        if trainer.step > trainer.plan.n_steps // 2:
            raise KeyboardInterrupt

    save = Trainer.save
    how = {"settings": SETTINGS, "seed": 1, "resume": tmp_path / "r"}
    monkeypatch.setattr(Trainer, "save", save_and_die)
    with pytest.raises(KeyboardInterrupt):
        teach_units(start(people), people, **how)
    monkeypatch.undo()
    again = start(people)
    teach_units(again, people, **how)
    for name, weight in taught.state_dict().items():
        assert torch.equal(again.state_dict()[name], weight), name


def test_unlike_by_chance__sees_the_one_variant_that_lost_heterozygotes():
    haplotypes = np.random.default_rng(3).integers(0, 2, (N_PEOPLE, 2, 3)).astype(np.int8)
    lost = np.arange(N_PEOPLE) % 4 == 0
    haplotypes[lost, 1, 2] = haplotypes[lost, 0, 2]
    people = people_of(haplotypes)
    head = start(people)
    phased = torch.from_numpy(haplotypes)
    found = unlike_by_chance(head.requires_grad_(False), people, phased, batch_size=512)
    # 1 heterozygote in 8 less than the half that chance expects, in units of its standard error
    assert found[2].item() == pytest.approx(-0.125 * 2 * N_PEOPLE**0.5, abs=2.5)
    assert found[:2].abs().max() < 4
