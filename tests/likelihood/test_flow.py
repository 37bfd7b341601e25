"""Density of the latent flow: a closed form, and a total of one."""

import math

import pytest
import torch
from torch import Tensor, nn

from genosynth.likelihood.flow import log_density
from genosynth.models.denoiser import Denoiser, DenoiserShape

MEAN, SD = 1.5, 0.4


class GaussianFlow(nn.Module):
    """Stands in for a denoiser: the exact velocity of standardised latents ~ N(MEAN, SD²)."""

    centre, scale = torch.tensor([0.3, -0.2]).double(), torch.tensor([2.0, 0.5]).double()

    def forward(self, x: Tensor, times: Tensor, labels: Tensor) -> Tensor:
        t = times[:, None]
        residual = (x - (1 - t) * MEAN) / ((1 - t) ** 2 * SD**2 + t**2)
        return t * residual - (MEAN + (1 - t) * SD**2 * residual)


@pytest.mark.parametrize(("n_steps", "error"), [(32, 1e-3), (64, 1e-4)])
def test_log_density__of_a_gaussian_is_its_closed_form(n_steps, error):
    flow = GaussianFlow()
    latents = torch.randn(50, 2, generator=torch.Generator().manual_seed(1)).double()
    latents = flow.centre + flow.scale * (MEAN + SD * latents)
    found = log_density(flow, latents, torch.zeros(50, 1), n_steps=n_steps)
    exact = torch.distributions.Normal(flow.centre + flow.scale * MEAN, flow.scale * SD)
    torch.testing.assert_close(found, exact.log_prob(latents).sum(dim=1), atol=error, rtol=0)


def random_denoiser() -> Denoiser:
    torch.manual_seed(0)
    shape = DenoiserShape(n_latent=2, n_features=2, width=16, n_blocks=1)
    denoiser = Denoiser(shape, centre=torch.tensor([0.5, -1.0]), scale=torch.tensor([0.7, 1.3]))
    for parameter in denoiser.parameters():
        nn.init.normal_(parameter, std=0.25)
    return denoiser.double().requires_grad_(False)


@pytest.mark.parametrize("label", [0, 1])
def test_log_density__of_any_flow_adds_up_to_one(label):
    denoiser = random_denoiser()
    ends, n = 8.0, 81
    line = torch.linspace(-ends, ends, n).double()
    latents = torch.cartesian_prod(line, line)
    labels = torch.eye(2).double()[label].expand(len(latents), -1)
    density = log_density(denoiser, latents, labels, n_steps=8).exp()
    assert density.sum().item() * (2 * ends / (n - 1)) ** 2 == pytest.approx(1, abs=2e-3)
    # It is not the noise it came from.
    noise = torch.distributions.Normal(denoiser.centre, denoiser.scale).log_prob(latents)
    assert (density - noise.sum(dim=1).exp()).abs().max() * 2 * math.pi > 0.05
