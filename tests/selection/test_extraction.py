from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from genosynth.data.genotypes import Genotypes, load_genotypes
from genosynth.data.phenotypes import Phenotypes
from genosynth.errors import ArtifactMismatch, WriteFailed
from genosynth.selection.extraction import (
    describe_labels,
    extract_genotypes,
    find_variants,
    label_samples,
)
from tests.filesets import linked_counts, make_genotypes, write_fileset

N_PEOPLE, N_VARIANTS = 40, 30
WANTED = [3, 4, 11, 29]


@pytest.fixture
def genotypes():
    return make_genotypes(linked_counts(N_PEOPLE, N_VARIANTS, seed=1, missing=0.1))


@pytest.fixture
def panel(genotypes) -> pd.DataFrame:
    return genotypes.variants.iloc[WANTED].reset_index(drop=True).assign(beta=0.5)


@pytest.fixture
def split(genotypes) -> pd.DataFrame:
    part = np.array(["train", "test"])[np.arange(N_PEOPLE) % 2]
    ids = genotypes.samples["iid"]
    return pd.DataFrame({"FID": "0", "IID": ids, "part": part, "family": np.arange(N_PEOPLE)})


@pytest.fixture
def phenotypes(split) -> Phenotypes:
    """Everybody of the raw files, in another order, two more than the split has."""
    rng = np.random.default_rng(2)
    strangers = pd.DataFrame({"FID": "0", "IID": ["x", "y"]})
    table = pd.concat([split[["FID", "IID"]], strangers]).sample(frac=1, random_state=3)
    table = table.assign(
        t2d=rng.integers(0, 2, len(table)).astype(float),
        ldl=rng.normal(size=len(table)),
        centre=rng.choice(["1001", "1002"], len(table)),
        age=rng.normal(50, 5, len(table)),
    )
    description = {
        "traits": {"t2d": {"kind": "binary"}, "ldl": {"kind": "quantitative"}},
        "conditions": {"centre": {"kind": "categorical"}},
        "covariates": {"age": {"kind": "quantitative"}},
    }
    return Phenotypes(table.reset_index(drop=True), description)


def test_extraction__loads_as_the_genotypes_that_were_written(genotypes, panel, tmp_path):
    samples = genotypes.samples.assign(part="train")
    extract_genotypes([write_fileset(genotypes, tmp_path)], panel, samples, tmp_path / "out")
    loaded = load_genotypes(tmp_path / "out")
    np.testing.assert_array_equal(loaded.counts, genotypes.counts[:, WANTED])
    assert loaded.counts.dtype == np.int8
    assert isinstance(loaded.counts, np.memmap)
    pd.testing.assert_frame_equal(loaded.variants, panel)
    pd.testing.assert_frame_equal(loaded.samples, samples)


def test_extraction__writes_the_same_in_small_blocks(genotypes, panel, tmp_path, monkeypatch):
    prefix = write_fileset(genotypes, tmp_path)
    extract_genotypes([prefix], panel, genotypes.samples, tmp_path / "whole")
    monkeypatch.setattr("genosynth.data.pgen.BLOCK_BYTES", 7)
    extract_genotypes([prefix], panel, genotypes.samples, tmp_path / "blocks")
    whole, blocks = ((tmp_path / name / "counts.npy").read_bytes() for name in ("whole", "blocks"))
    assert whole == blocks


def test_extraction__a_full_disk_leaves_nothing(genotypes, panel, tmp_path, monkeypatch):
    prefix = write_fileset(genotypes, tmp_path)

    def full(*_arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("genosynth.data.genotypes._allocate", full)
    with pytest.raises(WriteFailed, match="No space left"):
        extract_genotypes([prefix], panel, genotypes.samples, tmp_path / "out")
    assert not [path for path in tmp_path.iterdir() if "out" in path.name]


def write_chromosomes(genotypes: Genotypes, folder: Path) -> list[Path]:
    """Write a fileset for each chromosome, and give their prefixes in genomic order."""
    prefixes = []
    for chromosome, variants in genotypes.variants.groupby("chromosome"):
        part = Genotypes(genotypes.counts[:, variants.index], genotypes.samples, variants)
        (folder / f"chr{chromosome}").mkdir()
        prefixes.append(write_fileset(part, folder / f"chr{chromosome}"))
    return prefixes


def test_extraction__of_chromosomes_is_that_of_the_whole(genotypes, panel, tmp_path):
    whole, parts = write_fileset(genotypes, tmp_path), write_chromosomes(genotypes, tmp_path)
    assert panel["chromosome"].tolist() == [1, 1, 1, 2]
    for name, prefixes in {"whole": [whole], "parts": parts}.items():
        extract_genotypes(prefixes, panel, genotypes.samples, tmp_path / name)
    found = load_genotypes(tmp_path / "parts")
    np.testing.assert_array_equal(found.counts, load_genotypes(tmp_path / "whole").counts)


def test_extraction__a_chromosome_without_a_fileset_raises(genotypes, panel, tmp_path):
    first, _ = write_chromosomes(genotypes, tmp_path)
    with pytest.raises(ArtifactMismatch, match="1 of 4 panel variants are on chromosomes"):
        extract_genotypes([first], panel, genotypes.samples, tmp_path / "out")


def test_extraction__other_people_raise(genotypes, panel, tmp_path):
    prefix, others = write_fileset(genotypes, tmp_path), genotypes.samples[::-1]
    with pytest.raises(ArtifactMismatch, match=r"people.psam: other people than"):
        extract_genotypes([prefix], panel, others, tmp_path / "out")


def test_find_variants__swapped_alleles_raise(genotypes, panel):
    swapped = panel.rename(columns={"ref": "alt", "alt": "ref"})
    with pytest.raises(ArtifactMismatch, match=r"4 panel variants have other .*rs3 is G/A"):
        find_variants(swapped, genotypes.variants, where="qc.pvar")


def test_find_variants__an_absent_variant_raises(genotypes, panel):
    with pytest.raises(ArtifactMismatch, match=r"1 of 4 panel .* absent \(first: rs11"):
        find_variants(panel, genotypes.variants.drop(index=11), where="qc.pvar")


def test_label_samples__follow_the_order_of_the_split(split, phenotypes):
    samples = label_samples(split, phenotypes, trait="t2d")
    assert samples.columns.tolist() == ["fid", "iid", "part", "family", "t2d", "centre"]
    assert samples["iid"].tolist() == split["IID"].tolist()
    expected = phenotypes.table.set_index("IID").loc[split["IID"], "t2d"]
    assert samples["t2d"].tolist() == expected.tolist()


def test_label_samples__without_a_trait_have_conditions_only(split, phenotypes):
    samples = label_samples(split, phenotypes, trait="none")
    assert samples.columns.tolist() == ["fid", "iid", "part", "family", "centre"]
    assert [label.name for label in describe_labels(samples, phenotypes, trait="none")] == [
        "centre"
    ]


def test_describe_labels__looks_at_train_alone(split, phenotypes):
    samples = label_samples(split, phenotypes, trait="ldl")
    is_train = samples["part"] == "train"
    trait, condition = describe_labels(samples, phenotypes, trait="ldl")
    assert (trait.role, trait.kind, condition.role) == ("trait", "quantitative", "condition")
    assert trait.mean == pytest.approx(samples.loc[is_train, "ldl"].mean())
    assert condition.levels == ("1001", "1002")
    other = samples.assign(ldl=samples["ldl"].where(is_train, 1e6))
    assert describe_labels(other, phenotypes, trait="ldl")[0] == trait
