"""The matrix on disk: whole or not there."""

import numpy as np
import pandas as pd
import pytest

from genosynth.data.genotypes import (
    MISSING,
    Genotypes,
    filled_on_disk,
    load_genotypes,
    person_keys,
    save_genotypes,
)
from genosynth.data.labels import Label, level_codes

COUNTS = np.random.default_rng(1).integers(0, 3, (5, 7)).astype(np.int8)
SAMPLES = pd.DataFrame({"iid": list("abcde"), "part": "train"})
VARIANTS = pd.DataFrame({"id": [f"v{i}" for i in range(7)]})


def test_filled_on_disk__is_the_folder_that_save_genotypes_writes(tmp_path):
    with filled_on_disk(tmp_path / "filled", SAMPLES, VARIANTS) as counts:
        counts[[3, 0, 4]] = COUNTS[[3, 0, 4]]
        counts[1:3] = COUNTS[1:3]
    save_genotypes(Genotypes(COUNTS, SAMPLES, VARIANTS), tmp_path / "saved")
    for name in ("counts.npy", "samples.tsv", "variants.tsv"):
        assert (tmp_path / "filled" / name).read_bytes() == (tmp_path / "saved" / name).read_bytes()


def test_filled_on_disk__nobody_is_made_up(tmp_path):
    with filled_on_disk(tmp_path / "filled", SAMPLES, VARIANTS) as counts:
        counts[1] = COUNTS[1]
    left_out = np.delete(load_genotypes(tmp_path / "filled").counts, 1, axis=0)
    assert (left_out == MISSING).all()


def test_filled_on_disk__an_error_leaves_nothing(tmp_path):
    with pytest.raises(ZeroDivisionError), filled_on_disk(tmp_path / "f", SAMPLES, VARIANTS):
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "levels", [("FALSE", "TRUE"), ("1", "2", "other"), ("1", "2", "3"), ("inf", "none", "nan")]
)
def test_levels__are_the_same_text_after_a_file(levels, tmp_path):
    values = [*levels, None, levels[0]]
    samples = pd.DataFrame({"iid": list("abcdefg")[: len(values)], "smoker": values})
    counts = np.zeros((len(samples), 7), np.int8)
    save_genotypes(Genotypes(counts, samples, VARIANTS), tmp_path / "saved")
    label = Label("smoker", "condition", "categorical", levels=levels)
    found = level_codes(load_genotypes(tmp_path / "saved").samples["smoker"], label)
    assert found.tolist() == [*range(len(levels)), -1, 0]


def test_labels__may_have_the_name_of_a_column_of_variants(tmp_path):
    samples = SAMPLES.assign(alt=[20.5, 31.0, np.nan, 7.0, 18.0])
    save_genotypes(Genotypes(COUNTS, samples, VARIANTS), tmp_path / "saved")
    found = load_genotypes(tmp_path / "saved").samples
    pd.testing.assert_series_equal(found["alt"], samples["alt"])


def test_numbers__are_numbers_after_a_file(tmp_path):
    values = [0.1 + 0.2, -1e-300, np.nan, 7.0, 12345678.9]
    samples = SAMPLES.assign(ldl=values, family=[1, 1, 2, 3, 3])
    save_genotypes(Genotypes(COUNTS, samples, VARIANTS), tmp_path / "saved")
    pd.testing.assert_frame_equal(load_genotypes(tmp_path / "saved").samples, samples)


def test_person_keys__tell_families_apart_where_there_are_some():
    samples = pd.DataFrame({"fid": ["a", "b"], "iid": ["1", "1"]})
    assert person_keys(samples).is_unique
    assert person_keys(samples.drop(columns="fid")).tolist() == ["1", "1"]
