"""The matrix on disk: whole or not there."""

import numpy as np
import pandas as pd
import pytest

from genosynth.data.genotypes import (
    MISSING,
    Genotypes,
    filled_on_disk,
    load_genotypes,
    save_genotypes,
)

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
