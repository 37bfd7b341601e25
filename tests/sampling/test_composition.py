"""Labels of synthetic people: composition, joint levels, and values that belong to nobody."""

import numpy as np
import pandas as pd
import pytest

from genosynth.data.genotypes import read_samples
from genosynth.data.labels import Label, describe_label, encode_labels
from genosynth.errors import ConfigError
from genosynth.files import write_table
from genosynth.sampling.composition import compose_labels
from genosynth.settings.sampling import SamplingSettings


def people(n: int = 4000) -> tuple[pd.DataFrame, list[Label]]:
    generator = np.random.default_rng(1)
    samples = pd.DataFrame({"iid": [f"person{i:05d}" for i in range(n)], "part": "train"})
    samples["disease"] = (generator.random(n) < 0.2).astype(float)
    samples["sex"] = generator.integers(1, 3, n).astype(float)  # levels that read as numbers
    south = 0.1 + 0.4 * samples["disease"]
    samples["ancestry"] = np.where(generator.random(n) < south, "south", "north")
    samples["ldl"] = np.exp(0.4 * generator.normal(size=n)) * (1 + 0.5 * (samples["sex"] == 1))
    samples["age"] = generator.integers(18, 90, n).astype(float)
    for name, fraction in (("disease", 0.05), ("sex", 0.02), ("ancestry", 0.03), ("age", 0.1)):
        samples.loc[generator.random(n) < fraction, name] = None
    return samples, [
        describe_label(samples["disease"], role="trait", kind="binary"),
        Label("sex", "condition", "categorical", levels=("1", "2")),
        describe_label(samples["ancestry"], role="condition", kind="categorical"),
        describe_label(samples["ldl"], role="condition", kind="quantitative"),
        describe_label(samples["age"], role="condition", kind="quantitative"),
    ]


def composed(samples, labels, *, seed: int = 3, **settings) -> pd.DataFrame:
    return compose_labels(samples, labels, settings=SamplingSettings(**settings), seed=seed)


def with_quantitative_trait() -> tuple[pd.DataFrame, list[Label]]:
    samples, labels = people()
    trait = describe_label(samples["ldl"], role="trait", kind="quantitative")
    return samples, [trait, *labels[1:3]]


def test_matched__repeats_the_joint_levels_of_people_with_a_known_trait():
    samples, labels = people()
    known = samples[samples["disease"].notna()]
    table = composed(samples, labels)
    names = ["disease", "sex", "ancestry"]
    expected = known[names].assign(sex=known["sex"].map({1.0: "1", 2.0: "2"}))
    assert len(table) == len(known)
    pd.testing.assert_series_equal(
        table[names].value_counts(dropna=False).sort_index(),
        expected.value_counts(dropna=False).sort_index(),
    )
    assert not np.array_equal(table["disease"], known["disease"])  # shuffled


def test_table__means_the_same_after_a_file(tmp_path):
    samples, labels = people(200)
    table = composed(samples, labels)
    write_table(table, tmp_path / "1.tsv")
    loaded = read_samples(tmp_path / "1.tsv")
    assert loaded["iid"].tolist()[:2] == ["syn1", "syn2"]
    assert (loaded["part"] == "synthetic").all()
    np.testing.assert_array_equal(encode_labels(loaded, labels), encode_labels(table, labels))
    known = table["sex"].notna().to_numpy()
    assert (encode_labels(loaded, labels)[known, 2:4].sum(axis=1) == 1).all()


@pytest.mark.parametrize("size", [1, 100, 9000])
def test_size__is_any_number_and_keeps_the_fraction_of_cases(size):
    samples, labels = people()
    table = composed(samples, labels, size=size)
    assert len(table) == size
    assert abs(table["disease"].sum() - size * samples["disease"].mean()) <= 1


def test_balanced__has_equal_classes():
    samples, labels = people()
    assert composed(samples, labels, composition="balanced", size=1000)["disease"].sum() == 500
    samples, labels = with_quantitative_trait()
    table = composed(samples, labels, composition="balanced", size=1000)
    strata = np.searchsorted(labels[0].quantiles, table["ldl"])
    # Jitter moves some people across the borders of the quintiles they were drawn from.
    assert abs(np.bincount(strata) - 200).max() < 25


def test_requested_fraction__is_met_for_its_trait_and_leaves_others_matched():
    samples, labels = people()
    table = composed(samples, labels, composition={"disease": 0.75}, size=2000)
    assert table["disease"].mean() == 0.75
    # Labels stay joined: half of the cases are from the south.
    cases = table[table["disease"] == 1]
    assert (cases["ancestry"] == "south").mean() == pytest.approx(0.5, abs=0.05)
    matched = composed(samples, labels, composition={"other": 0.75})
    assert matched["disease"].mean() == pytest.approx(samples["disease"].mean())


def test_requested_fraction__of_a_class_without_people_is_refused():
    samples, labels = people()
    with pytest.raises(ConfigError, match="nobody in train"):
        composed(samples[samples["disease"] != 1], labels, composition={"disease": 0.5})


def test_without_labels__there_are_as_many_people():
    samples, _ = people(50)
    assert list(composed(samples, []).columns) == ["iid", "part"]
    assert len(composed(samples, [])) == 50


def test_quantitative_values__keep_their_distribution_and_belong_to_nobody():
    samples, labels = people()
    table = composed(samples, labels)
    known = samples.loc[samples["disease"].notna(), "ldl"]
    grid = np.linspace(0.02, 0.98, 49)
    np.testing.assert_allclose(np.quantile(table["ldl"], grid), np.quantile(known, grid), rtol=0.02)
    assert table["ldl"].std() == pytest.approx(known.std(), rel=0.03)
    assert not np.isin(table["ldl"], samples["ldl"]).any()
    largest = np.sort(known)[-20:]
    assert table["ldl"].max() == pytest.approx(largest.mean(), rel=0.03)


def test_quantitative_values__stay_joined_with_conditions_and_missing_ones_missing():
    samples, labels = people()
    table = composed(samples, labels)
    known = samples[samples["disease"].notna()]
    for level in (1.0, 2.0):
        real = known.loc[known["sex"] == level, "ldl"].mean()
        assert table.loc[table["sex"] == f"{level:.0f}", "ldl"].mean() == pytest.approx(
            real, rel=0.02
        )
    assert table["age"].isna().sum() == known["age"].isna().sum()
    assert (table["age"].dropna() % 1 == 0).all()  # whole years stay whole years


def test_seed__decides():
    samples, labels = people(300)
    pd.testing.assert_frame_equal(composed(samples, labels), composed(samples, labels))
    assert not composed(samples, labels, seed=4).equals(composed(samples, labels))
