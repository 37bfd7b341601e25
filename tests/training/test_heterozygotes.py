"""Heterozygotes: brought to those of the training people, frequencies kept."""

import numpy as np
import pytest
import torch

from genosynth.models.dice import even_dice
from genosynth.models.haplotypes import HaplotypeAutoregression
from genosynth.models.vae import genotypes_of
from genosynth.training.haplotypes import Told
from genosynth.training.heterozygotes import (
    Shares,
    coupling_of,
    match_heterozygotes,
    shares_of,
    shares_of_draws,
)

N_PEOPLE, N_VARIANTS = 3000, 60


def inbred(f: float) -> Told:
    """People whose two alleles are the same by descent with probability f."""
    rng = np.random.default_rng(1)
    frequency = rng.uniform(0.05, 0.95, N_VARIANTS)
    alleles = rng.random((2, N_PEOPLE, N_VARIANTS)) < frequency
    alleles[1] = np.where(rng.random((N_PEOPLE, N_VARIANTS)) < f, alleles[0], alleles[1])
    counts = torch.from_numpy(alleles.sum(axis=0).astype(np.int8))
    return Told(
        counts=counts,
        labels=torch.zeros(N_PEOPLE, 1),
        latents=[torch.zeros(N_PEOPLE, 0)],
        labels_and_latents=torch.zeros(N_PEOPLE, 1),
        context=torch.zeros(N_VARIANTS, N_PEOPLE),
        is_judge=torch.zeros(N_PEOPLE, dtype=torch.bool),
    )


def head_for(people: Told) -> HaplotypeAutoregression:
    frequencies = shares_of(people.counts).alt
    head = HaplotypeAutoregression((N_VARIANTS,), frequencies, n_told=1, n_neighbours=2)
    return head.requires_grad_(False)


def drawn_shares(head: HaplotypeAutoregression, people: Told) -> Shares:
    """Of people drawn, counted."""
    generator = torch.Generator().manual_seed(7)
    dice = even_dice(N_VARIANTS, N_PEOPLE, generator=generator)
    alleles = head.sample(head.given(people.labels_and_latents), dice)
    return shares_of(genotypes_of(alleles.permute(2, 1, 0)))


def test_expected_shares__are_those_of_people_drawn() -> None:
    people = inbred(0.1)
    head = head_for(people)
    head.band.data.normal_(std=0.3)
    head.couplings.data.fill_(-0.1)
    expected = shares_of_draws(head, people, generator=torch.Generator().manual_seed(7))
    drawn = drawn_shares(head, people)
    assert (drawn.alt - expected.alt).abs().max() < 0.02
    assert float(drawn.unlike.mean()) == pytest.approx(float(expected.unlike.mean()), abs=0.003)


@pytest.mark.parametrize("f", [0.0, 0.03, 0.1])
def test_match__people_drawn_have_as_many_heterozygotes_and_alleles(f: float) -> None:
    people = inbred(f)
    head, generator = head_for(people), torch.Generator().manual_seed(2)
    before = drawn_shares(head, people).unlike.mean()
    wanted = shares_of(people.counts)
    assert float(before / wanted.unlike.mean()) == pytest.approx(1 / (1 - f), abs=0.01)
    match_heterozygotes(head, people, generator=generator)
    drawn = drawn_shares(head, people)
    assert float(drawn.unlike.mean() / wanted.unlike.mean()) == pytest.approx(1, abs=0.004)
    assert (drawn.alt - wanted.alt).abs().max() < 0.002


def test_match__a_coupling_of_its_own_stays() -> None:
    people = inbred(0.1)
    head = head_for(people)
    head.couplings[7] = 0.25
    match_heterozygotes(head, people, generator=torch.Generator().manual_seed(2))
    assert float(head.couplings[7]) == 0.25
    assert bool((head.couplings[:7] < 0).all())


@pytest.mark.parametrize("f", [0.2, 0.01, -0.02])
def test_coupling__gives_wanted_heterozygotes_and_keeps_frequencies(f: float) -> None:
    p = torch.tensor([0.1, 0.5, 0.8], dtype=torch.double)
    unlike, shift = coupling_of(p, f)
    log_odds = p.logit() + shift
    weights = torch.stack([torch.zeros_like(p), log_odds + unlike, log_odds + unlike, 2 * log_odds])
    pairs = weights.softmax(dim=0)
    torch.testing.assert_close(pairs[1] + pairs[2], 2 * p * (1 - p) * (1 - f))
    torch.testing.assert_close(pairs[2] + pairs[3], p)


def test_coupling__of_a_rare_allele_stays_possible() -> None:
    unlike, shift = coupling_of(torch.tensor([0.001, 0.0, 1.0]), -0.1)
    assert torch.isfinite(unlike).all()
    assert torch.isfinite(shift).all()
