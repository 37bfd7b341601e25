"""Nearest real person: by hand, brute force, ties by the dozen, and a share of copies."""

import numpy as np
import pytest

from genosynth.evaluation.estimates import Estimate
from genosynth.evaluation.privacy.closer_to_train import compare_closeness, nearest_by_group
from genosynth.evaluation.privacy.nearest_record import nearest
from tests.evaluation.simulated_people import population

PEOPLE = population(150)


def closeness(train: np.ndarray, holdout: np.ndarray, synthetic: np.ndarray) -> Estimate:
    to_train = nearest(synthetic, train)
    found = compare_closeness(to_train, n_train=len(train), synthetic=synthetic, holdout=holdout)
    return found["closer_to_train"]


def line(*ends: int) -> np.ndarray:
    """People who differ from 0 at so many variants."""
    return (np.arange(8) < np.array(ends)[:, None]).astype(np.int8)


def test_closeness__by_hand():
    # Nearest to 1: train 0, then 2 on both sides → 2 of 3 are train. Nearest to 6: holdout 5.
    found = closeness(line(0, 2, 8), line(2, 5), line(1, 6))
    credit = (2 / 3 + 0) / 2
    assert found.value == pytest.approx(credit / 3 / (credit / 3 + (1 - credit) / 2))
    assert found.n == 2


def test_nearest_by_group__equals_nearest():
    people, others = PEOPLE.people(40, 1).counts, PEOPLE.people(95, 2).counts
    found = nearest_by_group(people, others)
    assert found.sizes.sum() == 95
    expected = nearest(people, others)
    assert np.array_equal(found.first.min(axis=0), expected.first)
    at_first = (found.n_first * (found.first == expected.first)).sum(axis=0)
    assert np.array_equal(at_first, expected.n_first)


@pytest.mark.parametrize("n_variants", [4, 150])  # with four, most distances are ties
def test_strangers__are_near_to_both_however_many_they_are(n_variants):
    found = []
    for seed in range(20):
        train, holdout, synthetic = (
            PEOPLE.people(n, 100 + 3 * seed + i).counts[:, :n_variants]
            for i, n in enumerate((400, 100, 200))
        )
        found.append(closeness(train, holdout, synthetic))
    values = np.array([each.value for each in found])
    assert abs(values.mean() - 0.5) < 3.5 * values.std() / np.sqrt(20)
    assert sum(each.ci_low < 0.5 < each.ci_high for each in found) >= 16


def test_copies__raise_it_by_their_share():
    train, holdout = PEOPLE.people(900, 4).counts, PEOPLE.people(300, 5).counts
    strangers = PEOPLE.people(1600, 6).counts
    shares = []
    for n_copies in (0, 400):
        found = closeness(train, holdout, np.concatenate([train[:n_copies], strangers[n_copies:]]))
        shares.append(found.value / (found.value + (1 - found.value) / 3))  # of nearest in train
    # Strangers are replaced by people whose nearest is surely in train.
    assert shares[1] == pytest.approx(shares[0] * 0.75 + 0.25, abs=0.03)


def test_few_people__have_no_interval():
    found = closeness(line(0, 2), line(3), line(1))
    assert found.value == 1
    assert np.isnan(found.ci_low)
