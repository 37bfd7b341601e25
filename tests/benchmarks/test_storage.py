"""Every way of keeping genotypes gives the same people."""

import numpy as np
import pytest

from benchmarks.storage import BIOBANK, COLUMNS, WAYS, Cost, Files, Reading, row, save_people
from tests.filesets import linked_counts, make_genotypes

COUNTS = linked_counts(60, 40, seed=1)
ROWS = np.array([0, 3, 4, 17, 41])


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("storage")
    people = make_genotypes(COUNTS)
    samples = people.samples.assign(fid=people.samples["iid"], sex=1)
    files = Files(folder / "genotypes", folder / "people")
    save_people(type(people)(people.counts, samples, people.variants), files)
    return files


@pytest.mark.parametrize("name", WAYS)
def test_ways__read_the_people_asked_for(name, files):
    reader = WAYS[name].open(files)
    batch = reader.read(ROWS).numpy()
    assert batch.dtype == np.float32
    known = COUNTS
    if reader.n_people < len(COUNTS):  # the rest is the test part: who is where is random
        known = reader.read(np.arange(reader.n_people)).numpy().argmax(axis=2)
        assert {tuple(person) for person in known} < {tuple(person) for person in COUNTS}
    is_one_hot = batch.ndim == 3
    assert np.array_equal(batch, np.eye(3)[known[ROWS]] if is_one_hot else known[ROWS])


def test_row__is_in_proportion_to_genotypes():
    cost = Cost(
        shape=(1000, 100),
        bytes_at_rest=25_000,
        peak_mb=1.2,
        mapped_mb=0.1,
        reading=Reading(3e6, gb_per_second=0.012, copied_gb_per_second=0.04, share=0.25),
    )
    found = dict(zip(COLUMNS, row("way", cost), strict=True))
    assert found["bytes a genotype on disk"] == "0.25"
    assert found["in memory, at most"] == "12.00"
    assert found["GB in memory"] == f"{12 * BIOBANK / 1e9:.2f}" == "11.27"
    assert found["million genotypes a second"] == "3"
