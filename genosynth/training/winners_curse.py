"""Effects to be expected in new people, of variants that were chosen for their effects in these.

A panel chosen by p-value holds the variants that chance favoured: among new people their effects
are smaller. The expected ones are posterior means. Prior: a mixture of normal distributions, wide
and narrow (Stephens 2017, Biostatistics 18:275); fitted to z-scores of chosen variants only, which
says how the choice cut off the small ones (Zhong & Prentice 2008, Biostatistics 9:621). Given its
z-score, that a variant was chosen tells nothing more of its effect.
"""

import logging
import math

import torch
from torch import Tensor

logger = logging.getLogger(__name__)

LEAST_CHOSEN = 0.01  # quantile of |z| taken for what the choice demanded
NARROWEST = 0.5  # SD of effects in the prior, in standard errors, beside none at all
STEP = 2**0.5
N_ROUNDS = 400
TINY = 1e-12


def expected_share(z_scores: Tensor) -> Tensor:
    """Share (n_variants,) of each estimated effect that is expected in new people.

    z_scores: (n_variants,), of the people the panel was chosen by.
    """
    z = z_scores.double().abs()
    threshold = float(torch.quantile(z, LEAST_CHOSEN))
    variance = _prior_variances(float(z.max())).to(z)
    sd = (1 + variance).sqrt()  # of z-scores, chance included
    densities = (-0.5 * (z[:, None] / sd).square()).exp() / sd
    chosen = torch.special.erfc(threshold / sd / math.sqrt(2)).clamp(min=TINY)  # of each component
    weights = torch.full_like(variance, 1 / len(variance))
    for _ in range(N_ROUNDS):
        belongs = weights * densities
        belongs /= belongs.sum(dim=1, keepdim=True)
        weights = belongs.mean(dim=0) / chosen
        weights /= weights.sum()
    share: Tensor = belongs @ (variance / (1 + variance))
    logger.info("%.2f of the effects expected in new people", float((share * z).mean() / z.mean()))
    return share.to(z_scores)


def _prior_variances(largest: float) -> Tensor:
    """Variances of effects, in squared standard errors: none, then up to the largest z-score."""
    n = max(1, math.ceil(math.log(max(largest / NARROWEST, STEP), STEP)))
    spreads = NARROWEST * STEP ** torch.arange(n + 1).double()
    return torch.cat((torch.zeros(1).double(), spreads.square()))
