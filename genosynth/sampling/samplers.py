"""Solvers of the flow: (velocity, noise, n_steps) → latents."""

import itertools
from collections.abc import Callable

import torch
from torch import Tensor

Velocity = Callable[[Tensor, Tensor], Tensor]  # (x, times) → dx/dt


# Heun's second-order method, as Karras et al. 2022, algorithm 1 without churn.
def heun(velocity: Velocity, noise: Tensor, *, n_steps: int) -> Tensor:
    """Follow the flow from noise (t = 1) to latents (t = 0), in `n_steps` equal steps."""
    x = noise
    times = torch.linspace(1, 0, n_steps + 1, dtype=noise.dtype, device=noise.device)
    for now, then in itertools.pairwise(times):
        slope = velocity(x, now.expand(len(x)))
        guess = x + (then - now) * slope
        x = x + (then - now) * (slope + velocity(guess, then.expand(len(x)))) / 2
    return x
