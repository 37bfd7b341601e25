"""The same people drawn under several settings of the sampler."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genosynth.data.genotypes import Genotypes


@dataclass(frozen=True)
class Draw:
    """People drawn under one setting, their latents (n, n_latent), and seconds for all of them."""

    people: Genotypes
    latents: NDArray[np.float64]
    seconds: float


@dataclass(frozen=True)
class Sweep:
    """Draws for the labels of the same training people, with the same random numbers.

    asked: who they are; their labels are those of the draws. latents: of these people as the
    encoder sees them, (n, n_latent). guidance, steps: draws by the value of the setting; guidance
    is empty without a trait. masked: every label unknown; None without labels.
    """

    asked: Genotypes
    latents: NDArray[np.float64]
    guidance: dict[float, Draw]
    steps: dict[int, Draw]
    masked: Draw | None
