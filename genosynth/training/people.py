"""The people a network is fitted to, and those who only judge it."""

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from genosynth.seeds import derive_seed


@dataclass(frozen=True)
class Division:
    """Rows of the training part: those that gradients see, and those that choose when to stop."""

    fitting: Tensor
    validation: Tensor


def divide(n_samples: int, *, validation_fraction: float, seed: int) -> Division:
    """Put a random part of the training people aside; the same for every network of one seed."""
    order = np.random.default_rng(derive_seed(seed, "validation")).permutation(n_samples)
    n_validation = max(1, round(validation_fraction * n_samples))
    return Division(
        fitting=torch.from_numpy(np.sort(order[n_validation:])),
        validation=torch.from_numpy(np.sort(order[:n_validation])),
    )


def hide_labels(
    labels: Tensor, slices: list[slice], *, fraction: float, generator: torch.Generator
) -> Tensor:
    """Make some labels unknown, each on its own: missing values and guidance need both cases."""
    labels = labels.clone()
    for columns in slices:
        draws = torch.rand((len(labels), 1), generator=generator, device=labels.device)
        labels[:, columns] *= draws >= fraction
    return labels


def digest(*parts: Any) -> str:
    """Identity of a training run: arrays by content, the rest by their text."""
    state = hashlib.sha256()
    for part in parts:
        is_array = isinstance(part, np.ndarray)
        state.update(_bytes(part) if is_array else repr(part).encode())
    return state.hexdigest()[:16]


def _bytes(array: NDArray[Any]) -> memoryview:
    return np.ascontiguousarray(array).reshape(-1).view(np.uint8).data
