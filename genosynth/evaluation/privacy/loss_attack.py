"""Membership from the model itself: training people have fewer nats than like held-out people.

Who has the weights can ask how likely the model finds anyone. How rare a person's alleles are says
more about that than membership does: it is taken off first, by the attacker's reference panel.
"""

import numpy as np
from numpy.typing import NDArray

from genosynth.data.genotypes import MISSING, Genotypes
from genosynth.data.labels import Label
from genosynth.evaluation.estimates import Estimate
from genosynth.evaluation.privacy.attacker import class_labels, find_strata
from genosynth.evaluation.privacy.frequency_attacks import smoothed_frequency
from genosynth.evaluation.privacy.membership import score_attacks

Values = NDArray[np.float64]

NAME = "mia_loss"


def attack_by_loss(
    nats: Values, targets: Genotypes, *, reference: Genotypes, labels: list[Label]
) -> dict[str, Estimate]:
    """Tell training from test people by their nats (n_targets,) under the model."""
    is_member = (targets.samples["part"] == "train").to_numpy()
    if not min(is_member.sum(), (~is_member).sum(), len(reference.samples)):
        return {f"{NAME}_{what}": Estimate(np.nan) for what in ("auc", "tpr_at_1pct")}
    rarity = nats_of_reference(targets, reference, labels)
    return score_attacks({NAME: unexplained(rarity, nats)}, is_member)


def nats_of_reference(targets: Genotypes, reference: Genotypes, labels: list[Label]) -> Values:
    """Nats (n_targets,) under allele frequencies of the reference people of a target's class."""
    nats = np.empty(len(targets.samples))
    tables = [targets.samples, reference.samples, reference.samples, targets.samples[:0]]
    for stratum in find_strata(tables, class_labels(labels)):
        frequency = smoothed_frequency(reference.counts[stratum.reference])
        nats[stratum.targets] = hardy_weinberg_nats(targets.counts[stratum.targets], frequency)
    return nats


def hardy_weinberg_nats(counts: NDArray[np.int8], frequency: Values) -> Values:
    """Negative log-likelihood (n,) of ALT copies (n, n_variants), each variant on its own."""
    alt, ref = np.log(frequency), np.log1p(-frequency)
    of_genotype = np.stack([2 * ref, np.log(2) + alt + ref, 2 * alt])
    called = counts != MISSING
    likely = np.take_along_axis(of_genotype, np.where(called, counts, 0).astype(np.intp), axis=0)
    nats: Values = -(likely * called).sum(axis=1)
    return nats


def unexplained(rarity: Values, nats: Values) -> Values:
    """How many fewer nats (n,) people have than a regression on rarity expects."""
    centred = rarity - rarity.mean()
    slope = centred @ nats / max(centred @ centred, np.finfo(float).tiny)
    return np.asarray(nats.mean() + slope * centred - nats)
