"""Alleles drawn evenly: every person's chance stays, the numbers of alleles lose their noise."""

import pytest
import torch

from genosynth.models.dice import N_ALIKE, EvenDice, even_dice


def chances(n_variants: int, n: int) -> torch.Tensor:
    return torch.rand(n_variants, n, generator=torch.Generator().manual_seed(1)).double()


def throw(chance: torch.Tensor, *, seed: int = 2) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    dice = even_dice(*chance.shape, generator=generator)
    return dice.draw(chance, torch.arange(len(chance)), copy=0)


def test_even_dice__numbers_of_alleles_are_the_expected_ones():
    chance = chances(200, 1000)
    excess = throw(chance).sum(dim=1) - chance.sum(dim=1)
    assert excess.abs().max() < 1
    assert excess.std() > 0.2  # rounded up or down at random
    assert abs(excess.mean()) < 4 * 0.5 / 200**0.5


def test_even_dice__any_consecutive_people_have_nearly_the_expected_numbers():
    """At either end some of N_ALIKE people are left to chance."""
    chance = chances(200, 1000)
    excess = (throw(chance).double() - chance)[:, 300:700].sum(dim=1)
    assert excess.abs().max() < 4 * (2 * N_ALIKE / 4 * 0.25) ** 0.5 + 1


def test_even_dice__each_person_has_the_chance_it_was_given():
    chance = torch.tensor([0.02, 0.3, 0.98, 0.5, 0.7]).double().expand(20_000, 5)
    found = throw(chance).double().mean(dim=0)
    assert (found - chance[0]).abs().max() < 4 * 0.5 / 20_000**0.5


@pytest.mark.parametrize("certain", [0.0, 1.0])
def test_even_dice__certain_alleles_are_certain(certain):
    chance = torch.full((50, 300), certain).double()
    assert torch.equal(throw(chance).double(), chance)


def test_even_dice__people_are_hardly_correlated():
    chance = torch.full((40_000, 2 * N_ALIKE), 0.3).double()
    found = torch.corrcoef(throw(chance).double().T)
    others = found[~torch.eye(2 * N_ALIKE, dtype=torch.bool)]
    assert others.abs().max() < 0.04
    alike = found[:N_ALIKE, :N_ALIKE].sum() - N_ALIKE
    assert alike.item() / (N_ALIKE * (N_ALIKE - 1)) == pytest.approx(-1 / N_ALIKE, rel=0.1)


def test_even_dice__are_systematic_sampling_in_turn():
    turns = torch.tensor([[[2, 0, 1], [0, 1, 2]]])
    dice = EvenDice(turns, start=torch.tensor([[0.5, 0.0]]))
    chance = torch.tensor([[0.3, 0.9, 0.4]])
    # By turns .9, 1.2, 2.1: the second and the third in turn come past an integer.
    assert dice.draw(chance, torch.tensor([0]), copy=0).tolist() == [[True, True, False]]
    assert dice.draw(chance, torch.tensor([0]), copy=1).tolist() == [[False, True, False]]
