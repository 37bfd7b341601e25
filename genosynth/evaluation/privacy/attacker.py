"""What an attacker without access to the model holds: the release, a panel of their own, targets.

The targets are people of whom the attacker has genotypes, trait and conditions, and would like to
know whether they were trained on. An attack gives each of them a number that is larger for likely
training people; its direction is fixed before anything is measured.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genosynth.data.genotypes import Genotypes
from genosynth.data.labels import Label
from genosynth.evaluation.comparison import label_groups
from genosynth.evaluation.privacy.nearest_record import nearest

MIN_IN_CLASS = 50  # synthetic and reference people: of fewer, frequencies are mostly noise

Mask = NDArray[np.bool_]
Counts = NDArray[np.int8]
Values = NDArray[np.float64]
ScoreTargets = Callable[[Counts, Counts, Counts], Values]  # targets, synthetic, reference


@dataclass(frozen=True)
class Stratum:
    """Targets with the people whose allele frequencies they are compared with.

    n_train: training people of the same class, which theory needs and no attack reads.
    """

    targets: Mask
    synthetic: Mask
    reference: Mask
    n_train: int


@dataclass(frozen=True)
class AttackerView:
    """The targets, the released rows and the attacker's own reference panel."""

    targets: Genotypes
    synthetic: Genotypes
    reference: Genotypes
    strata: list[Stratum]

    @cached_property
    def to_reference(self) -> Values:
        """Distance of each target to the nearest reference person (n_targets,)."""
        return nearest(self.targets.counts, self.reference.counts).first


def attacker_view(
    targets: Genotypes,
    *,
    synthetic: Genotypes,
    reference: Genotypes,
    train: pd.DataFrame,
    labels: list[Label],
) -> AttackerView:
    """Show the attacker their view, with the targets sorted into classes."""
    tables = [targets.samples, synthetic.samples, reference.samples, train]
    return AttackerView(targets, synthetic, reference, find_strata(tables, class_labels(labels)))


def standardised_within_strata(view: AttackerView, score: ScoreTargets) -> Values:
    """Score the targets of each class against its own people, then standardise over them.

    Which needs no knowledge of who is a member, and lets classes share one threshold.
    """
    scores = np.zeros(len(view.targets.samples))
    for stratum in view.strata:
        values = score(
            view.targets.counts[stratum.targets],
            view.synthetic.counts[stratum.synthetic],
            view.reference.counts[stratum.reference],
        )
        scores[stratum.targets] = (values - values.mean()) / (values.std() or 1.0)
    return scores


def class_labels(labels: list[Label]) -> list[Label]:
    """Labels that make classes: the trait and the conditions that are not quantitative."""
    return [label for label in labels if label.role == "trait" or label.kind != "quantitative"]


def find_strata(tables: list[pd.DataFrame], labels: list[Label]) -> list[Stratum]:
    """Give each target the finest class that holds enough synthetic and reference people.

    Labels are dropped from the last to the first until it does; without any, a class is everybody.
    tables: samples of targets, synthetic, reference and training people.
    """
    strata = []
    waiting = np.ones(len(tables[0]), bool)
    for n_labels in range(len(labels), -1, -1):
        groups = label_groups(tables, labels[:n_labels])
        for group in np.unique(groups[0][waiting]):
            targets, synthetic, reference, train = (side == group for side in groups)
            is_large = min(synthetic.sum(), reference.sum()) >= MIN_IN_CLASS
            if is_large or not n_labels:
                strata.append(Stratum(targets & waiting, synthetic, reference, int(train.sum())))
                waiting = waiting & ~targets
    return strata
