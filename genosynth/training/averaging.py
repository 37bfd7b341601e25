"""Exponential moving average of weights."""

import copy

import torch
from torch import nn


class AveragedWeights:
    """A model whose weights are the running average of another's."""

    def __init__(self, model: nn.Module, *, decay: float) -> None:
        """Start from the model as it is."""
        self.model = copy.deepcopy(model).requires_grad_(False)
        self.decay = decay

    @torch.no_grad()
    def update(self, model: nn.Module, *, step: int) -> None:
        """Move towards `model`; the decay rises with `step`, so that short runs are not lagging."""
        decay = min(self.decay, (1 + step) / (10 + step))
        for own, new in zip(self.model.parameters(), model.parameters(), strict=True):
            own.lerp_(new, 1 - decay)
