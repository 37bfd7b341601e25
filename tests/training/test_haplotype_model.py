"""Fitting the haplotype model without phases."""

import numpy as np
import pytest
import torch

from genosynth.models.dice import IndependentDice
from genosynth.models.haplotypes import HaplotypeAutoregression
from genosynth.training.haplotypes import fit_haplotype_model, people_to_fit

N_PEOPLE = 3000
# Haplotypes of four variants that occur at all; the two rare alleles never meet.
KINDS = np.array([[0, 0, 0, 1], [1, 0, 0, 0], [0, 1, 1, 0], [0, 0, 1, 1]], np.int8)
SHARES = [0.4, 0.15, 0.15, 0.3]


def fitted() -> tuple[HaplotypeAutoregression, np.ndarray]:
    rng = np.random.default_rng(1)
    haplotypes = KINDS[rng.choice(4, (N_PEOPLE, 2), p=SHARES)]
    counts = torch.from_numpy(haplotypes.sum(axis=1, dtype=np.int8))
    frequencies = torch.from_numpy(haplotypes.mean(axis=(0, 1))).float()
    head = HaplotypeAutoregression((4,), frequencies, n_told=1, n_neighbours=3)
    fit_haplotype_model(head, counts, torch.zeros(N_PEOPLE, 1), ridge=1.0, seed=1)
    return head.requires_grad_(False), haplotypes


def test_fit_haplotype_model__finds_the_haplotypes_from_genotypes_alone():
    head, real = fitted()
    n = 20_000
    dice = torch.rand(4, 2, n, generator=torch.Generator().manual_seed(2))
    people = head.given(torch.zeros(n, 1))
    drawn = head.sample(people, IndependentDice(dice)).flatten(1).T.numpy()
    kinds, n_drawn = np.unique(drawn, axis=0, return_counts=True)
    share = {tuple(kind): count / len(drawn) for kind, count in zip(kinds, n_drawn, strict=True)}
    for kind in KINDS:
        expected = (real == kind).all(axis=2).mean()
        assert abs(share[tuple(kind)] - expected) < 0.03, kind
    assert sum(share.values()) - sum(share[tuple(kind)] for kind in KINDS) < 0.03


def test_fit_haplotype_model__an_absent_allele_stays_as_rare_as_it_started():
    counts = torch.zeros(500, 2, dtype=torch.int8)
    counts[::3, 1] = 1
    head = HaplotypeAutoregression((2,), torch.tensor([0.001, 0.2]), n_told=1, n_neighbours=1)
    fit_haplotype_model(head, counts, torch.zeros(500, 1), ridge=1.0, seed=1)
    head.requires_grad_(False)
    probability = head.log_odds(head.given(torch.zeros(1, 1)), torch.zeros(2, 2, 1)).sigmoid()
    assert abs(float(probability[0, 0, 0]) - 0.001) < 1e-6


def test_fit_haplotype_model__same_seed_same_weights():
    assert torch.equal(fitted()[0].band, fitted()[0].band)


@pytest.mark.parametrize(("n_variants", "n_expected"), [(5, 100), (10, 80), (20, 40)])
def test_people_to_fit__bounds_people_and_genotypes(monkeypatch, n_variants, n_expected):
    monkeypatch.setattr("genosynth.training.haplotypes.MAX_PEOPLE", 100)
    monkeypatch.setattr("genosynth.training.haplotypes.MOST_FITTED", 800)
    counts = torch.zeros(500, n_variants, dtype=torch.int8)
    rows = people_to_fit(counts, generator=torch.Generator().manual_seed(1))
    assert len(rows) == n_expected
    assert (rows.diff() > 0).all()
    assert rows[-1] > n_expected  # from all over the cohort
