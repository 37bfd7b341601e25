import shutil

import numpy as np
import pandas as pd
import pytest

from genosynth.data import pgen
from genosynth.data.genotypes import MISSING, Genotypes
from genosynth.data.labels import Label
from genosynth.data.pgen import psam_text, read_counts, read_people, write_pgen
from genosynth.errors import ArtifactMismatch, WriteFailed
from tests.filesets import linked_counts, make_genotypes, plink2, write_fileset

LABELS = [
    Label("t2d", "trait", "binary", levels=("0", "1")),
    Label("sex", "condition", "categorical", levels=("female", "male")),
    Label("origin", "condition", "categorical", levels=("north east", "south")),
    Label("centre", "condition", "categorical", levels=("1001", "1002")),
    Label("age", "condition", "quantitative"),
]


@pytest.fixture
def genotypes() -> Genotypes:
    return make_genotypes(linked_counts(50, 33, seed=1, missing=0.1))


@pytest.fixture
def labelled(genotypes) -> Genotypes:
    rng = np.random.default_rng(2)
    n_samples = len(genotypes.samples)
    samples = genotypes.samples.assign(
        t2d=rng.integers(0, 2, n_samples).astype(float),
        sex=rng.choice(["female", "male"], n_samples),
        origin=rng.choice(["north east", "south"], n_samples),
        centre=rng.choice(["1001", "1002"], n_samples),
        age=rng.normal(50, 5, n_samples),
    )
    samples.loc[0, ["t2d", "sex", "origin", "age"]] = np.nan
    return Genotypes(genotypes.counts, samples, genotypes.variants)


def test_pgen__round_trip_is_identical_with_missing_calls(genotypes, tmp_path):
    prefix = write_fileset(genotypes, tmp_path)
    read = read_counts(prefix, np.arange(33))
    assert (genotypes.counts == MISSING).any()
    np.testing.assert_array_equal(read, genotypes.counts)
    assert read.flags.c_contiguous


def test_read_counts__equals_plink2_export(genotypes, tmp_path):
    prefix = write_fileset(genotypes, tmp_path)
    plink2(
        *("--pfile", prefix, "--export", "A", "--out", tmp_path / "out"),
        *("--export-allele", _alt_alleles(genotypes, tmp_path)),
    )
    exported = pd.read_csv(tmp_path / "out.raw", sep="\t").iloc[:, 6:]
    np.testing.assert_array_equal(
        read_counts(prefix, np.arange(33)), exported.fillna(MISSING).to_numpy()
    )


def _alt_alleles(genotypes, folder):
    path = folder / "alt.txt"
    genotypes.variants[["id", "alt"]].to_csv(path, sep="\t", index=False, header=False)
    return path


@pytest.mark.parametrize("block_bytes", [1, 50 * 7, 1 << 26])
def test_read_counts__takes_any_order_and_block_size(genotypes, tmp_path, monkeypatch, block_bytes):
    monkeypatch.setattr(pgen, "BLOCK_BYTES", block_bytes)
    prefix = write_fileset(genotypes, tmp_path)
    wanted = np.array([30, 2, 17])
    np.testing.assert_array_equal(read_counts(prefix, wanted), genotypes.counts[:, wanted])


def test_read_counts__fills_a_given_matrix(genotypes, tmp_path):
    matrix = np.lib.format.open_memmap(
        tmp_path / "m.npy", mode="w+", dtype=np.int8, shape=genotypes.counts.shape
    )
    read_counts(write_fileset(genotypes, tmp_path), np.arange(33), out=matrix)
    np.testing.assert_array_equal(np.load(tmp_path / "m.npy"), genotypes.counts)


def test_read_counts__refuses_a_matrix_of_another_shape(genotypes, tmp_path):
    prefix = write_fileset(genotypes, tmp_path)
    with pytest.raises(ArtifactMismatch, match=r"\(50, 3\)"):
        read_counts(prefix, np.arange(3), out=np.empty((50, 4), np.int8))


def test_read_counts__refuses_a_variant_that_the_file_lacks(genotypes, tmp_path):
    prefix = write_fileset(genotypes, tmp_path)
    with pytest.raises(ArtifactMismatch, match="33 variants, not 34"):
        read_counts(prefix, np.array([33]))


def test_write_pgen__gives_plink2_the_same_frequencies(genotypes, tmp_path):
    prefix = write_fileset(genotypes, tmp_path)
    plink2("--pfile", prefix, "--freq", "--out", tmp_path / "out")
    found = pd.read_csv(tmp_path / "out.afreq", sep="\t")
    called = np.ma.masked_equal(genotypes.counts, MISSING)
    np.testing.assert_allclose(found["ALT_FREQS"], called.mean(axis=0) / 2, atol=1e-6)
    assert found["ID"].tolist() == genotypes.variants["id"].tolist()


def test_write_pgen__labels_are_phenotypes_to_plink2(labelled, tmp_path):
    write_pgen(labelled, tmp_path / "out", labels=LABELS)
    said = plink2("--pfile", tmp_path / "out", "--freq", "--out", tmp_path / "f")
    assert "4 phenotypes loaded (1 binary, 1 quantitative, 2 categorical)" in said
    n_women = (labelled.samples["sex"] == "female").sum()
    assert f"{n_women} females, {49 - n_women} males, 1 ambiguous" in " ".join(said.split())


def test_psam__codes_cases_as_plink2_does(labelled):
    rows = [line.split("\t") for line in psam_text(labelled.samples, labels=LABELS).splitlines()]
    assert rows[0] == ["#IID", "SEX", "t2d", "origin", "centre", "age"]
    assert rows[1][:4] == ["p0", "NA", "NA", "NONE"]
    is_case = [row[2] == "2" for row in rows[2:]]
    assert is_case == (labelled.samples["t2d"][1:] == 1).tolist()


def test_psam__levels_that_start_with_a_digit_get_the_name_of_their_label(labelled):
    levels = {
        line.split("\t")[4] for line in psam_text(labelled.samples, labels=LABELS).splitlines()
    }
    assert levels == {"centre", "centre_1001", "centre_1002"}


def test_write_pgen__another_species_keeps_its_chromosomes(genotypes, tmp_path):
    variants = genotypes.variants.assign(chromosome=29)
    cattle = Genotypes(genotypes.counts, genotypes.samples, variants)
    write_pgen(cattle, tmp_path / "cattle", autosomes=29)
    said = plink2("--pfile", tmp_path / "cattle", "--autosome", "--freq", "--out", tmp_path / "f")
    assert "29 autosome pairs" in said


def test_write_pgen__leaves_none_of_its_files_when_the_disk_is_full(
    genotypes, tmp_path, monkeypatch
):
    def full(*_arguments, **_options):
        raise RuntimeError("append_biallelic() error 5")  # what pgenlib says

    monkeypatch.setattr(pgen.pgenlib, "PgenWriter", full)
    usage = shutil.disk_usage(tmp_path)._replace(free=0)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    with pytest.raises(WriteFailed, match="No space left"):
        write_pgen(genotypes, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_read_people__an_absent_family_is_zero(genotypes, tmp_path):
    people = read_people(f"{write_fileset(genotypes, tmp_path)}.psam")
    assert people["IID"].tolist() == genotypes.samples["iid"].tolist()
    assert set(people["FID"]) == {"0"}
