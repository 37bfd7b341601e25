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


def divide(families: Tensor, *, validation_fraction: float, seed: int) -> Division:
    """Put random families of the training people aside; the same ones of one seed and people.

    families: (n,), whose family each person is of. Judged by relatives of those fitted to, a
    network would seem the better, the more it knows of these families. Families too large for the
    fraction stay; where no family fits, people are put aside one by one.
    """
    rng = np.random.default_rng(derive_seed(seed, "validation"))
    n_validation = max(1, round(validation_fraction * len(families)))
    family, sizes = np.unique(families.numpy(), return_inverse=True, return_counts=True)[1:]
    aside, n_aside = np.zeros(len(sizes), bool), 0
    for each in rng.permutation(len(sizes)):
        aside[each] = n_aside + sizes[each] <= n_validation
        n_aside += sizes[each] * aside[each]
    is_judge = aside[family]
    if not is_judge.any():
        is_judge[rng.permutation(len(families))[:n_validation]] = True
    return Division(
        fitting=torch.from_numpy(np.flatnonzero(~is_judge)),
        validation=torch.from_numpy(np.flatnonzero(is_judge)),
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
    """Identity of a training run (code, data, settings): arrays by content, the rest by text."""
    state = hashlib.sha256()
    for part in parts:
        is_array = isinstance(part, np.ndarray)
        state.update(_bytes(part) if is_array else repr(part).encode())
    return state.hexdigest()[:16]


def _bytes(array: NDArray[Any]) -> memoryview:
    return np.ascontiguousarray(array).reshape(-1).view(np.uint8).data
