"""Who is exposed: membership attacks within groups of people, not on average.

An AUC over everybody hides a few who are found. Rare alleles make a person recognisable, and so
does an ancestry that few share.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genosynth.data.genotypes import Genotypes
from genosynth.data.labels import Label, level_codes
from genosynth.evaluation.comparison import chunks
from genosynth.evaluation.estimates import SHARE, Estimate
from genosynth.evaluation.privacy.frequency_attacks import smoothed_frequency
from genosynth.evaluation.roc import aucs

MIN_PEOPLE = 30  # training people of a group, and held-out ones; of fewer an AUC says nothing
RARE_SHARE = 0.1  # of the people, those with the largest load of rare alleles
EVERYBODY, RARE = "everybody", "most rare alleles"
COLUMNS = ["group", "attack", "n", "auc", "auc_low", "auc_high"]

Mask = NDArray[np.bool_]
Values = NDArray[np.float64]


def exposure_table(
    scores: dict[str, Values],
    is_member: Mask,
    targets: Genotypes,
    *,
    reference: Genotypes,
    labels: list[Label],
) -> pd.DataFrame:
    """AUC of each attack within each group of the targets, with its interval: COLUMNS."""
    load = rare_allele_load(targets, reference)
    groups = {EVERYBODY: np.ones(len(is_member), bool)}
    groups[RARE] = load >= np.quantile(load, 1 - RARE_SHARE) if len(load) else load > 0
    for label in labels:
        if label.role == "condition" and label.levels:
            codes = level_codes(targets.samples[label.name], label)
            groups |= {f"{label.name} {name}": codes == i for i, name in enumerate(label.levels)}
    rows = []
    for group, among in groups.items():
        if min((among & is_member).sum(), (among & ~is_member).sum()) < MIN_PEOPLE:
            continue
        measured = aucs(np.stack([each[among] for each in scores.values()]), is_member[among])
        for i, attack in enumerate(scores):
            error = float(np.sqrt(measured.covariance[i, i]))
            area = Estimate.around(measured.areas[i], error, n=int(among.sum()), limits=SHARE)
            rows.append((group, attack, area.n, area.value, area.ci_low, area.ci_high))
    return pd.DataFrame(rows, columns=COLUMNS)


def rare_allele_load(people: Genotypes, reference: Genotypes) -> Values:
    """Rare alleles of each person (n_samples,), each weighted by how rare it is: −log frequency."""
    frequency = smoothed_frequency(reference.counts)
    of_alt, of_ref = (np.maximum(-np.log(2 * f), 0) for f in (frequency, 1 - frequency))
    return np.concatenate(
        [np.zeros(0)]
        + [
            np.maximum(c, 0) @ of_alt + np.where(c < 0, 0, 2 - c) @ of_ref
            for c in chunks(people.counts)
        ]
    )
