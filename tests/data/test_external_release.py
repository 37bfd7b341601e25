"""Releases made elsewhere: other order, alleles, ids and spellings, brought to panel and labels."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from genosynth.data.external_release import find_panel, import_release
from genosynth.data.genotypes import MISSING, Genotypes
from genosynth.data.labels import Label
from genosynth.data.pgen import write_pgen
from genosynth.errors import CohortError
from tests.filesets import linked_counts, make_genotypes, plink2

N_PEOPLE, N_VARIANTS = 40, 30
TRAIT = Label("t2d", "trait", "binary", levels=("0", "1"))
LDL = Label("ldl", "trait", "quantitative")
SEX = Label("sex", "condition", "categorical", levels=("female", "male"))
CENTRE = Label("centre", "condition", "categorical", levels=("1001", "St_Mary"))
LABELS = [TRAIT, SEX, CENTRE]


@pytest.fixture
def made() -> Genotypes:
    """Synthetic people whose labels are spelt as those of the cohort."""
    people = make_genotypes(linked_counts(N_PEOPLE, N_VARIANTS, seed=1, missing=0.1))
    rng = np.random.default_rng(2)
    samples = people.samples.assign(
        t2d=pd.array(rng.integers(0, 2, N_PEOPLE), "Int8"),
        sex=rng.choice(["male", "female"], N_PEOPLE),
        centre=rng.choice(["1001", "St_Mary"], N_PEOPLE),
    )
    samples.loc[:2, ["t2d", "sex", "centre"]] = pd.NA
    return Genotypes(people.counts, samples, people.variants)


@pytest.fixture
def panel(made) -> pd.DataFrame:
    return made.variants.iloc[[3, 4, 11, 29]].reset_index(drop=True).assign(beta=0.5)


def imported(
    people: Genotypes, panel: pd.DataFrame, folder: Path, *, labels: list[Label] = LABELS
) -> Genotypes:
    """Write a release as genosynth does, and import it."""
    prefix = folder / "people"
    write_pgen(people, prefix, labels=[each for each in LABELS if each.name in people.samples])
    return import_release(prefix, panel, labels, tables=[f"{prefix}.psam"], release="peer")


def swap(genotypes: Genotypes, columns: list[int]) -> Genotypes:
    """Count the other allele of some variants."""
    counts, variants = genotypes.counts.copy(), genotypes.variants.copy()
    flipped = counts[:, columns]
    counts[:, columns] = np.where(flipped == MISSING, MISSING, 2 - flipped)
    variants.loc[columns, ["ref", "alt"]] = variants.loc[columns, ["alt", "ref"]].to_numpy()
    return Genotypes(counts, genotypes.samples, variants)


def test_import__gives_back_what_genosynth_released(made, panel, tmp_path):
    people = imported(made, panel, tmp_path)
    np.testing.assert_array_equal(people.counts, made.counts[:, [3, 4, 11, 29]])
    pd.testing.assert_frame_equal(people.variants, panel)
    columns = ["t2d", "sex", "centre"]
    pd.testing.assert_frame_equal(people.samples[columns], made.samples[columns], check_dtype=False)


def test_import__renames_people(made, panel, tmp_path):
    samples = imported(made, panel, tmp_path).samples
    assert samples.columns.tolist() == ["iid", "part", "t2d", "sex", "centre"]
    assert samples["iid"].tolist() == [f"syn{i + 1}" for i in range(N_PEOPLE)]
    assert not set(made.samples["iid"]) & set(samples.astype(str).to_numpy().ravel())


def test_import__swapped_alleles_are_counted_as_in_the_panel(made, panel, tmp_path):
    people = imported(swap(made, [4, 29]), panel, tmp_path)
    np.testing.assert_array_equal(people.counts, made.counts[:, [3, 4, 11, 29]])


def test_import__agrees_with_plink2_on_swapped_alleles(made, panel, tmp_path):
    write_pgen(swap(made, [4, 29]), tmp_path / "swapped")
    panel[["id", "ref"]].to_csv(tmp_path / "ref.txt", sep="\t", index=False, header=False)
    arguments = ["--ref-allele", "force", tmp_path / "ref.txt", 2, 1, "--make-pgen"]
    plink2("--pfile", tmp_path / "swapped", *arguments, "--out", tmp_path / "turned")
    bare = import_release(tmp_path / "swapped", panel, [], tables=[], release="peer")
    turned = import_release(tmp_path / "turned", panel, [], tables=[], release="peer")
    np.testing.assert_array_equal(bare.counts, turned.counts)


def test_find_panel__by_place_whatever_the_ids(made, panel):
    unnamed = made.variants.assign(id="x").iloc[::-1]
    rows, swapped = find_panel(panel, unnamed, release="peer")
    assert (N_VARIANTS - 1 - rows).tolist() == [3, 4, 11, 29]
    assert not swapped.any()


def test_find_panel__by_id_on_another_build(made, panel):
    moved = made.variants.assign(position_bp=made.variants["position_bp"] + 7)
    assert find_panel(panel, moved, release="peer")[0].tolist() == [3, 4, 11, 29]


def test_find_panel__two_variants_at_one_place_are_told_by_id(made, panel):
    twins = made.variants.copy()
    twins["position_bp"] = twins["position_bp"].replace(5000, 4000)
    two = twins.iloc[[4, 3]].reset_index(drop=True)
    assert find_panel(two, twins, release="peer")[0].tolist() == [4, 3]


def test_find_panel__an_absent_variant_raises(made, panel):
    with pytest.raises(
        CohortError, match=r"peer: 1 of 4 .* absent \(first: rs11, 1:12000 A/G\); at 0 of"
    ):
        find_panel(panel, made.variants.drop(index=11), release="peer")


def test_find_panel__other_alleles_raise(made, panel):
    other = made.variants.assign(alt=made.variants["alt"].mask(made.variants["id"] == "rs4", "T"))
    with pytest.raises(CohortError, match=r"1 of 4 .* absent \(first: rs4, .*at 1 of their places"):
        find_panel(panel, other, release="peer")


def test_import__a_release_without_the_trait_raises(made, panel, tmp_path):
    bare = Genotypes(made.counts, made.samples.drop(columns="t2d"), made.variants)
    with pytest.raises(CohortError, match=r"people.psam: no column t2d with values.*labels: TABLE"):
        imported(bare, panel, tmp_path)


def test_import__leaves_out_a_condition_that_nobody_has(made, panel, tmp_path):
    for samples in (made.samples.drop(columns="centre"), made.samples.assign(centre=pd.NA)):
        people = imported(Genotypes(made.counts, samples, made.variants), panel, tmp_path)
        assert people.samples.columns.tolist() == ["iid", "part", "t2d", "sex"]


def test_import__a_level_the_cohort_does_not_have_raises(made, panel, tmp_path):
    odd = made.samples.assign(centre=made.samples["centre"].replace("1001", "Ely"))
    with pytest.raises(CohortError, match=r"centre.*'Ely' \(\d+ such people\) is none of .* 1001"):
        imported(Genotypes(made.counts, odd, made.variants), panel, tmp_path)


def test_import__labels_of_a_table_are_matched_to_people(made, panel, tmp_path):
    write_pgen(made, tmp_path / "people")
    ldl = pd.Series(np.arange(N_PEOPLE) / 4)
    table = pd.DataFrame({"IID": made.samples["iid"], "ldl": ldl, "sex": "M", "centre": "St Mary"})
    table.iloc[::-1].to_csv(tmp_path / "labels.tsv", sep="\t", index=False)
    labels = [LDL, SEX, CENTRE]
    tables = [str(tmp_path / "labels.tsv")]
    people = import_release(tmp_path / "people", panel, labels, tables=tables, release="peer")
    assert people.samples["ldl"].tolist() == ldl.tolist()
    assert set(people.samples["sex"]) == {"male"}
    assert set(people.samples["centre"]) == {"St_Mary"}
