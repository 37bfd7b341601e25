"""Gradients of the hidden units: those that automatic differentiation finds."""

import pytest
import torch
from torch import Tensor

from genosynth.models.haplotypes import MISSING, HaplotypeAutoregression
from genosynth.training.unit_gradients import coupled, mean_nats


def head_of(
    chromosome_sizes: tuple[int, ...], *, heard: tuple[int, ...]
) -> HaplotypeAutoregression:
    torch.manual_seed(1)
    frequencies = torch.rand(sum(chromosome_sizes)) * 0.8 + 0.1
    head = HaplotypeAutoregression(
        chromosome_sizes, frequencies, n_told=3, n_neighbours=40, n_units=5, heard=heard
    ).double()
    for weights in head.parameters():
        weights.data.normal_(std=0.1)
    head.couplings.data.zero_()
    head.units.requires_grad_(True)
    return head


def gradients(head: HaplotypeAutoregression, nats: Tensor) -> list[Tensor]:
    head.zero_grad()
    nats.backward()
    return [weights.grad.clone() for weights in head.units.parameters()]


@pytest.mark.parametrize("chromosome_sizes", [(50, 21, 1), (16,), (7,)])
@pytest.mark.parametrize("heard", [(0, 2), ()])
@pytest.mark.parametrize("coupling", [0.0, 0.4])
def test_mean_nats__and_gradients_as_found_automatically(chromosome_sizes, heard, coupling) -> None:
    head = head_of(chromosome_sizes, heard=heard)
    head.couplings.data[3::5] = coupling
    alleles = torch.randint(0, 2, (sum(chromosome_sizes), 2, 9), dtype=torch.int8)
    alleles[2, :, 4] = MISSING
    given = head.given(torch.randn(9, 3).double())
    expected, found = head.nats(given, alleles).mean(), mean_nats(head, given, alleles)
    assert float(found.detach()) == pytest.approx(float(expected.detach()))
    for one, other in zip(gradients(head, expected), gradients(head, found), strict=True):
        torch.testing.assert_close(one, other)


def test_coupled__two_alleles_that_must_differ() -> None:
    chances = torch.tensor([[0.9, 0.5]])
    found = coupled(chances, torch.tensor([[1e9]]))
    assert found[0].tolist() == pytest.approx([0.9, 0.1])  # .9 · .5 against .1 · .5
