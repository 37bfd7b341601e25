"""Sets of people: alike where arms are compared, nobody judged by what they taught."""

from dataclasses import replace

import numpy as np
import pytest

from genosynth.data.genotypes import Genotypes
from genosynth.evaluation.comparison import Comparison
from genosynth.evaluation.utility.arms import (
    AUGMENTED,
    REAL,
    TRTR,
    TRTS,
    TSTR,
    People,
    Pupil,
    gather_people,
    shuffle_variants,
)
from tests.evaluation.simulated_people import (
    HEIGHT,
    LABELS,
    TRAIT,
    population,
    with_missing_calls,
)

PEOPLE = population(120)
TRAIN = with_missing_calls(PEOPLE.people(1200, 1), 1)
HOLDOUT = with_missing_calls(PEOPLE.people(500, 2), 2)


def gather(synthetic: Genotypes, *, holdout: Genotypes = HOLDOUT, trait=TRAIT) -> dict[str, People]:
    return gather_people(Comparison(TRAIN, holdout, synthetic, LABELS), trait, seed=1)


def test_sets__have_equal_classes_whatever_was_asked_for() -> None:
    people = PEOPLE.people(3000, 4)
    is_case = people.samples["disease"].to_numpy() == 1
    balanced = people.take(
        np.r_[np.flatnonzero(is_case), np.flatnonzero(~is_case)[: is_case.sum()]]
    )
    sets = gather(balanced)
    for value in (0, 1):
        assert (sets["synthetic"].trait == value).sum() == (sets["train"].trait == value).sum()
    assert sets["train"].trait.sum() == TRAIN.samples["disease"].sum()
    assert len(sets["holdout"].trait) == 500
    assert all(people.counts.min() >= 0 for people in sets.values())


def test_sets__judges_are_not_among_the_fitted() -> None:
    row = replace(HOLDOUT, samples=HOLDOUT.samples.assign(source=HOLDOUT.samples["iid"]))
    sets = gather(row)
    assert len(sets["holdout"].trait) == 250
    assert 200 < len(sets["synthetic"].trait) == len(sets["train"].trait) <= 250
    judges = set(sets["holdout"].samples["iid"])
    assert not judges & set(sets["augmented"].samples["iid"])


def test_sets__leave_out_people_of_unknown_trait() -> None:
    known = HOLDOUT.samples["disease"].where(np.arange(500) >= 20)
    unknown = replace(HOLDOUT, samples=HOLDOUT.samples.assign(disease=known))
    assert len(gather(TRAIN, holdout=unknown)["holdout"].trait) == 480


def test_augmented__is_everybody_trained_on_and_everybody_synthetic() -> None:
    sets = gather(PEOPLE.people(3000, 4))
    assert len(sets["all_train"].trait) == 1200
    assert len(sets["augmented"].trait) == 4200
    assert np.array_equal(sets["augmented"].counts[:1200], sets["all_train"].counts)


@pytest.mark.parametrize("n_cases", [300, 2000])  # fewer and more than are wanted
def test_balanced__adds_synthetic_cases_where_reweighted_says_its_own_again(n_cases: int) -> None:
    people = PEOPLE.people(10_000, 4)
    is_case = people.samples["disease"].to_numpy() == 1
    chosen = np.r_[np.flatnonzero(is_case)[:n_cases], np.flatnonzero(~is_case)[:500]]
    sets = gather(people.take(chosen))
    train, balanced, again = (sets[name] for name in ("all_train", "balanced", "reweighted"))
    n_added = min(n_cases, 1200 - 2 * int(train.trait.sum()))
    for filled_up in (balanced, again):
        assert np.array_equal(filled_up.counts[:1200], train.counts)
        assert filled_up.trait[1200:].tolist() == [1] * n_added
    assert balanced.samples["iid"].is_unique
    assert np.array_equal(again.counts, train.counts[again.who])
    n_of_each = np.bincount(again.who)[train.trait == 1]
    assert n_of_each.max() - n_of_each.min() <= 1


def test_balanced__adds_nobody_where_classes_are_equal_or_nobody_is_offered() -> None:
    people = PEOPLE.people(1500, 4)
    is_case = people.samples["disease"].to_numpy() == 1
    controls = gather(people.take(~is_case))
    equal = replace(TRAIN, samples=TRAIN.samples.assign(disease=np.arange(1200) % 2.0))
    already = gather_people(Comparison(equal, HOLDOUT, people, LABELS), TRAIT, seed=1)
    for sets in (controls, already):
        assert len(sets["balanced"].trait) == len(sets["reweighted"].trait) == 0


@pytest.mark.parametrize("trait", [TRAIT, HEIGHT], ids=["binary", "quantitative"])
def test_shuffled__keeps_effects_and_loses_ld(trait) -> None:
    people = gather(TRAIN, trait=trait)["train"]
    dealt = shuffle_variants(people, is_binary=trait.kind == "binary", rng=np.random.default_rng(1))
    centred = people.trait - people.trait.mean()
    covariances = [centred @ each.counts / len(centred) for each in (people, dealt)]
    assert np.corrcoef(covariances)[0, 1] > 0.99
    assert covariances[1].std() == pytest.approx(covariances[0].std(), rel=0.03)
    if trait.kind == "binary":
        assert covariances[1] == pytest.approx(covariances[0], abs=1e-12)
    assert np.array_equal(dealt.counts.sum(axis=0), people.counts.sum(axis=0))
    near = [np.diag(np.corrcoef(each.counts.T), k=1) for each in (people, dealt)]
    assert np.square(near[1]).mean() < 0.1 * np.square(near[0]).mean()


def test_pupil__learns_from_each_set_once() -> None:
    fitted = []

    def fit(counts, trait, *, seed, who):
        fitted.append(len(trait))
        return lambda scored: scored.sum(axis=1).astype(float)

    sets = gather(PEOPLE.people(300, 4))
    pupil = Pupil(fit, sets, is_binary=True, n_bootstrap=10, seed=1)
    for arm in (TSTR, TRTR, TRTS, AUGMENTED, REAL):
        expected = sets[arm.judged].counts.sum(axis=1)
        assert np.array_equal(pupil.scores(arm)[0], expected)
    assert pupil.scores(TSTR, TRTR).shape == (2, 500)
    sizes = [len(sets[name].trait) for name in ("synthetic", "train", "augmented", "all_train")]
    assert fitted == sizes


def test_pupil__does_not_learn_from_a_class_too_small() -> None:
    few = TRAIN.samples["disease"].where(np.arange(1200) < 20, 0.0)
    sets = gather(replace(TRAIN, samples=TRAIN.samples.assign(disease=few)))
    pupil = Pupil(None, sets, is_binary=True, n_bootstrap=10, seed=1)
    assert np.isnan(pupil.scores(TSTR, TRTR)).all()
