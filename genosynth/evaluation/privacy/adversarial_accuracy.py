"""Loss of adversarial accuracy on training people: `nnaa_loss` (Yale et al. 2020)."""

import numpy as np

from genosynth.evaluation.adversarial_accuracy import (
    mutual_minima,
    nearer_to_own,
    own_minima,
    whole_and_halves,
)
from genosynth.evaluation.distances import Counts
from genosynth.evaluation.estimates import Estimate


def compare_adversarial_accuracy(
    train: Counts, holdout: Counts, synthetic: Counts, *, n_subsamples: int, seed: int
) -> dict[str, Estimate]:
    """Accuracy against held-out people minus accuracy against training people, of equal number."""
    n = len(synthetic)
    if not len(train) == len(holdout) == n:
        raise ValueError(f"{len(train)} training, {len(holdout)} held-out, {n} synthetic people")
    if n < 4:
        return {"nnaa_loss": Estimate(np.nan, n=n)}
    members = whole_and_halves(n, n_subsamples, seed=seed)
    own = [own_minima(people, members) for people in (train, holdout, synthetic)]
    accuracies = []
    for real, own_real in ((train, own[0]), (holdout, own[1])):
        to_synthetic, to_real = mutual_minima(real, synthetic, members)
        accuracies.append(
            (
                nearer_to_own(to_synthetic, own_real, members)
                + nearer_to_own(to_real, own[2], members)
            )
            / 2
        )
    losses = accuracies[1] - accuracies[0]
    return {
        "nnaa_loss": Estimate.around(
            losses[0], losses[1:].std(ddof=1), n=n, degrees=n_subsamples - 1, limits=(-1.0, 1.0)
        )
    }
