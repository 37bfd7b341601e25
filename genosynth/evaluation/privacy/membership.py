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
from genosynth.evaluation.privacy.exposure import exposure_groups, exposure_table
from genosynth.evaluation.privacy.frequency_attacks import (
    attack_by_homer,
    attack_by_likelihood_ratio,
)
from genosynth.evaluation.privacy.frequency_theory import (
    FrequencyTheory,
    effective_variants,
    theory_of,
)
from genosynth.evaluation.privacy.likeness_attacks import attack_by_density, attack_by_nearest
from genosynth.evaluation.privacy.release_size import COLUMNS as RELEASE_SIZES
from genosynth.evaluation.privacy.release_size import release_sizes
from genosynth.evaluation.privacy.sequence_attack import attack_by_sequence
from genosynth.evaluation.privacy.thresholds import FALSE_ALARMS, n_allowed, n_caught
from genosynth.evaluation.roc import aucs

logger = logging.getLogger(__name__)

N_POINTS = 80  # of a drawn curve
EXACT = (0.01, 0.001)  # shares of false alarms that are among them
CURVES = ["attack", "fpr", "fpr_low", "fpr_high", "tpr", "tpr_low", "tpr_high"]

Values = NDArray[np.float64]

ATTACKS: dict[str, Callable[[AttackerView], Values]] = {
    "mia_nearest": attack_by_nearest,
    "mia_density": attack_by_density,
    "mia_af_lrt": attack_by_likelihood_ratio,
    "mia_homer": attack_by_homer,
    "mia_sequence": attack_by_sequence,
}
THEORY = "mia_af_lrt_expected"
EXPECTED = (f"{THEORY}_auc", f"{THEORY}_tpr_at_1pct")
METRICS = [f"{name}_{what}" for name in ATTACKS for what in ("auc", "tpr_at_1pct")]
METRICS += ["mia_max_tpr_at_1pct", *EXPECTED]


@dataclass(frozen=True)
class Membership:
    """Scores of the attacks, and as tables their ROC curves, whom they expose, and at what size."""

    estimates: dict[str, Estimate]
    curves: pd.DataFrame
    exposure: pd.DataFrame
    sizes: pd.DataFrame


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
        empty = [pd.DataFrame(columns=columns) for columns in (EXPOSURE, RELEASE_SIZES)]
        return Membership(nothing, roc_table({}, is_member), *empty)
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
    theory = _theory(view, comparison)
    estimates |= expected_estimates(theory, n_train=len(comparison.train.samples))
    groups = exposure_groups(view, comparison)
    theories = {
        name: theory_of(view.strata, theory.m_effective, among=among)
        for name, among in groups.items()
    }
    exposure = exposure_table(scores, is_member, groups, theories=theories)
    curves = pd.concat([roc_table(scores, is_member), theory_curve(theory, is_member)])
    n_rows, n_variants = synthetic.counts.shape
    sizes = release_sizes(theory, n_rows=n_rows, n_variants=n_variants)
    return Membership(estimates, curves, exposure, sizes)


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
    """Shares of members caught by each attack at rising shares of false alarms, with intervals."""
    n_others, n_members = int((~is_member).sum()), int(is_member.sum())
    rows = []
    for name, values in scores.items():
        for n in drawn_alarms(n_others):
            alarms = share_estimate(int(n), n_others)
            caught = n_caught(values[is_member], values[~is_member], false_alarms=alarms.value)
            found = share_estimate(caught, n_members)
            rows.append((name, *_with_ends(alarms), *_with_ends(found)))
    return pd.DataFrame(rows, columns=CURVES)


def theory_curve(theory: FrequencyTheory, is_member: NDArray[np.bool_]) -> pd.DataFrame:
    """What theory expects of the likelihood ratio at the same shares of false alarms."""
    n_others = int((~is_member).sum())
    fpr = drawn_alarms(n_others) / n_others
    curve = pd.DataFrame({"attack": THEORY, "fpr": fpr, "tpr": theory.rates(fpr)})
    return curve.reindex(columns=CURVES)


def drawn_alarms(n_others: int) -> NDArray[np.intp]:
    """Numbers of accused strangers at which curves are drawn; among them 1 % and 0.1 %."""
    spread = np.geomspace(1, max(n_others, 1), N_POINTS).round().astype(np.intp)
    exact = [max(n_allowed(n_others, share), 1) for share in EXACT]
    return np.union1d(spread, exact)


def expected_estimates(theory: FrequencyTheory, *, n_train: int) -> dict[str, Estimate]:
    """Score what theory expects of the likelihood ratio of allele frequencies."""
    expected = (theory.auc(), float(theory.rates(np.array([FALSE_ALARMS]))[0]))
    return {
        name: Estimate(value, n=n_train) for name, value in zip(EXPECTED, expected, strict=True)
    }


def _theory(view: AttackerView, comparison: Comparison) -> FrequencyTheory:
    train = comparison.train
    classes = label_groups([train.samples], class_labels(comparison.labels))[0]
    m_effective = effective_variants(train.counts, classes)
    logger.info("%.0f of %d variants are independent", m_effective, train.counts.shape[1])
    return theory_of(view.strata, m_effective)


def _with_ends(share: Estimate) -> tuple[float, float, float]:
    return share.value, share.ci_low, share.ci_high


def _at(values: Values, *rows: NDArray[np.intp]) -> list[Values]:
    return [values[each] for each in rows]
