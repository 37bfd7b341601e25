"""Classical generators draw people batch by batch."""

import tracemalloc

import numpy as np
import pandas as pd

from genosynth.data.genotypes import filled_on_disk, load_genotypes
from genosynth.sampling import classical
from genosynth.sampling.classical import sample_classical
from genosynth.seeds import person_uniforms

N, N_VARIANTS = 2000, 500
TABLE = pd.DataFrame({"iid": [f"p{i}" for i in range(N)]})
VARIANTS = pd.DataFrame({"id": [f"v{i}" for i in range(N_VARIANTS)]})


class Uniform:
    """Each number of ALT copies alike."""

    def sample(self, people, *, person_ids, seed):
        return (3 * person_uniforms(seed, person_ids, N_VARIANTS)).astype(np.int8)


def drawn(out: np.ndarray) -> np.ndarray:
    sample_classical(Uniform(), TABLE, seed=1, out=out)
    return out


def test_sampling__batches_change_nobody(tmp_path, monkeypatch):
    whole = drawn(np.empty((N, N_VARIANTS), np.int8))
    monkeypatch.setattr(classical, "AT_A_TIME", 37 * N_VARIANTS)
    with filled_on_disk(tmp_path / "people", TABLE, VARIANTS) as counts:
        drawn(counts)
    assert np.array_equal(load_genotypes(tmp_path / "people").counts, whole)


def test_sampling__holds_a_batch(tmp_path, monkeypatch):
    monkeypatch.setattr(classical, "AT_A_TIME", 37 * N_VARIANTS)
    with filled_on_disk(tmp_path / "people", TABLE, VARIANTS) as counts:
        tracemalloc.start()
        drawn(counts)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < 0.5 * counts.nbytes
