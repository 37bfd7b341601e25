"""Membership attacks: copies, a few copies, fresh people, permuted membership."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest
from sklearn.neighbors import KernelDensity

from genosynth.data.genotypes import Genotypes
from genosynth.evaluation.comparison import Comparison
from genosynth.evaluation.estimates import Estimate
from genosynth.evaluation.privacy.likeness_attacks import log_density
from genosynth.evaluation.privacy.membership import (
    ATTACKS,
    METRICS,
    attack_membership,
    best_of,
    roc_table,
    score_attacks,
)
from genosynth.evaluation.reference_rows import train_copy
from tests.evaluation.simulated_people import LABELS, population

PEOPLE = population(200)
TRAIN = PEOPLE.people(700, 1)
HOLDOUT = PEOPLE.people(400, 2, part="test")
REFERENCE = PEOPLE.people(300, 3, part="reference")
FRESH = PEOPLE.people(700, 4)


def attack(synthetic: Genotypes, reference: Genotypes = REFERENCE) -> dict[str, Estimate]:
    comparison = Comparison(TRAIN, HOLDOUT, synthetic, LABELS)
    return attack_membership(comparison, reference=reference, n_attacked=5000, seed=1).estimates


def joined(*sets: Genotypes) -> Genotypes:
    return Genotypes(
        np.concatenate([each.counts for each in sets]),
        pd.concat([each.samples for each in sets], ignore_index=True),
        sets[0].variants,
    )


def test_copies__are_condemned() -> None:
    for leak in (TRAIN, train_copy(TRAIN, seed=1)):
        found = attack(leak)
        assert found["mia_nearest_auc"].ci_low > 0.95
        assert found["mia_density_auc"].ci_low > 0.95
        assert found["mia_max_tpr_at_1pct"].ci_low > 0.8


def test_a_few_copies__are_seen_in_the_tail_and_not_in_the_mean() -> None:
    found = attack(joined(TRAIN.take(np.arange(42)), FRESH.take(np.arange(658))))
    assert found["mia_nearest_auc"].value < 0.6
    assert found["mia_nearest_tpr_at_1pct"].ci_low > 0.03


def test_fresh_people__give_nobody_away() -> None:
    found = attack(FRESH)
    for name in ATTACKS:
        assert found[f"{name}_auc"].ci_low < 0.5 < found[f"{name}_auc"].ci_high, name
        share = found[f"{name}_tpr_at_1pct"]
        assert share.ci_low < 0.0183, name  # false positives: 4 of 400 may be 1.83 %


def test_real_people__are_not_attacked_as_strangers_to_themselves() -> None:
    row = replace(HOLDOUT, samples=HOLDOUT.samples.assign(source=HOLDOUT.samples["iid"]))
    found = attack(row)
    for name in ATTACKS:
        assert found[f"{name}_auc"].n == 900  # half of those held out are the release
        assert found[f"{name}_auc"].ci_low < 0.5 < found[f"{name}_auc"].ci_high, name


def test_permuted_membership__is_guessing() -> None:
    rng = np.random.default_rng(6)
    is_member = rng.permutation(np.arange(1000) < 600)
    found = score_attacks({"any": rng.standard_normal(1000)}, is_member)
    assert found["any_auc"].ci_low < 0.5 < found["any_auc"].ci_high


def test_direction__is_never_turned() -> None:
    is_member = np.arange(300) < 150
    found = score_attacks({"wrong": -is_member.astype(float)}, is_member)
    assert found["wrong_auc"].value == 0
    assert found["wrong_tpr_at_1pct"].value == 0


def test_best__is_chosen_on_other_people() -> None:
    # Of fifty guesses the luckiest finds more than 1 % where it is chosen, not where it is judged.
    rng = np.random.default_rng(7)
    is_member = np.arange(1200) < 600
    shares = [
        best_of({str(i): rng.standard_normal(1200) for i in range(50)}, is_member, seed=seed).value
        for seed in range(30)
    ]
    assert np.mean(shares) == pytest.approx(0.01, abs=0.006)
    good = {"bad": rng.standard_normal(1200), "good": is_member + rng.random(1200) / 2}
    assert best_of(good, is_member, seed=1).value == 1


def test_curves__pass_through_the_scores() -> None:
    comparison = Comparison(TRAIN, HOLDOUT, train_copy(TRAIN, seed=1), LABELS)
    found = attack_membership(comparison, reference=REFERENCE, n_attacked=5000, seed=1)
    for name, curve in found.curves.groupby("attack"):
        assert (np.diff(curve["tpr"]) >= 0).all()
        assert curve.iloc[-1][["fpr", "tpr"]].tolist() == [1, 1]
        at_1pct = curve.loc[curve["fpr"] == 0.01, "tpr"].tolist()
        assert at_1pct == pytest.approx([found.estimates[f"{name}_tpr_at_1pct"].value])
    assert set(found.curves["attack"]) == {*ATTACKS, "mia_af_lrt_expected"}


def test_curves__have_the_intervals_of_both_shares() -> None:
    rng = np.random.default_rng(9)
    is_member = np.arange(3777) < 700
    curve = roc_table({"any": rng.standard_normal(3777) + is_member}, is_member)
    thousandth = curve[curve["fpr"] == 3 / 3077].iloc[0]  # the largest share up to 0.1 %
    exact = binomtest(3, 3077).proportion_ci(method="exact")
    assert thousandth[["fpr_low", "fpr_high"]].tolist() == pytest.approx([exact.low, exact.high])
    n_found = round(thousandth["tpr"] * 700)
    exact = binomtest(n_found, 700).proportion_ci(method="exact")
    assert thousandth[["tpr_low", "tpr_high"]].tolist() == pytest.approx([exact.low, exact.high])


def test_attack__of_many_is_an_attack_of_some() -> None:
    comparison = Comparison(TRAIN, HOLDOUT, FRESH, LABELS)
    found = attack_membership(comparison, reference=REFERENCE, n_attacked=100, seed=1).estimates
    assert found["mia_nearest_auc"].n == 200
    assert found["mia_nearest_tpr_at_1pct"].n == 100


@pytest.mark.parametrize("empty", ["synthetic", "reference"])
def test_attack__without_people_is_nan(empty: str) -> None:
    sets = {"synthetic": FRESH, "reference": REFERENCE}
    sets[empty] = sets[empty].take(np.zeros(0, np.intp))
    found = attack(sets["synthetic"], sets["reference"])
    assert list(found) == METRICS
    assert all(np.isnan(each.value) for each in found.values())


def test_density__equals_sklearn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("genosynth.evaluation.privacy.likeness_attacks.BLOCK", 32)
    monkeypatch.setattr("genosynth.evaluation.privacy.likeness_attacks.CHUNK", 64)
    points, centres = np.random.default_rng(8).standard_normal((2, 150, 5)).astype(np.float32)
    expected = KernelDensity(bandwidth=1.0).fit(centres).score_samples(points)
    constant = 5 / 2 * np.log(2 * np.pi)
    assert log_density(points, centres) == pytest.approx(expected + constant, abs=1e-4)


@pytest.mark.parametrize("n", [1, 2, 5, 60])
def test_attack__with_few_reference_people_is_still_an_attack(n: int) -> None:
    found = attack(TRAIN, REFERENCE.take(np.arange(n)))
    assert all(np.isfinite(each.value) for each in found.values())
    assert found["mia_nearest_auc"].ci_low > 0.9
