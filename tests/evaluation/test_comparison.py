"""Who is compared with whom: nobody with themselves, equal numbers, equal labels."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from genosynth.data.genotypes import MISSING, Genotypes, save_genotypes
from genosynth.data.labels import save_labels
from genosynth.errors import ArtifactMismatch
from genosynth.evaluation.comparison import (
    Comparison,
    apart,
    chunks,
    equal_sides,
    filled,
    load_comparison,
    rounded_means,
)
from genosynth.evaluation.fidelity.correlations import co_moments
from tests.evaluation.simulated_people import LABELS, population, with_missing_calls

PEOPLE = population(30, n_chromosomes=3)
TRAIN, HOLDOUT = PEOPLE.people(300, 1), PEOPLE.people(101, 2, part="test")


def compared(synthetic: Genotypes) -> Comparison:
    return Comparison(TRAIN, HOLDOUT, synthetic, LABELS)


@pytest.mark.parametrize(("n_variants", "largest"), [(30, 33), (1000, 1), (4000, 1)])
def test_chunks__are_everybody_once_and_few_enough_genotypes(
    n_variants: int, largest: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("genosynth.evaluation.comparison.CHUNK", 1000)
    counts = np.arange(70 * n_variants).reshape(70, n_variants)
    parts = list(chunks(counts))
    assert max(len(part) for part in parts) == largest
    assert (np.concatenate(parts) == counts).all()


def test_chunks__do_not_change_correlations(monkeypatch: pytest.MonkeyPatch) -> None:
    people = with_missing_calls(TRAIN, 1).counts
    whole = co_moments(people, np.arange(10, 20)).correlations()
    monkeypatch.setattr("genosynth.evaluation.comparison.CHUNK", 400)
    assert (co_moments(people[:, 10:20]).correlations() == whole).all()


def as_row(people: Genotypes) -> Genotypes:
    return replace(people, samples=people.samples.assign(source=people.samples["iid"]))


def save(folder: Path, synthetic: Genotypes) -> dict[str, Path]:
    real = Genotypes(
        np.concatenate([TRAIN.counts, HOLDOUT.counts]),
        pd.concat([TRAIN.samples, HOLDOUT.samples], ignore_index=True),
        TRAIN.variants,
    )
    save_genotypes(real, folder / "genotypes")
    save_genotypes(synthetic, folder / "synthetic")
    save_labels(LABELS, folder / "labels.json")
    return {"labels": folder / "labels.json", "synthetic": folder / "synthetic"}


def test_load__reads_train_and_test_parts(tmp_path: Path) -> None:
    synthetic = PEOPLE.people(50, 3, part="synthetic")
    loaded = load_comparison(tmp_path / "genotypes", **save(tmp_path, synthetic))
    assert np.array_equal(loaded.train.counts, TRAIN.counts)
    assert np.array_equal(loaded.holdout.counts, HOLDOUT.counts)
    assert np.array_equal(loaded.synthetic.counts, synthetic.counts)
    assert loaded.trait == LABELS[0]


def test_load__refuses_another_panel(tmp_path: Path) -> None:
    other = population(30, n_chromosomes=5, seed=1).people(50, 3)
    with pytest.raises(ArtifactMismatch, match="synthetic: its variants are not those of"):
        load_comparison(tmp_path / "genotypes", **save(tmp_path, other))


def test_load__refuses_people_without_the_trait(tmp_path: Path) -> None:
    bare = replace(TRAIN, samples=TRAIN.samples.drop(columns="disease"))
    with pytest.raises(ArtifactMismatch, match="no column disease, the trait"):
        load_comparison(tmp_path / "genotypes", **save(tmp_path, bare))


def test_load__people_without_a_condition_are_paired_by_the_others(tmp_path: Path) -> None:
    bare = replace(TRAIN, samples=TRAIN.samples.drop(columns="ancestry"))
    loaded = load_comparison(tmp_path / "genotypes", **save(tmp_path, bare))
    assert [label.name for label in loaded.labels] == ["disease"]
    sides = equal_sides(loaded, n_max=1000, seed=1)
    assert sides.n == 101
    n_cases = [side.samples["disease"].sum() for side in (sides.synthetic, sides.holdout)]
    assert n_cases[0] == n_cases[1]


def test_apart__strangers_stay_as_they_are() -> None:
    assert apart(compared(TRAIN)) == (TRAIN, HOLDOUT)
    synthetic, holdout = apart(compared(as_row(TRAIN)))
    assert len(synthetic.samples) == 300
    assert len(holdout.samples) == 101


def test_apart__deals_shared_people_to_the_two_sides() -> None:
    synthetic, holdout = apart(compared(as_row(HOLDOUT)))
    on_one, on_other = set(synthetic.samples["iid"]), set(holdout.samples["iid"])
    assert not on_one & on_other
    assert on_one | on_other == set(HOLDOUT.samples["iid"])
    assert abs(len(on_one) - len(on_other)) <= 1


def test_apart__an_iid_of_another_family_is_somebody_else() -> None:
    holdout = replace(HOLDOUT, samples=HOLDOUT.samples.assign(fid="a"))
    others = HOLDOUT.samples.assign(source="b " + HOLDOUT.samples["iid"])
    synthetic, held = apart(Comparison(TRAIN, holdout, replace(HOLDOUT, samples=others), LABELS))
    assert len(synthetic.samples) == len(held.samples) == len(HOLDOUT.samples)


def test_equal_sides__have_the_same_labels_whatever_was_asked_for() -> None:
    many_cases = PEOPLE.people(2000, 3)
    is_case = many_cases.samples["disease"].to_numpy() == 1
    balanced = many_cases.take(np.r_[np.flatnonzero(is_case), np.flatnonzero(~is_case)[:300]])
    sides = equal_sides(compared(balanced), n_max=1000, seed=1)
    assert sides.n == 101
    for label in ("disease", "ancestry"):
        left, right = sides.synthetic.samples[label], sides.holdout.samples[label]
        assert left.value_counts().to_dict() == right.value_counts().to_dict()


def test_equal_sides__are_at_most_n_max() -> None:
    sides = equal_sides(compared(TRAIN), n_max=40, seed=1)
    assert len(sides.synthetic.samples) == len(sides.holdout.samples) == sides.n == 40


def test_equal_sides__leave_out_people_whose_trait_only_one_side_lacks() -> None:
    unknown = HOLDOUT.samples.assign(
        disease=HOLDOUT.samples["disease"].where(HOLDOUT.samples.index > 9)
    )
    comparison = Comparison(TRAIN, replace(HOLDOUT, samples=unknown), TRAIN, LABELS)
    sides = equal_sides(comparison, n_max=1000, seed=1)
    assert sides.n == 91
    assert sides.holdout.samples["disease"].notna().all()


def test_equal_sides__lose_the_same_calls_on_both_sides() -> None:
    comparison = Comparison(TRAIN, with_missing_calls(HOLDOUT, 1), TRAIN, LABELS)
    sides = equal_sides(comparison, n_max=1000, seed=1)
    assert (sides.holdout.counts == MISSING).any()
    assert np.array_equal(sides.holdout.counts == MISSING, sides.synthetic.counts == MISSING)


def test_equal_sides__do_not_touch_missing_calls_of_real_rows() -> None:
    lossy = with_missing_calls(TRAIN, 1)
    sides = equal_sides(Comparison(TRAIN, HOLDOUT, lossy, LABELS), n_max=1000, seed=1)
    assert (sides.synthetic.counts == MISSING).any()
    assert not (sides.holdout.counts == MISSING).any()


def test_equal_sides__may_be_empty() -> None:
    nobody = TRAIN.take(np.zeros(0, np.intp))
    assert equal_sides(compared(nobody), n_max=10, seed=1).n == 0


def test_filled__puts_rounded_means_of_called_people() -> None:
    counts = np.array([[2, -1, 0], [1, -1, 0], [-1, -1, 1]], np.int8)
    assert rounded_means(counts).tolist() == [2, 0, 0]
    assert filled(counts, rounded_means(counts)).tolist() == [[2, 0, 0], [1, 0, 0], [2, 0, 1]]
