"""Density of the latent flow, exact but for the solver's error."""

import itertools
import math

import torch
from torch import Tensor

from genosynth.models.denoiser import Denoiser

N_STEPS = 4  # of a fourth-order method: as many as eight, ±.01, on the demo


# Instantaneous change of variables, Chen et al. 2018, theorem 1: along the flow from latents
# (t = 0) to noise (t = 1), the log-density falls by the divergence of the velocity.
@torch.no_grad()
def log_density(
    denoiser: Denoiser, latents: Tensor, labels: Tensor, *, n_steps: int = N_STEPS
) -> Tensor:
    """Log-density (n,) of latents (n, n_latent) given labels (n, n_features)."""
    state = (latents - denoiser.centre) / denoiser.scale, torch.zeros_like(latents[:, 0])
    times = torch.linspace(0, 1, n_steps + 1, dtype=latents.dtype, device=latents.device)
    for now, then in itertools.pairwise(times):
        state = runge_kutta(denoiser, labels, state, now=now, step=then - now)
    noise, gained = state
    return log_normal(noise) + gained - denoiser.scale.log().sum()


def log_normal(noise: Tensor) -> Tensor:
    """Log-density (n,) of independent standard normal numbers (n, n_latent)."""
    return -0.5 * (noise**2 + math.log(2 * math.pi)).sum(dim=1)


State = tuple[Tensor, Tensor]  # where latents are (n, n_latent); what divergence added up to (n,)


# The classical method of fourth order: Hairer, Nørsett & Wanner 1993, table II.1.2.
def runge_kutta(
    denoiser: Denoiser, labels: Tensor, state: State, *, now: Tensor, step: Tensor
) -> State:
    """Follow the flow for one step."""
    x, gained = state
    middle = now + step / 2
    slope, divergence = moved = velocity_and_divergence(denoiser, x, now, labels)
    for time, reach, weight in ((middle, 0.5, 2), (middle, 0.5, 2), (now + step, 1.0, 1)):
        moved = velocity_and_divergence(denoiser, x + reach * step * moved[0], time, labels)
        slope, divergence = slope + weight * moved[0], divergence + weight * moved[1]
    return x + step / 6 * slope, gained + step / 6 * divergence


@torch.enable_grad()
def velocity_and_divergence(denoiser: Denoiser, x: Tensor, time: Tensor, labels: Tensor) -> State:
    """Velocity (n, n_latent) and the exact trace of its derivative (n,): latents are few."""
    x = x.detach().requires_grad_()
    velocity: Tensor = denoiser(x, time.expand(len(x)), labels)
    divergence = torch.zeros_like(x[:, 0])
    for i, of_latent in enumerate(velocity.unbind(dim=1)):
        divergence += torch.autograd.grad(of_latent.sum(), x, retain_graph=True)[0][:, i]
    return velocity.detach(), divergence
