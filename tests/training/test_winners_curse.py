"""Effects to be expected in new people."""

import pytest
import torch

from genosynth.training.winners_curse import expected_share


def simulate(n: int, *, spread: float, share: float, least: float) -> tuple[torch.Tensor, ...]:
    """z-scores beyond `least`, and the effects behind them in standard errors."""
    generator = torch.Generator().manual_seed(1)
    is_causal = torch.rand(n, generator=generator) < share
    effects = spread * torch.randn(n, generator=generator) * is_causal
    z = effects + torch.randn(n, generator=generator)
    chosen = z.abs() > least
    return z[chosen], effects[chosen]


@pytest.mark.parametrize("least", [0.0, 1.5, 3.0])
def test_expected_share__effects_in_new_people_are_as_expected(least):
    z, effects = simulate(100_000, spread=2.0, share=0.1, least=least)
    expected = z * expected_share(z)
    # Slope of the truth on what is expected: 1. On the estimates themselves it is less.
    slope = (effects @ expected / expected.square().sum()).item()
    assert slope == pytest.approx(1, abs=0.05)
    assert (effects @ z / z.square().sum()).item() < 0.85


def test_expected_share__is_that_of_a_normal_prior_without_a_choice():
    z, _ = simulate(50_000, spread=1.5, share=1.0, least=0.0)
    wanted = 1.5**2 / (1 + 1.5**2)
    common = z.abs() < 4
    assert (expected_share(z)[common] - wanted).abs().max() < 0.06


def test_expected_share__of_chance_alone_little_is_left():
    z, _ = simulate(100_000, spread=0.0, share=0.0, least=2.0)
    assert expected_share(z).mean() < 0.15


def test_expected_share__evident_effects_are_kept():
    z, _ = simulate(100_000, spread=2.0, share=0.1, least=2.0)
    huge = torch.cat((z, torch.tensor([60.0, -45.0])))
    assert (expected_share(huge)[-2:] > 0.95).all()


def test_expected_share__survives_a_panel_of_evident_effects_and_one_of_a_single_variant():
    strong = torch.linspace(20, 60, 50)
    assert (expected_share(strong) > 0.9).all()
    assert expected_share(torch.tensor([0.0])).isfinite().all()
