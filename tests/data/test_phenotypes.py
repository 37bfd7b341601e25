"""Phenotype tables: matched to people, coded, and refused with one clear line."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from genosynth.data.phenotype_table import find_table, load_phenotypes
from genosynth.data.phenotypes import (
    Phenotypes,
    check_cases,
    load_prepared,
    prepare_phenotypes,
    wanted_columns,
)
from genosynth.errors import CohortError
from genosynth.files import write_json, write_table
from genosynth.settings.phenotypes import PhenotypesSettings

N_PEOPLE = 300
IIDS = [f"p{i}" for i in range(N_PEOPLE)]
BINARY = {"column": "disease", "kind": "binary"}
QUANTITATIVE = {"column": "ldl", "kind": "quantitative"}


@pytest.fixture
def samples() -> pd.DataFrame:
    sexes = np.where(np.arange(N_PEOPLE) % 2, "1", "2")
    return pd.DataFrame({"FID": IIDS, "IID": IIDS, "SEX": sexes})


@pytest.fixture
def table() -> pd.DataFrame:
    rng = np.random.default_rng(1)
    return pd.DataFrame(
        {
            "#FID": IIDS,
            "IID": IIDS,
            "disease": np.repeat(["0", "1"], [180, 120]),
            "ldl": rng.normal(3, 1, N_PEOPLE).round(3).astype(str),
            "age": rng.integers(20, 80, N_PEOPLE).astype(str),
            "ancestry": np.where(np.arange(N_PEOPLE) % 3, "north", "far south"),
            "batch": (np.arange(N_PEOPLE) % 3 + 1).astype(str),
            "treated": (np.arange(N_PEOPLE) % 2).astype(str),
        }
    )


def prepare(table: pd.DataFrame, samples: pd.DataFrame, folder: Path, **options) -> Phenotypes:
    settings = PhenotypesSettings.model_validate(options)
    path = folder / "pheno.tsv"
    table.to_csv(path, sep="\t", index=False)
    loaded = load_phenotypes([str(path)], columns=wanted_columns(settings))
    return prepare_phenotypes(loaded, samples, settings=settings)


# Coding


@pytest.mark.parametrize("coding", ["0/1", "1/2"])
def test_binary__codings_mean_the_same(coding, table, samples, tmp_path) -> None:
    table["disease"] = table["disease"].map(dict(zip("01", coding.split("/"), strict=True)))
    table.loc[[0, 1, 2, 3, 4], "disease"] = ["NA", "-9", "", ".", "nan"]
    phenotypes = prepare(table, samples, tmp_path, traits={"t2d": BINARY})
    values = phenotypes.table["t2d"]
    assert phenotypes.table.columns.tolist() == ["FID", "IID", "t2d"]
    assert values.isna().tolist() == [True] * 5 + [False] * 295
    assert values[5:].tolist() == [0] * 175 + [1] * 120
    assert phenotypes.description["traits"]["t2d"] == {
        "column": "disease",
        "kind": "binary",
        "coding": coding,
        "n_cases": 120,
        "n_controls": 175,
        "n_known": 295,
        "n_missing": 5,
    }


def test_quantitative__values_survive(table, samples, tmp_path) -> None:
    phenotypes = prepare(table, samples, tmp_path, traits={"ldl": QUANTITATIVE})
    assert phenotypes.table["ldl"].tolist() == table["ldl"].astype(float).tolist()


@pytest.mark.parametrize(
    ("column", "kind", "levels"),
    [
        ("treated", "binary", []),
        ("batch", "categorical", ["1", "2", "3"]),
        ("ancestry", "categorical", ["far_south", "north"]),
        ("age", "quantitative", []),
        ("ldl", "quantitative", []),
    ],
)
def test_conditions__kind_shows_in_values(column, kind, levels, table, samples, tmp_path) -> None:
    table.loc[0, column] = "NA"
    phenotypes = prepare(table, samples, tmp_path, conditions=[column], covariates=[column])
    described = phenotypes.description["conditions"][column]
    assert described == {"kind": kind, "levels": levels, "n_known": 299, "n_missing": 1}
    assert phenotypes.description["covariates"][column] == described
    assert phenotypes.table[column].isna().sum() == 1


def test_prepared__is_read_back_as_written(table, samples, tmp_path) -> None:
    table["ancestry"] = table["ancestry"].replace("north", "None")  # a level, not a missing value
    table.loc[0, "batch"] = "NA"
    phenotypes = prepare(
        table, samples, tmp_path, traits={"t2d": BINARY}, conditions=["batch", "ancestry"]
    )
    write_table(phenotypes.table.rename(columns={"FID": "#FID"}), tmp_path / "out.tsv")
    write_json(phenotypes.description, tmp_path / "out.json")
    back = load_prepared(tmp_path / "out.tsv", tmp_path / "out.json")
    assert back.description == phenotypes.description
    pd.testing.assert_frame_equal(
        back.table, phenotypes.table, check_dtype=False, check_categorical=False
    )
    assert set(back.table["batch"].dropna()) == {"1", "2", "3"}
    assert set(back.table["ancestry"]) == {"None", "far_south"}


# Matching


def test_matching__is_invariant_to_row_order(table, samples, tmp_path) -> None:
    expected = prepare(table, samples, tmp_path, traits={"ldl": QUANTITATIVE}).table
    shuffled = table.sample(frac=1, random_state=1)
    got = prepare(shuffled, samples, tmp_path, traits={"ldl": QUANTITATIVE}).table
    pd.testing.assert_frame_equal(got, expected)


@pytest.mark.parametrize(
    "rename",
    [
        {"#FID": "FID"},
        {"#FID": "extra", "IID": "#IID"},
        {"#FID": "extra"},
    ],
)
def test_matching__by_any_key_header(rename, table, samples, tmp_path) -> None:
    expected = prepare(table, samples, tmp_path, traits={"ldl": QUANTITATIVE}).table
    got = prepare(table.rename(columns=rename), samples, tmp_path, traits={"ldl": QUANTITATIVE})
    pd.testing.assert_frame_equal(got.table, expected)


def test_matching__genotypes_without_families(table, samples, tmp_path, caplog) -> None:
    got = prepare(table, samples.assign(FID="0"), tmp_path, traits={"ldl": QUANTITATIVE}).table
    assert got["FID"].eq("0").all()
    assert got["ldl"].notna().all()
    assert "matched by IID alone" in caplog.text


def test_matching__iids_repeat_in_families(table, samples, tmp_path) -> None:
    families = ["a", "b"] * (N_PEOPLE // 2)
    repeated = [f"i{i // 2}" for i in range(N_PEOPLE)]
    table[["#FID", "IID"]] = np.column_stack([families, repeated])
    samples[["FID", "IID"]] = np.column_stack([families, repeated])
    got = prepare(table, samples, tmp_path, traits={"ldl": QUANTITATIVE}).table
    assert got["ldl"].tolist() == table["ldl"].astype(float).tolist()
    table = table.drop(columns="#FID").drop_duplicates("IID")
    with pytest.raises(CohortError, match="the genotype files: 150 ids appear more than once"):
        prepare(table, samples, tmp_path, traits={"ldl": QUANTITATIVE})


def test_matching__people_without_a_row_are_missing(table, samples, tmp_path, caplog) -> None:
    caplog.set_level("INFO")
    got = prepare(table[:100], samples, tmp_path, traits={"ldl": QUANTITATIVE}).table
    assert got["ldl"].isna().tolist() == [False] * 100 + [True] * 200
    assert "100 of 300 people have a row" in caplog.text
    assert "fewer than half" in caplog.text


def test_table__of_spaces(table, samples, tmp_path) -> None:
    path = tmp_path / "spaces.txt"
    lines = [" ".join(row) for row in table[["#FID", "IID", "ldl"]].to_numpy()]
    path.write_text("\n".join(["FID IID ldl", *lines]) + "\n")
    loaded = load_phenotypes([str(path)], columns=["ldl"])
    assert loaded is not None
    assert loaded.values["ldl"].tolist() == table["ldl"].tolist()


# Sex


def test_sex__comes_from_genotypes_if_the_table_has_none(table, samples, tmp_path) -> None:
    samples.loc[0, "SEX"] = pd.NA
    phenotypes = prepare(table, samples, tmp_path, conditions=["sex"])
    assert phenotypes.table["sex"].tolist()[1:3] == ["male", "female"]
    assert phenotypes.description["conditions"]["sex"]["n_missing"] == 1


def test_sex__of_the_table_goes_first(table, samples, tmp_path) -> None:
    table["sex"] = "F"
    assert prepare(table, samples, tmp_path, conditions=["sex"]).table["sex"].eq("F").all()


def test_sex__that_nobody_knows(table, samples, tmp_path) -> None:
    with pytest.raises(CohortError, match="no column sex"):
        prepare(table, samples.assign(SEX=pd.NA), tmp_path, covariates=["sex"])


def test_no_table__gives_ids_and_perhaps_sex(samples) -> None:
    assert load_phenotypes([], columns=[]) is None
    phenotypes = prepare_phenotypes(None, samples, settings=PhenotypesSettings())
    assert phenotypes.table.columns.tolist() == ["FID", "IID"]
    assert len(phenotypes.table) == N_PEOPLE
    settings = PhenotypesSettings(conditions=["sex"])
    assert "sex" in prepare_phenotypes(None, samples, settings=settings).table
    with pytest.raises(CohortError, match="no column ancestry"):
        prepare_phenotypes(None, samples, settings=PhenotypesSettings(conditions=["ancestry"]))


# Errors


def change(column: str, value: str, rows=slice(None)):
    def apply(table: pd.DataFrame) -> pd.DataFrame:
        table.loc[table.index[rows], column] = value
        return table

    return apply


BAD_TRAITS = [
    (
        BINARY,
        change("disease", "3", slice(0, 4)),
        "'0' .176 people., '1' .120 people., '3' .4 peop",
    ),
    (BINARY, change("disease", "2", slice(0, 4)), "'2' .4 people.; write other values as NA"),
    (BINARY, change("disease", "case", slice(0, 4)), "'case' .4 people."),
    (
        BINARY,
        change("disease", "1"),
        "everybody with a value has '1' .300 people.; .*cases and con",
    ),
    (BINARY, change("disease", "2"), "everybody with a value has '2'"),
    (BINARY, change("disease", "NA"), "column disease .trait x. has no value for anybody"),
    (BINARY, change("disease", "0", slice(200, 299)), "trait x: 21 cases in the whole cohort"),
    (
        BINARY,
        change("disease", "1", slice(0, 150)),
        "30 controls in the whole cohort, at least 100",
    ),
    (BINARY | {"column": "ldl"}, lambda table: table, "more; or is the trait quantitative"),
    (
        BINARY | {"column": "gout"},
        lambda table: table,
        "no column gout .trait x.; .*disease, ldl, a",
    ),
    (QUANTITATIVE, change("ldl", "high", slice(6, 7)), "'high' in line 8 is no number .1 such"),
    (QUANTITATIVE, change("ldl", "inf", slice(0, 1)), "'inf' in line 2"),
    (QUANTITATIVE, change("ldl", "3.1"), "everybody with a value has 3.1"),
    (QUANTITATIVE, lambda table: pd.concat([table, table[:2]]), "2 ids .* FID and IID .first: p0"),
    (QUANTITATIVE, change("IID", "x"), "none of its 300 ids .* has p0 x, .*genotypes p0 p0"),
    (QUANTITATIVE, lambda table: table.rename(columns={"IID": "id"}), "no column IID; .*id, disea"),
    (QUANTITATIVE, lambda table: table.rename(columns={"age": "ldl"}), "two columns .* ldl"),
    (
        QUANTITATIVE | {"column": "my ldl"},
        lambda table: table.rename(columns={"ldl": "my ldl"}),
        "column name with a space: rename 'my ldl'",
    ),
]


@pytest.mark.parametrize(("trait", "spoil", "message"), BAD_TRAITS)
def test_traits__that_cannot_be_used(trait, spoil, message, table, samples, tmp_path) -> None:
    with pytest.raises(CohortError, match=message):
        prepare(spoil(table), samples, tmp_path, traits={"x": trait})


def test_covariates__must_vary(table, samples, tmp_path) -> None:
    with pytest.raises(CohortError, match=r"has the same batch \(7\); remove it"):
        prepare(table.assign(batch="7"), samples, tmp_path, covariates=["batch"])


def test_conditions__of_too_many_words(table, samples, tmp_path) -> None:
    table.loc[5, "ldl"] = "unknown"
    with pytest.raises(CohortError, match=r"different values such as 'unknown'; text may have 50"):
        prepare(table, samples, tmp_path, conditions=["ldl"])


def test_conditions__that_are_the_trait(table, samples, tmp_path) -> None:
    with pytest.raises(CohortError, match="disease is a trait"):
        prepare(table, samples, tmp_path, traits={"t2d": BINARY}, conditions=["disease"])


def test_covariates__that_are_another_trait(table, samples, tmp_path) -> None:
    traits = {"t2d": BINARY, "ldl": QUANTITATIVE}
    phenotypes = prepare(table, samples, tmp_path, traits=traits, covariates=["ldl"])
    assert phenotypes.table.columns.tolist() == ["FID", "IID", "t2d", "ldl"]
    assert phenotypes.description["covariates"]["ldl"]["kind"] == "quantitative"
    with pytest.raises(CohortError, match="age is also the name of a trait, whose column is ldl"):
        prepare(table, samples, tmp_path, traits={"age": QUANTITATIVE}, covariates=["age"])


def test_quantitative__of_two_values_is_doubted(table, samples, tmp_path, caplog) -> None:
    prepare(table, samples, tmp_path, traits={"x": QUANTITATIVE | {"column": "treated"}})
    assert "is its kind binary?" in caplog.text


def test_table__missing_file(tmp_path) -> None:
    with pytest.raises(CohortError, match=r"phenotypes\.path .*nowhere\.tsv: no such file"):
        find_table(str(tmp_path / "nowhere.tsv"))
    assert find_table(None) == []


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "no column IID; the header has nothing"),
        (b"IID,t2d\np1,1\n", "no column IID; the header has IID,t2d"),
        (b"IID\tx\np1\t1\np2\t1\t5\n", "line 3 has 3 cells, the header 2"),
        (b"IID\tx\np1\t1\np2\n", "line 3 has 1 cells, the header 2"),
        (b"IID\tx\np1\t\xff\n", "cannot be read as a table"),
    ],
)
def test_table__that_is_none(content: bytes, message: str, tmp_path) -> None:
    path = tmp_path / "pheno.tsv"
    path.write_bytes(content)
    with pytest.raises(CohortError, match=message):
        load_phenotypes([str(path)], columns=["x"])


def test_check_cases__names_trait_part_and_numbers() -> None:
    settings = PhenotypesSettings(traits={"t2d": BINARY, "ldl": QUANTITATIVE})
    table = pd.DataFrame({"t2d": [0] * 150 + [1] * 99, "ldl": 1.0})
    with pytest.raises(CohortError, match="trait t2d: 99 cases in train, at least 100 are needed"):
        check_cases(table, settings.traits)
    check_cases(table, settings.traits, minimum=99)
