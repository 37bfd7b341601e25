"""Nearest neighbours: brute force, copies, strangers, and hand-made ties."""

from dataclasses import replace

import numpy as np
import pytest

from genosynth.data.genotypes import MISSING, Genotypes
from genosynth.evaluation.adversarial_accuracy import mutual_minima, nearer_to_own, own_minima
from genosynth.evaluation.comparison import Comparison
from genosynth.evaluation.privacy.adversarial_accuracy import compare_adversarial_accuracy
from genosynth.evaluation.privacy.evaluate import evaluate_privacy
from genosynth.evaluation.privacy.nearest_record import Nearest, near_duplicates, nearest
from genosynth.evaluation.reference_rows import train_copy
from genosynth.scores import METRICS
from genosynth.settings.privacy import PrivacySettings
from tests.evaluation.simulated_people import (
    population,
    shuffled_people,
    swapped_alleles,
    with_missing_calls,
    with_swapped_alleles,
)

PEOPLE = population(150)
TRAIN = with_missing_calls(PEOPLE.people(700, 1), 1)
HOLDOUT = with_missing_calls(PEOPLE.people(400, 2, part="test"), 2)
FRESH = PEOPLE.people(600, 3)
REFERENCE = with_missing_calls(PEOPLE.people(300, 9, part="reference"), 3)


def brute_force(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    both = (left[:, None] != MISSING) & (right != MISSING)
    return ((left[:, None] != right) & both).sum(axis=2) / both.sum(axis=2)


def scores(synthetic: Genotypes, settings: PrivacySettings | None = None):
    evaluation = evaluate(Comparison(TRAIN, HOLDOUT, synthetic, []), settings=settings)
    return {score.metric: score for score in evaluation.scores}


def evaluate(
    comparison: Comparison,
    reference: Genotypes = REFERENCE,
    settings: PrivacySettings | None = None,
):
    return evaluate_privacy(
        comparison, reference=reference, settings=settings or PrivacySettings(), seed=1
    )


def test_nearest__equals_brute_force(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("genosynth.evaluation.distances.BLOCK", 100)
    found = nearest(HOLDOUT.counts, TRAIN.counts)
    distances = brute_force(HOLDOUT.counts, TRAIN.counts)
    expected = np.sort(distances, axis=1)
    assert found.first == pytest.approx(expected[:, 0], rel=1e-6)
    assert found.second == pytest.approx(expected[:, 1], rel=1e-6)
    assert (found.n_first == np.isclose(distances, expected[:, :1], rtol=1e-9).sum(axis=1)).all()


def test_nearest__of_people_without_common_calls_is_far() -> None:
    nobody = np.full((1, 150), MISSING, np.int8)
    assert nearest(nobody, TRAIN.counts).first.tolist() == [1.0]
    assert np.isinf(nearest(nobody, nobody).second).all()


def test_copies__are_condemned() -> None:
    found = scores(replace(FRESH, counts=PEOPLE.people(700, 1).counts[:600]))  # calls complete
    assert found["identical_match_rate"].value == 1
    assert found["near_duplicate_rate"].value == 1
    assert found["dcr_ratio"].value == 0
    assert found["nndr"].value == 0


def test_noisy_copies__are_condemned() -> None:
    found = scores(train_copy(TRAIN, seed=1))
    assert found["identical_match_rate"].value < 0.05
    assert found["near_duplicate_rate"].ci_low > 0.9
    assert found["dcr_ratio"].ci_high < 0.5
    assert found["nndr"].ci_high < 0.5
    assert found["closer_to_train"].value == 1  # though train is larger than what is held out
    assert found["nnaa_loss"].ci_low > 0


def test_strangers__are_not() -> None:
    found = scores(FRESH)
    assert found["identical_match_rate"].value == 0
    assert 0 < found["identical_match_rate"].ci_high < 0.01
    assert found["near_duplicate_rate"].ci_low < 0.01 < found["near_duplicate_rate"].ci_high
    assert found["dcr_ratio"].value == pytest.approx(1, abs=0.03)
    assert found["nndr"].value > 0.9
    assert found["closer_to_train"].ci_low < 0.5 < found["closer_to_train"].ci_high
    assert found["nnaa_loss"].ci_low < 0 < found["nnaa_loss"].ci_high


def test_real_people__are_not_compared_with_themselves() -> None:
    row = replace(HOLDOUT, samples=HOLDOUT.samples.assign(source=HOLDOUT.samples["iid"]))
    found = scores(row)
    assert found["dcr_ratio"].value == pytest.approx(1, abs=0.03)
    assert abs(found["nnaa_loss"].value) < 0.1
    assert found["nnaa_loss"].n == 200
    assert found["closer_to_train"].n == 200
    assert found["closer_to_train"].value == pytest.approx(0.5, abs=0.15)


def test_copies_of_anyone__are_found_among_all_training_people() -> None:
    found = scores(train_copy(TRAIN, seed=1), PrivacySettings(n_compared=50))
    assert found["dcr_ratio"].n == 50
    assert found["dcr_ratio"].ci_high < 0.5


def test_near_duplicates__are_those_whom_one_in_a_hundred_strangers_is_as_near_as():
    def at(*distances: float) -> Nearest:
        first = np.array(distances)
        return Nearest(first, first, np.ones(len(first), np.intp))

    strangers = at(*np.linspace(0.30, 0.50, 200))  # the second nearest at 0.301
    found = near_duplicates(at(0.1, 0.3005, 0.303, 0.4), strangers)
    assert (found.value, found.n) == (0.5, 4)
    assert near_duplicates(at(0.1, 0.4), at(0.3, 0.5)).value == 0.5  # the nearest of few
    assert np.isnan(near_duplicates(at(), strangers).value)
    assert np.isnan(near_duplicates(strangers, at()).value)


def test_near_duplicates__of_strangers_are_one_in_a_hundred_and_covered():
    rng = np.random.default_rng(3)
    hits, values = 0, []
    for _ in range(400):
        synthetic, holdout = (
            Nearest(first, first, np.ones(len(first), np.intp))
            for first in (rng.normal(size=2000), rng.normal(size=1000))
        )
        found = near_duplicates(synthetic, holdout)
        values.append(found.value)
        hits += found.ci_low < 0.01 < found.ci_high
    assert np.mean(values) == pytest.approx(0.01, abs=0.001)
    assert hits / 400 > 0.92


def test_scores__do_not_depend_on_order_or_allele() -> None:
    comparison = Comparison(TRAIN, HOLDOUT, FRESH, [])
    first = evaluate(comparison).scores
    swapped = evaluate(swapped_alleles(comparison), with_swapped_alleles(REFERENCE)).scores
    again = evaluate(shuffled_people(comparison, 1)).scores
    for score, flipped, reordered in zip(first, swapped, again, strict=True):
        # a threshold may lie between people whom rounding puts in another order
        assert flipped.value == pytest.approx(score.value, abs=0.002), score.metric
        if score.metric == "closer_to_train":  # groups of the interval are drawn by position
            assert reordered.ci_low == pytest.approx(score.ci_low, abs=0.1)
        # sets are drawn by position, and one of those who are equally alike is chosen by it
        if score.metric not in ("nnaa_loss", "mia_max_tpr_at_1pct", "attribute_gain.variants"):
            assert reordered.value == pytest.approx(score.value, abs=0.002), score.metric


def test_scores__without_people_are_nan() -> None:
    found = scores(FRESH.take(np.zeros(0, np.intp)))
    of_people = {name for name in METRICS if METRICS[name].group == "privacy"}
    not_asked = ("mia_loss", "attribute_gain.trait")  # of the model, of a trait
    assert found.keys() == {name for name in of_people if not name.startswith(not_asked)}
    assert all(np.isnan(score.value) and score.n == 0 for score in found.values())


def test_table__counts_everyone_once() -> None:
    table = evaluate(Comparison(TRAIN, HOLDOUT, FRESH, [])).figures["nearest"]
    assert list(table) == ["set", "distance", "n"]
    assert table.groupby("set")["n"].sum().to_dict() == {"holdout": 400, "synthetic": 600}
    mean = (table["n"] * table["distance"]).sum() / 1000
    found = [nearest(people.counts, TRAIN.counts).first for people in (FRESH, HOLDOUT)]
    assert mean == pytest.approx(np.concatenate(found).mean(), abs=0.005)


def test_adversarial_accuracy__counts_ties_half() -> None:
    # Two people each on a line: left at 0 and 2, right at 1 and 3 differing variants. Left 0 is
    # nearer to the right (1 < 2), left 2 too; right 1 too, right 3 too. Then right 1 moves to 2:
    # left 0 has a tie (2 = 2), left 2 meets its double, right 2 its double, right 3 a tie (1 = 1).
    def line(*ends: int) -> np.ndarray:
        return (np.arange(4) < np.array(ends)[:, None]).astype(np.int8)

    everyone = np.ones((1, 2), bool)
    left = line(0, 2)
    for right, of_left, of_right in ((line(1, 3), 0.0, 0.0), (line(2, 3), 0.25, 0.25)):
        to_right, to_left = mutual_minima(left, right, everyone)
        assert nearer_to_own(to_right, own_minima(left, everyone), everyone)[0] == of_left
        assert nearer_to_own(to_left, own_minima(right, everyone), everyone)[0] == of_right


def test_minima__equal_brute_force_in_subsets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("genosynth.evaluation.distances.BLOCK", 64)
    left, right = TRAIN.counts[:200], HOLDOUT.counts[:200]
    members = np.stack([np.ones(200, bool), np.arange(200) % 3 > 0])
    to_right, to_left = mutual_minima(left, right, members)
    apart = brute_force(left, right)
    within = brute_force(left, left)
    np.fill_diagonal(within, np.inf)
    for i, member in enumerate(members):
        assert to_right[i] == pytest.approx(apart[:, member].min(axis=1), rel=1e-6)
        assert to_left[i] == pytest.approx(apart[member].min(axis=0), rel=1e-6)
        found = own_minima(left, members)[i]
        assert found == pytest.approx(within[:, member].min(axis=1), rel=1e-6)


def test_nnaa_loss__of_released_train_is_half() -> None:
    train, holdout = PEOPLE.people(400, 4).counts, PEOPLE.people(400, 5).counts
    found = compare_adversarial_accuracy(train, holdout, train, n_subsamples=5, seed=1)
    assert found["nnaa_loss"].value == pytest.approx(0.5, abs=0.06)
    assert found["nnaa_loss"].ci_low > 0.3


def test_nnaa_loss__turns_its_sign_where_train_and_holdout_change_places() -> None:
    train, holdout, synthetic = (PEOPLE.people(150, seed).counts for seed in (6, 7, 8))
    one, other = (
        compare_adversarial_accuracy(*real, synthetic, n_subsamples=5, seed=1)["nnaa_loss"]
        for real in ((train, holdout), (holdout, train))
    )
    assert one.value != 0
    turned = (-other.value, -other.ci_high, -other.ci_low)
    assert (one.value, one.ci_low, one.ci_high) == pytest.approx(turned)


def test_nnaa_loss__equals_brute_force() -> None:
    train, holdout = PEOPLE.people(60, 4).counts, PEOPLE.people(60, 5).counts
    synthetic = np.repeat(train[:30], 2, axis=0)  # nearest to each other, and to some of train

    def share_nearer_to_own(people: np.ndarray, others: np.ndarray) -> float:
        own, other = brute_force(people, people), brute_force(people, others).min(axis=1)
        np.fill_diagonal(own, np.inf)
        return float(((own.min(axis=1) < other) + 0.5 * (own.min(axis=1) == other)).mean())

    def accuracy(real: np.ndarray) -> float:
        sides = share_nearer_to_own(real, synthetic), share_nearer_to_own(synthetic, real)
        return sum(sides) / 2

    found = compare_adversarial_accuracy(train, holdout, synthetic, n_subsamples=5, seed=1)
    assert found["nnaa_loss"].value == pytest.approx(accuracy(holdout) - accuracy(train))


def test_nnaa_loss__refuses_sets_of_unequal_size() -> None:
    with pytest.raises(ValueError, match="4 training, 3 held-out, 4 synthetic"):
        compare_adversarial_accuracy(
            TRAIN.counts[:4], TRAIN.counts[:3], TRAIN.counts[:4], n_subsamples=2, seed=1
        )
