"""Reference rows: real people as they are, and copies with a tenth of their genotypes redrawn."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from genosynth.data.genotypes import MISSING, Genotypes
from genosynth.evaluation.fidelity.allele_frequency import genotype_frequencies
from genosynth.evaluation.reference_rows import label_shuffled, make_reference_row
from genosynth.evaluation.roc import auc
from genosynth.evaluation.utility.predictors import fit_prs
from tests.evaluation.simulated_people import HEIGHT, LABELS, population, with_missing_calls

PEOPLE = population(80)
PARTS = {"train": PEOPLE.people(400, 1), "test": PEOPLE.people(120, 2, part="test")}
REAL = with_missing_calls(
    Genotypes(
        np.concatenate([part.counts for part in PARTS.values()]),
        pd.concat([part.samples for part in PARTS.values()], ignore_index=True),
        PARTS["train"].variants,
    ),
    seed=1,
)


@pytest.mark.parametrize(("name", "part"), [("real_train", "train"), ("real_holdout", "test")])
def test_real_rows__are_the_people_of_a_part(name: str, part: str) -> None:
    row = make_reference_row(REAL, name=name, labels=LABELS, seed=1)
    real = REAL.part(part)
    assert np.array_equal(row.counts, real.counts)
    assert row.samples["source"].tolist() == real.samples["iid"].tolist()
    assert list(row.samples) == ["iid", "disease", "ancestry", "source", "part"]
    assert row.samples["iid"].iloc[[0, -1]].tolist() == ["syn1", f"syn{len(real.samples)}"]
    assert set(row.samples["part"]) == {"synthetic"}


def test_train_copy__redraws_a_tenth_and_what_is_missing() -> None:
    row = make_reference_row(REAL, name="train_copy", labels=LABELS, seed=1)
    train = REAL.part("train")
    called = train.counts != MISSING
    assert not (row.counts == MISSING).any()
    frequencies = genotype_frequencies(train)
    same_by_chance = (frequencies**2).sum(axis=0).mean()
    expected = 0.9 + 0.1 * same_by_chance
    assert (row.counts == train.counts)[called].mean() == pytest.approx(expected, abs=0.005)
    assert genotype_frequencies(row) == pytest.approx(frequencies, abs=0.06)


def test_train_few__repeats_fifty_people_each_time_another_tenth_redrawn() -> None:
    row = make_reference_row(REAL, name="train_few", labels=LABELS, seed=1)
    sources = row.samples["source"]
    assert len(row.samples) == 1000
    assert (sources.value_counts() == 20).all()
    assert set(sources) < set(REAL.part("train").samples["iid"])
    of_one = row.counts[(sources == sources[0]).to_numpy()]
    assert 0.85 < (of_one[0] == of_one[1]).mean() < 1


def test_label_shuffled__keeps_people_and_conditions_and_deals_the_trait_anew() -> None:
    row = make_reference_row(REAL, name="label_shuffled", labels=LABELS, seed=1)
    train = REAL.part("train")
    assert np.array_equal(row.counts, train.counts)
    assert row.samples["ancestry"].tolist() == train.samples["ancestry"].tolist()
    before, after = train.samples["disease"].to_numpy(), row.samples["disease"].to_numpy()
    assert sorted(before) == sorted(after)
    for _, group in train.samples.groupby(["disease", "ancestry"]):  # an even share of the cases
        assert after[group.index].sum() == pytest.approx(len(group) * before.mean(), abs=2)
    other = make_reference_row(REAL, name="label_shuffled", labels=LABELS, seed=2)
    assert 0.5 < (other.samples["disease"] == after).mean() < 0.8


def test_label_shuffled__leaves_less_of_the_effects_than_chance_does() -> None:
    people = population(150)
    train, others = people.people(3000, 1), people.people(2000, 2)
    is_case, trait = others.samples["disease"].to_numpy() == 1, train.samples["disease"].to_numpy()

    def area(shuffled: np.ndarray) -> float:
        return auc(fit_prs(train.counts, shuffled, seed=1)(others.counts), is_case)

    dealt, by_chance = (
        np.array([area(shuffle(seed)) for seed in range(30)])
        for shuffle in (
            lambda seed: label_shuffled(train, LABELS, seed).samples["disease"].to_numpy(),
            lambda seed: np.random.default_rng(seed).permutation(trait),
        )
    )
    assert dealt.mean() == pytest.approx(0.5, abs=0.02)
    assert dealt.std() < 0.04 < 0.045 < by_chance.std()


def test_label_shuffled__deals_numbers_and_those_missing() -> None:
    height = REAL.samples["height"].where(np.arange(len(REAL.samples)) % 9 > 0)
    real = replace(REAL, samples=REAL.samples.assign(height=height))
    row = make_reference_row(real, name="label_shuffled", labels=[HEIGHT], seed=1)
    before, after = (each.samples["height"].to_numpy() for each in (real.part("train"), row))
    assert np.array_equal(np.sort(before), np.sort(after), equal_nan=True)
    both = np.isfinite(before) & np.isfinite(after)
    assert abs(np.corrcoef(before[both], after[both])[0, 1]) < 0.1


def test_train_copy__is_repeatable() -> None:
    first, again, other = (
        make_reference_row(REAL, name="train_copy", labels=[], seed=seed).counts
        for seed in (1, 1, 2)
    )
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
