"""Membership attacks on the released rows alone, and what they would reach without memorisation.

Members are training people, others are held-out people; the reference panel is the part of the
cohort that nothing else sees. The attacks see no model, and retrain none.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genosynth.data.genotypes import Genotypes
from genosynth.evaluation.comparison import Comparison, apart, label_groups
from genosynth.evaluation.estimates import SHARE, Estimate, share_estimate
from genosynth.evaluation.privacy.attacker import AttackerView, attacker_view, class_labels
from genosynth.evaluation.privacy.exposure import COLUMNS as EXPOSURE
from genosynth.evaluation.privacy.exposure import exposure_table
from genosynth.evaluation.privacy.frequency_attacks import (
    attack_by_homer,
    attack_by_likelihood_ratio,
    effective_variants,
    expected_success,
)
from genosynth.evaluation.privacy.likeness_attacks import attack_by_density, attack_by_nearest
from genosynth.evaluation.privacy.sequence_attack import attack_by_sequence
from genosynth.evaluation.privacy.thresholds import FALSE_ALARMS, n_caught
from genosynth.evaluation.roc import aucs

logger = logging.getLogger(__name__)

N_POINTS = 80  # of a drawn curve

Values = NDArray[np.float64]

ATTACKS: dict[str, Callable[[AttackerView], Values]] = {
    "mia_nearest": attack_by_nearest,
    "mia_density": attack_by_density,
    "mia_af_lrt": attack_by_likelihood_ratio,
    "mia_homer": attack_by_homer,
    "mia_sequence": attack_by_sequence,
}
EXPECTED = ("mia_af_lrt_expected_auc", "mia_af_lrt_expected_tpr_at_1pct")
METRICS = [f"{name}_{what}" for name in ATTACKS for what in ("auc", "tpr_at_1pct")]
METRICS += ["mia_max_tpr_at_1pct", *EXPECTED]


@dataclass(frozen=True)
class Membership:
    """Scores of the attacks, and as tables their ROC curves and whom they expose."""

    estimates: dict[str, Estimate]
    curves: pd.DataFrame
    exposure: pd.DataFrame


def attack_membership(
    comparison: Comparison, *, reference: Genotypes, n_attacked: int, seed: int
) -> Membership:
    """Attack at most n_attacked training and as many held-out people, by every attack.

    Real people who are the source of a synthetic row are not attacked as held-out people.
    """
    synthetic, strangers = apart(comparison)
    targets, is_member = draw_targets(comparison.train, strangers, n_max=n_attacked, seed=seed)
    if not min(is_member.sum(), (~is_member).sum(), len(synthetic.samples), len(reference.samples)):
        nothing = {name: Estimate(np.nan) for name in METRICS}
        return Membership(nothing, roc_table({}, is_member), pd.DataFrame(columns=EXPOSURE))
    view = attacker_view(
        targets,
        synthetic=synthetic,
        reference=reference,
        train=comparison.train.samples,
        labels=comparison.labels,
    )
    scores = {name: attack(view) for name, attack in ATTACKS.items()}
    estimates = score_attacks(scores, is_member)
    estimates["mia_max_tpr_at_1pct"] = best_of(scores, is_member, seed=seed)
    estimates |= _theory(view, comparison)
    exposure = exposure_table(
        scores, is_member, targets, reference=reference, labels=comparison.labels
    )
    return Membership(estimates, roc_table(scores, is_member), exposure)


def draw_targets(
    train: Genotypes, strangers: Genotypes, *, n_max: int, seed: int
) -> tuple[Genotypes, NDArray[np.bool_]]:
    """Draw people to attack, at most n_max of each kind, and say who of them is a member."""
    rng = np.random.default_rng(seed)
    members, others = (
        people.take(rng.permutation(len(people.samples))[:n_max]) for people in (train, strangers)
    )
    targets = Genotypes(
        np.concatenate([members.counts, others.counts]),
        pd.concat([members.samples, others.samples], ignore_index=True),
        train.variants,
    )
    return targets, np.arange(len(targets.samples)) < len(members.samples)


def score_attacks(scores: dict[str, Values], is_member: NDArray[np.bool_]) -> dict[str, Estimate]:
    """AUC of each attack, and the share of members found at 1 % false alarms."""
    measured = aucs(np.stack(list(scores.values())), is_member)
    estimates = {}
    n_members = int(is_member.sum())
    for i, (name, values) in enumerate(scores.items()):
        estimates[f"{name}_auc"] = Estimate.around(
            measured.areas[i], np.sqrt(measured.covariance[i, i]), n=len(is_member), limits=SHARE
        )
        caught = n_caught(values[is_member], values[~is_member])
        estimates[f"{name}_tpr_at_1pct"] = share_estimate(caught, n_members)
    return estimates


def best_of(scores: dict[str, Values], is_member: NDArray[np.bool_], *, seed: int) -> Estimate:
    """Share of members found by the attack that finds most in one half, measured in the other."""
    rng = np.random.default_rng(seed)
    halves = [
        np.array_split(rng.permutation(np.flatnonzero(side)), 2) for side in (is_member, ~is_member)
    ]
    (chosen_from, measured_on), (chosen_against, measured_against) = halves
    if not min(len(measured_on), len(measured_against)):
        return Estimate(np.nan)
    best = max(scores, key=lambda name: n_caught(*_at(scores[name], chosen_from, chosen_against)))
    logger.info("the attack that finds most training people in one half is %s", best)
    caught = n_caught(*_at(scores[best], measured_on, measured_against))
    return share_estimate(caught, len(measured_on))


def roc_table(scores: dict[str, Values], is_member: NDArray[np.bool_]) -> pd.DataFrame:
    """Shares of members caught by each attack at rising shares of false alarms: attack fpr tpr."""
    n_others, n_members = int((~is_member).sum()), int(is_member.sum())
    alarms = np.unique(np.geomspace(1, max(n_others, 1), N_POINTS).round().astype(int))
    rows = [
        {
            "attack": name,
            "fpr": n / n_others,
            "tpr": n_caught(values[is_member], values[~is_member], false_alarms=n / n_others)
            / n_members,
        }
        for name, values in scores.items()
        for n in alarms
    ]
    return pd.DataFrame(rows, columns=["attack", "fpr", "tpr"])


def _theory(view: AttackerView, comparison: Comparison) -> dict[str, Estimate]:
    train = comparison.train
    classes = label_groups([train.samples], class_labels(comparison.labels))[0]
    m_effective = effective_variants(train.counts, classes)
    expected = expected_success(view.strata, m_effective, false_alarms=FALSE_ALARMS)
    logger.info("%.0f of %d variants are independent", m_effective, train.counts.shape[1])
    return {
        name: Estimate(value, n=len(train.samples))
        for name, value in zip(EXPECTED, expected, strict=True)
    }


def _at(values: Values, *rows: NDArray[np.intp]) -> list[Values]:
    return [values[each] for each in rows]
