"""Effects of the trait: matched to those of the training people, whatever their size was."""

import numpy as np
import pytest
import torch

from genosynth.models.dice import IndependentDice
from genosynth.models.haplotypes import MISSING, HaplotypeAutoregression
from genosynth.models.vae import genotypes_of
from genosynth.training.effects import match_effects, two_values
from genosynth.training.haplotypes import Told

N_PEOPLE = 4000
N_VARIANTS = 12


def people_with(trait: torch.Tensor, value: np.ndarray) -> Told:
    """People whose ALT alleles get more frequent with a trait's value, encoded as `trait`."""
    rng = np.random.default_rng(1)
    effects = rng.normal(0, 0.3, N_VARIANTS)
    frequency = 1 / (1 + np.exp(0.4 - np.outer(value, effects)))
    counts = torch.from_numpy(rng.binomial(2, frequency).astype(np.int8))
    return Told(
        counts=counts,
        labels=trait,
        latents=[torch.zeros(N_PEOPLE, 0)],
        labels_and_latents=trait,
        context=torch.zeros(N_VARIANTS, N_PEOPLE),
        is_judge=torch.zeros(N_PEOPLE, dtype=torch.bool),
    )


def head_for(people: Told) -> HaplotypeAutoregression:
    frequencies = people.counts.float().mean(dim=0) / 2
    head = HaplotypeAutoregression((N_VARIANTS,), frequencies, n_told=2, n_neighbours=2)
    return head.requires_grad_(False)


def slope_of_drawn(head: HaplotypeAutoregression, people: Told, value: np.ndarray) -> float:
    """Slope of effects among people drawn on those among the real ones."""
    copies = people.labels.repeat(5, 1)
    dice = torch.rand(N_VARIANTS, 2, len(copies), generator=torch.Generator().manual_seed(3))
    alleles = head.sample(head.given(copies), IndependentDice(dice))
    drawn = genotypes_of(alleles.permute(2, 1, 0)).numpy()
    found = np.cov(np.tile(value, 5), drawn.T)[0, 1:]
    real = np.cov(value, people.counts.numpy().T)[0, 1:]
    return float(found @ real / (real @ real))


def match(head: HaplotypeAutoregression, people: Told, *, observed: bool = True) -> None:
    generator = torch.Generator().manual_seed(4)
    match_effects(
        head, people, slice(0, 2), freed=[people.labels], observed=observed, generator=generator
    )


def test_match_effects__one_lost_variant_is_found_again():
    value = np.arange(N_PEOPLE) % 2
    people = people_with(torch.eye(2)[value], value.astype(float))
    head = head_for(people)
    match(head, people)
    found = head.effects[:, 1] - head.effects[:, 0]
    lost = int(found.abs().argmax())
    head.effects[lost] = 0
    match(head, people)
    again = head.effects[:, 1] - head.effects[:, 0]
    assert (again - found).abs().max() < 0.05
    assert found[lost].abs() > 0.15


@pytest.mark.parametrize("kind", ["binary", "quantitative"])
@pytest.mark.parametrize("factor", [0.7, 1.4])
def test_match_effects__people_drawn_differ_as_much_as_real_ones(kind, factor):
    rng = np.random.default_rng(2)
    if kind == "binary":
        value = rng.integers(0, 2, N_PEOPLE).astype(float)
        trait = torch.eye(2)[value.astype(int)]
    else:
        value = rng.normal(size=N_PEOPLE)
        trait = torch.from_numpy(np.stack((np.ones(N_PEOPLE), value), axis=1)).float()
    people = people_with(trait, value)
    head = head_for(people)
    covariance = np.cov(value, people.counts.numpy().T)[0, 1:]
    slopes = torch.from_numpy(covariance / value.var() / 2).float() / head.scale
    right = torch.stack((torch.zeros_like(slopes), slopes), dim=1)
    head.effects.copy_(factor * right)
    match(head, people)
    assert slope_of_drawn(head, people, value) == pytest.approx(1, abs=0.06)


def test_match_effects__are_those_of_called_people():
    value = np.arange(N_PEOPLE) % 2
    people = people_with(torch.eye(2)[value], value.astype(float))
    found = []
    for missing in (0, 0.4):
        head = head_for(people)
        gone = torch.rand(people.counts.shape, generator=torch.Generator().manual_seed(5)) < missing
        people.counts[gone] = MISSING
        match(head, people)
        found.append(head.effects[:, 1] - head.effects[:, 0])
    assert float(found[1] @ found[0] / (found[0] @ found[0])) == pytest.approx(1, abs=0.08)


def test_match_effects__expected_effects_are_less_than_observed_ones():
    value = np.arange(N_PEOPLE) % 2
    people = people_with(torch.eye(2)[value], 0.3 * value)
    found = {}
    for observed in (True, False):
        head = head_for(people)
        match(head, people, observed=observed)
        found[observed] = (head.effects[:, 1] - head.effects[:, 0]).abs()
    share = found[False] / found[True]
    assert 0.2 < share.min() < share.max() < 0.9


def test_match_effects__a_variant_that_does_not_vary_spoils_no_other():
    value = np.arange(N_PEOPLE) % 2
    people = people_with(torch.eye(2)[value], 0.3 * value)
    head = head_for(people)
    people.counts[:, 3] = 2 * head.frequencies[3].round().to(torch.int8)
    head.frequencies[3] = people.counts[0, 3] / 2  # dosages of 0 only
    match(head, people, observed=False)
    assert head.effects.isfinite().all()


def test_match_effects__takes_away_effects_that_there_are_not():
    value = np.arange(N_PEOPLE) % 2
    people = people_with(torch.eye(2)[value], np.zeros(N_PEOPLE))
    head = head_for(people)
    head.effects[:, 1] = 0.3
    match(head, people)
    assert (head.effects[:, 1] - head.effects[:, 0]).abs().max() < 0.1


def test_match_effects__leaves_frequencies_alone():
    """Cases are few: what they gain, the others must not lose as much of."""
    value = (np.arange(N_PEOPLE) % 5 == 0).astype(int)
    people = people_with(torch.eye(2)[value], value.astype(float))
    head = head_for(people)
    match(head, people)
    average = head.effects @ people.labels.mean(dim=0)
    assert average.abs().max() < 1e-5
    assert head.effects.abs().max() > 0.1


def test_two_values__are_one_unit_apart():
    high, low = two_values(torch.eye(2), slice(0, 2))
    assert (high.tolist(), low.tolist()) == ([0, 1], [1, 0])
    high, low = two_values(torch.tensor([[1.0, 0.3], [1.0, -2.0]]), slice(0, 2))
    assert (high.tolist(), low.tolist()) == ([1, 0.5], [1, -0.5])
