import pytest
import torch

from genosynth.models.denoiser import Denoiser, DenoiserShape
from genosynth.sampling.guidance import guided
from genosynth.sampling.samplers import heun

MEAN, SD = 1.5, 0.4


def ideal_velocity(x: torch.Tensor, times: torch.Tensor) -> torch.Tensor:
    """The exact E[ε − z | x_t] of a Gaussian z ~ N(MEAN, SD²), in closed form."""
    t = times[:, None]
    variance = (1 - t) ** 2 * SD**2 + t**2
    residual = (x - (1 - t) * MEAN) / variance
    return t * residual - (MEAN + (1 - t) * SD**2 * residual)


def exact_end(noise: torch.Tensor) -> torch.Tensor:
    return MEAN + SD * noise


def test_heun__recovers_a_gaussian():
    noise = torch.randn(2000, 1, generator=torch.Generator().manual_seed(1), dtype=torch.double)
    torch.testing.assert_close(
        heun(ideal_velocity, noise, n_steps=64), exact_end(noise), atol=5e-3, rtol=0
    )


def test_heun__is_of_second_order():
    noise = torch.linspace(-2, 2, 21, dtype=torch.double)[:, None]
    errors = [
        (heun(ideal_velocity, noise, n_steps=n) - exact_end(noise)).abs().max() for n in (32, 64)
    ]
    assert 3 < errors[0] / errors[1] < 5


@pytest.mark.parametrize("scale", [1.0, 3.0])
def test_guidance__extrapolates_between_the_two_velocities(scale):
    torch.manual_seed(0)
    shape = DenoiserShape(n_latent=2, n_features=2, width=8, n_blocks=1)
    denoiser = Denoiser(shape, centre=torch.zeros(2), scale=torch.ones(2))
    for parameter in denoiser.parameters():
        torch.nn.init.normal_(parameter)
    labels, unknown = torch.eye(2), torch.zeros(2, 2)
    x, times = torch.randn(2, 2), torch.rand(2)
    base, conditional = denoiser(x, times, unknown), denoiser(x, times, labels)
    velocity = guided(denoiser, labels, unguided=unknown, scale=scale)(x, times)
    torch.testing.assert_close(velocity, base + scale * (conditional - base))
    assert not torch.allclose(base, conditional)
