"""The trait adjusted for other chromosomes."""

import numpy as np
import pytest
import torch
from sklearn.linear_model import Ridge

from genosynth.training.background import (
    PENALTIES,
    adjust_label,
    adjust_trait,
    ridge_weights,
    slopes,
)

N_PEOPLE = 600
SIZES = (30, 50, 40)
N_VARIANTS = sum(SIZES)


@pytest.fixture
def dosages() -> torch.Tensor:
    generator = torch.Generator().manual_seed(1)
    values = torch.randn(N_PEOPLE, N_VARIANTS, generator=generator).double()
    return values - values.mean(dim=0)


@pytest.fixture
def effects() -> torch.Tensor:
    return 0.08 * torch.randn(N_VARIANTS, generator=torch.Generator().manual_seed(2)).double()


@pytest.fixture
def trait(dosages, effects) -> torch.Tensor:
    noise = torch.randn(N_PEOPLE, generator=torch.Generator().manual_seed(3)).double()
    values = dosages @ effects + noise
    return values - values.mean()


def nobody(n: int = N_PEOPLE) -> torch.Tensor:
    """Conditions that tell nothing."""
    return torch.zeros(n, 1).double()


def test_ridge_weights__agree_with_scikit_learn_at_one_of_the_penalties(dosages, trait):
    found = ridge_weights(dosages, trait, n_spent=1).numpy()
    gaps = [
        np.abs(found - Ridge(each * N_VARIANTS, fit_intercept=False).fit(dosages, trait).coef_)
        for each in PENALTIES
    ]
    assert min(gap.max() for gap in gaps) < 1e-6


def test_ridge_weights__a_trait_of_noise_gets_a_penalty_that_leaves_little(dosages):
    noise = torch.randn(N_PEOPLE, generator=torch.Generator().manual_seed(9)).double()
    weights = ridge_weights(dosages, noise - noise.mean(), n_spent=1)
    assert (dosages @ weights).var() < 0.05 * noise.var()


def test_adjust_trait__effects_come_closer_to_the_truth(dosages, trait, effects):
    adjusted = adjust_trait(trait, dosages, nobody(), chromosome_sizes=SIZES)
    chromosomes = torch.split(dosages, list(SIZES), dim=1)
    freed = torch.cat([slopes(*each) for each in zip(chromosomes, adjusted, strict=True)])
    plain = slopes(dosages, trait)

    def agreement(values: torch.Tensor) -> float:
        return torch.corrcoef(torch.stack((values, effects)))[0, 1].item()

    assert agreement(freed) > agreement(plain) + 0.02
    assert (freed @ plain / plain.square().sum()).item() == pytest.approx(1)


def test_adjust_trait__in_a_wide_panel_some_variants_speak_for_all(dosages, trait, monkeypatch):
    alike = dosages.repeat_interleave(2, dim=1)  # each variant and its copy
    sizes = tuple(2 * size for size in SIZES)
    expected = adjust_trait(trait, dosages, nobody(), chromosome_sizes=SIZES)
    monkeypatch.setattr("genosynth.training.background.MAX_PREDICTORS", N_VARIANTS)
    adjusted = adjust_trait(trait, alike, nobody(), chromosome_sizes=sizes)
    torch.testing.assert_close(adjusted, expected)


def test_adjust_trait__leaves_what_conditions_say(dosages, trait):
    generator = torch.Generator().manual_seed(4)
    condition = (torch.rand(N_PEOPLE, 1, generator=generator) < 0.3).double()
    shifted = trait + 2 * condition[:, 0]
    told = torch.cat((torch.ones_like(condition), condition), dim=1)
    for adjusted in adjust_trait(shifted, dosages, condition, chromosome_sizes=SIZES):
        torch.testing.assert_close(told.T @ adjusted, told.T @ shifted)


def binary_labels(trait: torch.Tensor) -> torch.Tensor:
    """A condition of one column, then a binary trait that is unknown to the first hundred."""
    is_case = (trait > 0.5).float()
    labels = torch.stack((torch.ones(N_PEOPLE), 1 - is_case, is_case), dim=1)
    labels[:100, 1:] = 0
    return labels


def test_adjust_label__changes_the_known_trait_only_and_keeps_its_columns_complementary(
    dosages, trait
):
    labels = binary_labels(trait)
    adjusted = adjust_label(
        labels,
        slice(1, 3),
        dosages=dosages.float(),
        others=labels[:, :1],
        chromosome_sizes=SIZES,
    )
    assert len(adjusted) == len(SIZES)
    for each in adjusted:
        assert torch.equal(each[:100], labels[:100])
        assert torch.equal(each[:, 0], labels[:, 0])
        assert (each[100:, 1:] - labels[100:, 1:]).abs().max() > 0.01
        torch.testing.assert_close(each[100:, 1:].sum(dim=1), torch.ones(N_PEOPLE - 100))


def test_adjust_label__one_chromosome_has_no_others(dosages, trait):
    labels = binary_labels(trait)
    (adjusted,) = adjust_label(
        labels,
        slice(1, 3),
        dosages=dosages.float(),
        others=labels[:, :1],
        chromosome_sizes=(N_VARIANTS,),
    )
    assert torch.equal(adjusted, labels)
