"""Who is exposed: membership attacks within groups of people, not on average.

An AUC over everybody hides a few who are found. Rare alleles make a person recognisable, and so do
an ancestry that few share, relatives among those who taught the generator, and being unlike anyone.
Groups are made of what a person is, never of how an attack went: members and others alike.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genosynth.data.genotypes import Genotypes
from genosynth.data.labels import level_codes
from genosynth.evaluation.comparison import Comparison, chunks
from genosynth.evaluation.estimates import SHARE, Estimate, share_estimate
from genosynth.evaluation.privacy.attacker import AttackerView
from genosynth.evaluation.privacy.frequency_attacks import smoothed_frequency
from genosynth.evaluation.privacy.frequency_theory import FrequencyTheory
from genosynth.evaluation.privacy.thresholds import FALSE_ALARMS, n_allowed, n_caught
from genosynth.evaluation.roc import aucs

MIN_PEOPLE = 30  # training people of a group, and held-out ones; of fewer an AUC says nothing
TAIL = 0.1  # of the people: those with the largest load of rare alleles, or farthest from others
EVERYBODY, RARE = "everybody", "most rare alleles"
FAR, RELATED = "far from the cohort", "with relatives"
FIRST = {"first 20 accused": 20, "first 1 % accused": 0.01}  # people, or share of those attacked
COLUMNS = ["group", "kind", "attack", "n", "n_members", "auc", "auc_low", "auc_high"]
COLUMNS += ["tpr_at_1pct", "tpr_low", "tpr_high", "expected_auc"]

Mask = NDArray[np.bool_]
Values = NDArray[np.float64]


def exposure_groups(view: AttackerView, comparison: Comparison) -> dict[str, Mask]:
    """Who of the targets belongs to each group; a group may be empty."""
    targets = view.targets
    groups = {
        EVERYBODY: np.ones(len(targets.samples), bool),
        RARE: _largest_tenth(rare_allele_load(targets, view.reference)),
        FAR: _largest_tenth(view.to_reference),
    }
    real = [comparison.train.samples, comparison.holdout.samples]
    if all("family" in samples for samples in real):
        groups[RELATED] = has_relatives(targets.samples, among=pd.concat(real))
    for label in comparison.labels:
        if label.role == "condition" and label.levels:
            codes = level_codes(targets.samples[label.name], label)
            groups |= {f"{label.name} {name}": codes == i for i, name in enumerate(label.levels)}
    return groups


def exposure_table(
    scores: dict[str, Values],
    is_member: Mask,
    groups: dict[str, Mask],
    *,
    theories: dict[str, FrequencyTheory],
) -> pd.DataFrame:
    """Success of each attack within each group, and whom it accuses first: COLUMNS.

    theories: of each group. A group too small to be judged is there, without numbers.
    """
    rows = []
    for group, among in groups.items():
        areas = _areas(scores, is_member, among)
        counts = (int(among.sum()), int((among & is_member).sum()))
        expected = theories[group].auc()
        for (attack, values), area in zip(scores.items(), areas, strict=True):
            found = _found(values, is_member, among)
            numbers = [*_triple(area), *_triple(found), expected]
            rows.append((group, "group", attack, *counts, *numbers))
    for name, first in FIRST.items():
        n = min(first if isinstance(first, int) else round(first * len(is_member)), len(is_member))
        for attack, values in scores.items():
            accused = np.argsort(-values, kind="stable")[:n]
            rows.append((name, "accused", attack, n, int(is_member[accused].sum()), *[np.nan] * 7))
    return pd.DataFrame(rows, columns=COLUMNS)


def has_relatives(people: pd.DataFrame, *, among: pd.DataFrame) -> Mask:
    """Who has a relative in their own part: a family of more than one.

    Families lie within one part of the cohort, so held-out people with relatives among held-out
    ones are what training people with relatives among training ones are compared with.
    """
    sizes = among["family"].value_counts()
    return np.asarray(people["family"].map(sizes).fillna(0) > 1)


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


def _largest_tenth(values: Values) -> Mask:
    return values >= np.quantile(values, 1 - TAIL) if len(values) else values > 0


def _areas(scores: dict[str, Values], is_member: Mask, among: Mask) -> list[Estimate]:
    """AUC of each attack within a group; NaN if it has too few people of either kind."""
    n = int(among.sum())
    if min((among & is_member).sum(), (among & ~is_member).sum()) < MIN_PEOPLE:
        return [Estimate(np.nan, n=n)] * len(scores)
    measured = aucs(np.stack([each[among] for each in scores.values()]), is_member[among])
    errors = np.sqrt(measured.covariance.diagonal())
    return [
        Estimate.around(area, error, n=n, limits=SHARE)
        for area, error in zip(measured.areas, errors, strict=True)
    ]


def _found(values: Values, is_member: Mask, among: Mask) -> Estimate:
    """Members of a group found at 1 % false alarms in it; NaN where 1 % is less than a person."""
    members, others = values[among & is_member], values[among & ~is_member]
    if not n_allowed(len(others), FALSE_ALARMS) or len(members) < MIN_PEOPLE:
        return Estimate(np.nan)
    return share_estimate(n_caught(members, others), len(members))


def _triple(estimate: Estimate) -> tuple[float, float, float]:
    return estimate.value, estimate.ci_low, estimate.ci_high
