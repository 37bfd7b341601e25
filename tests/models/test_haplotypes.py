import math

import pytest
import torch

from genosynth.models.dice import IndependentDice
from genosynth.models.haplotypes import (
    Given,
    HaplotypeAutoregression,
    band_mask,
    draw_pair,
    places_of,
)

SIZES = (5, 1, 4)
N_VARIANTS = sum(SIZES)


@pytest.fixture
def head() -> HaplotypeAutoregression:
    return random_head(SIZES)


def random_head(sizes: tuple[int, ...]) -> HaplotypeAutoregression:
    """A head with random weights throughout, so that every path contributes."""
    generator = torch.Generator().manual_seed(1)
    frequencies = 0.2 + 0.6 * torch.rand(sum(sizes), generator=generator, dtype=torch.double)
    head = HaplotypeAutoregression(
        sizes, frequencies, n_told=2, n_neighbours=3, n_units=2, heard=(1,)
    ).double()
    for parameter in head.parameters():
        parameter.data = 0.5 * torch.randn(parameter.shape, generator=generator).double()
    return head.requires_grad_(False)


def given_to(head: HaplotypeAutoregression, n: int) -> Given:
    return head.given(torch.tensor([[1.0, 0.0]]).double().expand(n, 2))


def test_haplotypes__start_as_independent_draws_of_the_frequencies():
    frequencies = torch.tensor([0.05, 0.5, 0.9])
    head = HaplotypeAutoregression((2, 1), frequencies, n_told=2, n_neighbours=2, n_units=3)
    labels = torch.eye(2)
    log_odds = head.log_odds(head.given(labels), torch.ones(3, 2, 2, dtype=torch.int8))
    torch.testing.assert_close(log_odds.sigmoid()[:, 1, 1], frequencies)


def test_haplotypes__probabilities_of_all_pairs_of_haplotypes_sum_to_one():
    head = random_head((3, 2))
    pairs = torch.cartesian_prod(*[torch.arange(2)] * 10).T.reshape(5, 2, 1024)
    assert (-head.nats(given_to(head, 1024), pairs)).exp().sum().item() == pytest.approx(1)


def test_haplotypes__drawing_agrees_with_teacher_forcing(head):
    n = 40_000
    dice = torch.rand(N_VARIANTS, 2, n, generator=torch.Generator().manual_seed(4)).double()
    alleles = head.sample(given_to(head, n), IndependentDice(dice))
    first, second = head.log_odds(given_to(head, n), alleles).unbind(dim=1)
    unlike = (head.couplings / head.scale)[:, None]
    weights = (torch.zeros_like(first), first + unlike, second + unlike, first + second)
    expected = torch.stack(weights).softmax(dim=0)
    again = draw_pair(expected, IndependentDice(dice), torch.arange(N_VARIANTS))
    assert torch.equal(alleles, again.to(torch.int8))


def test_draw_pair__draws_each_pair_as_often_as_it_should():
    n = 40_000
    probabilities = torch.tensor([0.4, 0.05, 0.25, 0.3]).double()
    generator = torch.Generator().manual_seed(6)
    dice = IndependentDice(torch.rand(1, 2, n, generator=generator).double())
    pairs = draw_pair(probabilities[:, None, None].expand(4, 1, n), dice, torch.tensor([0]))
    first, second = pairs[0].long()
    found = torch.bincount(first + 2 * second, minlength=4) / n
    assert (found - probabilities).abs().max() < 4 * 0.5 / n**0.5


def test_haplotypes__see_predecessors_of_their_own_chromosome_and_copy_only(head):
    alleles = torch.zeros(N_VARIANTS, 2, 1, dtype=torch.int8)
    plain = head.log_odds(given_to(head, 1), alleles)
    ends = torch.tensor(SIZES).cumsum(0)
    for changed in range(N_VARIANTS):
        other = alleles.clone()
        other[changed, 0] = 1
        moved = (head.log_odds(given_to(head, 1), other) != plain)[:, :, 0]
        end = min(int(ends[ends > changed][0]), changed + 1 + head.n_neighbours)
        assert moved[:, 0].nonzero()[:, 0].tolist() == list(range(changed + 1, end))
        assert not moved[:, 1].any()


def test_haplotypes__missing_allele_is_the_mean(head):
    missing = torch.full((N_VARIANTS, 2, 1), -1, dtype=torch.int8)
    assert not head.standardise(missing).any()


def test_haplotypes__missing_genotype_is_the_mean(head):
    missing = torch.full((1, N_VARIANTS), -1, dtype=torch.int8)
    assert not head.dosages(missing).any()
    assert head.dosages(missing + 1).all()


def test_haplotypes__coupling_makes_heterozygotes_rarer_by_its_factor():
    p = torch.tensor([0.3, 0.5]).double()
    head = HaplotypeAutoregression((1, 1), p, n_told=2, n_neighbours=1).double()
    head.couplings.data = torch.tensor([0.0, -1.0]).double() * head.scale
    dice = torch.rand(2, 2, 40_000, generator=torch.Generator().manual_seed(7)).double()
    head.requires_grad_(False)
    drawn = head.sample(given_to(head, 40_000), IndependentDice(dice))
    heterozygous = (drawn.sum(dim=1) == 1).double().mean(dim=1)
    by_chance = 2 * p * (1 - p)
    factor = torch.tensor([1.0, math.exp(-1.0)])
    expected = factor * by_chance / (1 + (factor - 1) * by_chance)
    assert (heterozygous - expected).abs().max() < 4 * 0.5 / 40_000**0.5


def test_haplotypes__genotypes_without_coupling_are_in_hardy_weinberg_proportions(head):
    head.couplings.zero_()
    n = 40_000
    dice = torch.rand(N_VARIANTS, 2, n, generator=torch.Generator().manual_seed(5)).double()
    alleles = head.sample(given_to(head, n), IndependentDice(dice)).double()
    heterozygous = (alleles.sum(dim=1) == 1).double().mean(dim=1)
    frequency = alleles.mean(dim=(1, 2))
    assert (heterozygous - 2 * frequency * (1 - frequency)).abs().max() < 4 * 0.5 / n**0.5


def test_band_mask__counts_neighbours_from_the_chromosome_start():
    assert band_mask((3, 2), 2).tolist() == [[0, 0], [0, 1], [1, 1], [0, 0], [0, 1]]


def test_places_of__go_along_all_chromosomes_the_longest_first():
    places = places_of((2, 1, 3), device=torch.device("cpu"))
    assert [place.tolist() for place in places] == [[3, 0, 2], [4, 1], [5]]
