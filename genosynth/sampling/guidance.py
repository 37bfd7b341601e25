"""Classifier-free guidance as a wrapper of the flow's velocity."""

from torch import Tensor

from genosynth.models.denoiser import Denoiser
from genosynth.sampling.samplers import Velocity


# Ho & Salimans 2022, equation 6, in the form u + w (c − u).
def guided(denoiser: Denoiser, labels: Tensor, *, unguided: Tensor, scale: float) -> Velocity:
    """Velocity given `labels`, extrapolated by `scale` away from that given `unguided` labels.

    Scale 1 is the learnt conditional distribution, and costs one evaluation instead of two.
    """

    def conditional(x: Tensor, times: Tensor) -> Tensor:
        velocity: Tensor = denoiser(x, times, labels)
        return velocity

    def extrapolated(x: Tensor, times: Tensor) -> Tensor:
        base: Tensor = denoiser(x, times, unguided)
        return base + scale * (conditional(x, times) - base)

    return conditional if scale == 1 else extrapolated
