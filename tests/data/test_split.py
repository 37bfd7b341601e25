import numpy as np
import pandas as pd
import pytest

from genosynth.data.phenotypes import Phenotypes
from genosynth.data.split import (
    PARTS,
    assign_families,
    find_families,
    list_part,
    read_kinship,
    split_cohort,
)
from genosynth.errors import CohortError
from genosynth.settings.split import SplitSettings
from tests.filesets import linked_counts, make_genotypes, plink2, write_fileset

FRACTIONS = np.array([0.7, 0.2, 0.1])


def people_of(n_people: int) -> pd.DataFrame:
    return pd.DataFrame({"FID": "0", "IID": [f"p{i}" for i in range(n_people)]})


def pairs_of(links: list[tuple[int, int, float]]) -> pd.DataFrame:
    rows = [("0", f"p{first}", "0", f"p{second}", kinship) for first, second, kinship in links]
    return pd.DataFrame(rows, columns=["FID1", "IID1", "FID2", "IID2", "KINSHIP"])


def litters(sizes: list[int]) -> pd.DataFrame:
    """Pairs that chain each litter together."""
    ends = np.cumsum(sizes)
    links = [(i, i + 1, 0.25) for i in range(ends[-1] - 1) if i + 1 not in ends]
    return pairs_of(links)


@pytest.fixture
def phenotypes() -> Phenotypes:
    """2,000 people: 15 % cases, a skewed quantity, 10 % of it missing."""
    rng = np.random.default_rng(1)
    table = people_of(2000).assign(
        t2d=(rng.random(2000) < 0.15).astype(float), ldl=rng.exponential(size=2000)
    )
    table.loc[rng.random(2000) < 0.1, "ldl"] = np.nan
    traits = {"t2d": {"column": "x", "kind": "binary"}, "ldl": {"column": "y"}}
    traits["ldl"]["kind"] = "quantitative"
    return Phenotypes(table, {"traits": traits})


def split(phenotypes, kinship, *, seed=1, **settings) -> pd.DataFrame:
    people = phenotypes.table[["FID", "IID"]]
    return split_cohort(people, kinship, phenotypes, settings=SplitSettings(**settings), seed=seed)


@pytest.fixture
def families() -> pd.DataFrame:
    rng = np.random.default_rng(2)
    sizes = [120, 60, *rng.integers(1, 12, 250)]
    while sum(sizes) > 2000:
        sizes.pop()
    return litters(sizes)


def test_split__keeps_families_together(phenotypes, families):
    table = split(phenotypes, families)
    part = table.set_index("IID")["part"]
    assert (part[families["IID1"]].to_numpy() == part[families["IID2"]].to_numpy()).all()
    assert (table.groupby("family")["part"].nunique() == 1).all()
    assert table["family"].nunique() == 2000 - len(families)  # chains: a pair less is a family more


def test_split__fractions_are_kept_in_every_stratum(phenotypes, families):
    table = split(phenotypes, families).merge(phenotypes.table)
    quintile = pd.qcut(table["ldl"], 5, labels=False).fillna(-1)
    for stratum in (table["t2d"], quintile):
        found = pd.crosstab(stratum, table["part"], normalize="index")[PARTS]
        np.testing.assert_allclose(found, np.tile(FRACTIONS, (len(found), 1)), atol=0.02)


def test_split__unrelated_people_are_divided_to_the_person(phenotypes):
    table = split(phenotypes, pairs_of([])).merge(phenotypes.table)
    counts = table["part"].value_counts()
    np.testing.assert_allclose(counts[PARTS], 2000 * FRACTIONS, atol=3)
    cases = table.loc[table["t2d"] == 1, "part"].value_counts()
    np.testing.assert_allclose(cases[PARTS], cases.sum() * FRACTIONS, atol=3)


def test_split__same_seed_same_parts_other_seed_others(phenotypes, families):
    first = split(phenotypes, families, seed=3)
    pd.testing.assert_frame_equal(first, split(phenotypes, families, seed=3))
    assert (first["part"] != split(phenotypes, families, seed=4)["part"]).mean() > 0.1


def test_split__kinship_at_or_below_the_threshold_joins_nobody(phenotypes):
    kinship = pairs_of([(0, 1, 0.0884), (2, 3, 0.0885)])
    family = split(phenotypes, kinship)["family"]
    assert family[0] != family[1]
    assert family[2] == family[3]


def test_split__order_of_pairs_does_not_matter(phenotypes, families):
    shuffled = families.sample(frac=1, random_state=1).rename(
        columns={"IID1": "IID2", "IID2": "IID1"}
    )
    pd.testing.assert_frame_equal(split(phenotypes, families), split(phenotypes, shuffled))


def test_split__a_part_without_share_gets_nobody(phenotypes):
    table = split(phenotypes, pairs_of([]), train=0.8, test=0.2, reference=0)
    assert set(table["part"]) == {"train", "test"}


def test_split__without_traits_divides_people(phenotypes):
    table = split_cohort(
        people_of(300),
        pairs_of([]),
        Phenotypes(people_of(300), {"traits": {}}),
        settings=SplitSettings(),
        seed=1,
    )
    np.testing.assert_allclose(table["part"].value_counts()[PARTS], 300 * FRACTIONS, atol=2)


def test_split__a_family_too_large_for_the_fractions_is_an_error(phenotypes):
    with pytest.raises(CohortError, match=r"largest family has 1900.*Raise split\.kinship"):
        split(phenotypes, litters([1900, *[1] * 100]))


def test_split__too_few_cases_in_train_is_an_error(phenotypes):
    table = phenotypes.table.assign(t2d=(np.arange(2000) < 130).astype(float))
    with pytest.raises(CohortError, match="t2d: 91 cases in train"):
        split(Phenotypes(table, phenotypes.description), pairs_of([]))


def test_find_families__ignores_people_that_quality_control_removed():
    family = find_families(people_of(3), pairs_of([(0, 9, 0.3), (9, 1, 0.3)]), threshold=0.1)
    assert len(set(family)) == 3


def test_assign_families__one_family_at_a_time_never_overfills_a_small_part():
    sizes = np.array([[30.0], [10.0], *[[1.0]] * 60])
    part = assign_families(sizes, FRACTIONS, rng=np.random.default_rng(1))
    assert part[0] == 0  # the largest family goes to train
    assert np.bincount(part, weights=sizes[:, 0]).tolist() == [70, 20, 10]


def test_read_kinship__reads_what_plink2_writes(tmp_path):
    counts = linked_counts(60, 400, seed=3, change=1.0)
    counts[1] = counts[0]  # the same person twice
    prefix = write_fileset(make_genotypes(counts), tmp_path)
    columns = "cols=fid,id,nsnp,hethet,ibs0,kinship"
    plink2(
        *("--pfile", prefix, "--make-king-table", columns, "--king-table-filter", 0.35),
        *("--out", tmp_path / "out"),
    )
    pairs = read_kinship(tmp_path / "out.kin0")
    assert set(pairs.loc[0, ["IID1", "IID2"]]) == {"p0", "p1"}
    assert pairs.loc[0, "KINSHIP"] == 0.5
    family = find_families(people_of(60), pairs, threshold=0.35)
    assert family[0] == family[1]


def test_list_part__names_one_part(phenotypes):
    table = split(phenotypes, pairs_of([]))
    assert len(list_part(table, "test")) == (table["part"] == "test").sum()
