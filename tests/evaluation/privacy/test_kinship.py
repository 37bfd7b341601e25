"""Kinship: plink2, children, strangers."""

from pathlib import Path

import numpy as np
import pytest

from genosynth.data.genotypes import MISSING, Genotypes
from genosynth.evaluation.privacy.kinship import closest_kinship, compare_kinship
from tests.evaluation.simulated_people import plink2_table, population, with_missing_calls

PEOPLE = population(300, fst=0.001)
TRAIN = PEOPLE.people(300, 1).counts
HOLDOUT = PEOPLE.people(250, 2).counts


def children(parents: np.ndarray, seed: int) -> np.ndarray:
    """One child of each person and a stranger; variants are drawn apart, without LD."""
    rng = np.random.default_rng(seed)
    strangers = PEOPLE.people(len(parents), seed).counts
    return (rng.binomial(1, parents / 2) + rng.binomial(1, strangers / 2)).astype(np.int8)


def test_kinship__equals_plink2(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("genosynth.evaluation.privacy.kinship.BLOCK", 16)
    people: Genotypes = with_missing_calls(PEOPLE.people(60, 3), 1, share=0.1)
    kin = plink2_table(people, tmp_path, "--make-king-table", suffix="kin0")
    first, second = (kin[name].str.split("_").str[-1].astype(int) for name in ("IID1", "IID2"))
    expected = np.full((60, 60), -np.inf)
    expected[first, second] = expected[second, first] = kin["KINSHIP"]
    found = closest_kinship(people.counts[:25], people.counts[25:])
    assert found == pytest.approx(expected[:25, 25:].max(axis=1), abs=1e-5)


def test_kinship__of_self_and_of_children() -> None:
    assert closest_kinship(TRAIN, TRAIN) == pytest.approx(np.full(300, 0.5))
    of_children = closest_kinship(children(TRAIN, 4), TRAIN)
    assert np.median(of_children) == pytest.approx(0.25, abs=0.03)


def test_kinship__without_heterozygotes_is_unknown() -> None:
    nobody = np.full((1, 300), MISSING, np.int8)
    assert closest_kinship(nobody, TRAIN).tolist() == [-np.inf]


def test_kinship__ignores_which_allele_is_counted() -> None:
    swapped = (np.where(people == MISSING, MISSING, 2 - people) for people in (HOLDOUT, TRAIN))
    assert closest_kinship(*swapped) == pytest.approx(closest_kinship(HOLDOUT, TRAIN))


def test_excess__condemns_copies_and_children() -> None:
    for relatives in (TRAIN, children(TRAIN, 5)):
        assert compare_kinship(relatives, HOLDOUT, TRAIN)["kinship_excess"].ci_low > 0.8


def test_excess__counts_the_few_who_are_replayed() -> None:
    few = np.concatenate([TRAIN[:30], PEOPLE.people(270, 6).counts])
    excess = compare_kinship(few, HOLDOUT, TRAIN)["kinship_excess"]
    assert excess.ci_low > 0.03
    assert excess.value == pytest.approx(0.1, abs=0.02)


def test_excess__of_those_who_set_the_limit_is_none() -> None:
    assert compare_kinship(HOLDOUT, HOLDOUT, TRAIN)["kinship_excess"].value == 0


def test_excess__without_people_is_nan() -> None:
    assert np.isnan(compare_kinship(HOLDOUT[:0], HOLDOUT, TRAIN)["kinship_excess"].value)
