from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from genosynth.data.phenotypes import Phenotypes
from genosynth.errors import CohortError, SelectionError
from genosynth.selection.gwas import (
    SMALLEST_P,
    drop_redundant,
    encode_covariate,
    prepare_gwas,
    read_gwas,
    tidy_gwas,
)
from tests.filesets import linked_counts, make_genotypes, plink2, write_fileset

N_PEOPLE = 400


@pytest.fixture
def phenotypes() -> Phenotypes:
    rng = np.random.default_rng(1)
    table = pd.DataFrame({"FID": "0", "IID": [f"p{i}" for i in range(N_PEOPLE)]}).assign(
        t2d=rng.integers(0, 2, N_PEOPLE).astype(float),
        ldl=rng.normal(3, 1, N_PEOPLE),
        sex=rng.choice(["female", "male"], N_PEOPLE),
        age=rng.normal(50, 5, N_PEOPLE),
        site=rng.choice(["a", "b", "c"], N_PEOPLE, p=[0.2, 0.5, 0.3]),
    )
    table.loc[:9, "t2d"] = np.nan
    table.loc[5:14, "age"] = np.nan
    traits = {"t2d": {"kind": "binary"}, "ldl": {"kind": "quantitative"}}
    return Phenotypes(table, {"traits": traits})


@pytest.fixture
def components() -> pd.DataFrame:
    rng = np.random.default_rng(2)
    table = pd.DataFrame({"FID": "0", "IID": [f"p{i}" for i in range(N_PEOPLE)]})
    return table.assign(**{f"PC{k}": rng.normal(0, 100, N_PEOPLE) for k in (1, 2, 3)})


def prepare(phenotypes, components, *, trait="t2d", covariates=(), n_components=2, n_train=300):
    train = phenotypes.table[["FID", "IID"]].head(n_train)
    return prepare_gwas(
        phenotypes,
        components,
        train,
        trait=trait,
        covariates=covariates,
        n_components=n_components,
    )


def test_prepare_gwas__takes_training_people_with_every_value(phenotypes, components):
    people = prepare(phenotypes, components, covariates=["sex", "age"])
    assert people["IID"].tolist() == [f"p{i}" for i in range(15, 300)]
    assert people.columns.tolist()[:3] == ["#FID", "IID", "trait"]
    assert people.columns[3] in ("sex=male", "sex=female")
    assert people.columns.tolist()[4:] == ["age", "PC1", "PC2"]
    assert people.notna().all(axis=None)


def test_prepare_gwas__codes_cases_as_plink2_does(phenotypes, components):
    people = prepare(phenotypes, components)
    known = phenotypes.table["t2d"][10:300]
    assert people["trait"].tolist() == (known + 1).tolist()


def test_prepare_gwas__needs_no_covariate(phenotypes, components):
    people = prepare(phenotypes, components, n_components=0)
    assert people.columns.tolist() == ["#FID", "IID", "trait"]


def test_prepare_gwas__a_quantity_that_looks_like_a_case_code_is_shifted(phenotypes, components):
    phenotypes.table["ldl"] = np.arange(N_PEOPLE) % 3
    people = prepare(phenotypes, components, trait="ldl", n_components=0)
    assert set(people["trait"]) == {10, 11, 12}


def test_prepare_gwas__does_not_correct_a_trait_for_itself(phenotypes, components):
    people = prepare(phenotypes, components, trait="ldl", covariates=["ldl", "age"])
    assert "ldl" not in people.columns


def test_prepare_gwas__leaves_out_a_level_with_controls_only(phenotypes, components):
    table = phenotypes.table
    table["t2d"] = table["t2d"].where(table["site"] != "a", 0)
    people = prepare(phenotypes, components, covariates=["site", "sex"])
    assert [name for name in people if name.startswith("site")] == ["site=c"]


@pytest.mark.parametrize("n_components", [0, 2])
def test_prepare_gwas__people_may_have_components_of_their_own(
    phenotypes, components, n_components
):
    own = np.random.default_rng(3).normal(size=N_PEOPLE)
    phenotypes.table["PC1"] = own
    people = prepare(phenotypes, components, covariates=["PC1"], n_components=n_components)
    rows = people["IID"].str.removeprefix("p").astype(int)
    np.testing.assert_array_equal(people["PC1"], own[rows])
    assert people.columns.tolist()[4:] == ["PC1_of_train", "PC2"][:n_components]


def test_prepare_gwas__nobody_with_all_values_is_an_error(phenotypes, components):
    phenotypes.table["age"] = np.nan
    with pytest.raises(CohortError, match=r"t2d: nobody in train .* \(age\)"):
        prepare(phenotypes, components, covariates=["age"])


def test_encode_covariate__levels_are_counted_against_the_commonest(phenotypes):
    encoded = encode_covariate(phenotypes.table["site"])
    assert set(encoded) == {"site=a", "site=c"}
    assert encoded["site=a"].sum() == (phenotypes.table["site"] == "a").sum()


def test_drop_redundant__names_what_it_leaves_out(caplog):
    rng = np.random.default_rng(3)
    first, second = rng.normal(size=(2, 200))
    table = pd.DataFrame({"year": first + 2000, "constant": 7.0, "second": second})
    table["sum"] = 3 * first - second + 0.01 * rng.normal(size=200)
    table["third"] = first + second + rng.normal(size=200)
    with caplog.at_level("WARNING"):
        assert drop_redundant(table).columns.tolist() == ["year", "second", "third"]
    assert "constant is the same for everybody" in caplog.text
    assert "sum is left out: the others explain" in caplog.text


@pytest.fixture
def glm(phenotypes, components, tmp_path):
    """Run plink2 --glm as the rule does on people with two causal variants."""

    def run(trait: str, covariates=()) -> tuple[pd.DataFrame, np.ndarray, pd.DataFrame]:
        counts = linked_counts(N_PEOPLE, 40, seed=6, change=0.8)
        counts[:, 3] = 1  # does not vary
        liability = counts[:, 10] - counts[:, 20] + np.random.default_rng(7).normal(0, 1, N_PEOPLE)
        phenotypes.table["ldl"] = liability
        phenotypes.table["t2d"] = (liability > np.median(liability)).astype(float)
        people = prepare(phenotypes, components, trait=trait, covariates=covariates)
        people.to_csv(tmp_path / "people.tsv", sep="\t", index=False)
        numbers = range(4, 4 + people.shape[1] - 3)
        prefix = write_fileset(make_genotypes(counts), tmp_path)
        plink2(
            *("--pfile", prefix, "--keep", tmp_path / "people.tsv"),
            *("--pheno", tmp_path / "people.tsv", "--pheno-name", "trait"),
            *("--covar", tmp_path / "people.tsv", "--covar-col-nums", *numbers),
            *("--covar-variance-standardize", "--vif", 1000, "--no-input-missing-phenotype"),
            *("--glm", "omit-ref", "hide-covar", "allow-no-covars"),
            *("cols=chrom,pos,ref,alt,a1freq,nobs,beta,se,p,err", "--out", tmp_path / "out"),
        )
        rows = people["IID"].str.removeprefix("p").astype(int).to_numpy()
        return tidy_gwas([next(tmp_path.glob("out.trait.glm.*"))]), counts[rows], people

    return run


def test_gwas__linear_effects_are_least_squares_per_alt_allele(glm):
    gwas, counts, people = glm("ldl", ["sex", "age"])
    predictors = people.iloc[:, 3:].to_numpy(float)
    for row in gwas.itertuples():
        genotype = counts[:, int(row.id.removeprefix("rs"))]
        design = np.column_stack([genotype, np.ones(len(people)), predictors])
        beta, *_ = np.linalg.lstsq(design, people["trait"].to_numpy(float), rcond=None)
        assert row.beta == pytest.approx(beta[0], abs=1e-4)
        assert row.alt_frequency == pytest.approx(genotype.mean() / 2, abs=1e-5)
        assert row.n == len(people)


def test_gwas__finds_the_causal_variants_of_a_disease_with_their_signs(glm):
    gwas, *_ = glm("t2d", ["sex"])
    strongest = gwas.nsmallest(2, "p_value").set_index("id")["beta"]
    assert set(strongest.index) == {"rs10", "rs20"}
    assert strongest["rs10"] > 0 > strongest["rs20"]


def test_tidy_gwas__counts_variants_without_a_result(glm, caplog):
    with caplog.at_level("WARNING"):
        gwas, *_ = glm("ldl")
    assert "rs3" not in set(gwas["id"])
    assert len(gwas) == 39
    assert "1 variants have no result: CONST" in caplog.text


def write_glm(folder, *rows: tuple[str, str], chromosome: int = 1) -> Path:
    """A --glm report of variants with these p-values and error codes."""
    header = "#CHROM\tPOS\tID\tREF\tALT\tA1\tA1_FREQ\tOBS_CT\tBETA\tSE\tP\tERRCODE"
    lines = []
    for i, (p, error) in enumerate(rows):
        beta = "NA" if p == "NA" else 1
        place = f"{chromosome}\t{i + 1}\trs{i}"
        lines.append(f"{place}\tA\tG\tG\t0.5\t100\t{beta}\t1\t{p}\t{error}")
    path = folder / f"{chromosome}.glm"
    path.write_text("\n".join([header, *lines]) + "\n")
    return path


def test_tidy_gwas__a_p_value_below_the_range_of_numbers_is_not_zero(tmp_path):
    gwas = tidy_gwas([write_glm(tmp_path, ("1e-700", "."), ("0.5", "."), ("NA", "VIF_TOO_HIGH"))])
    assert gwas["p_value"].tolist() == [SMALLEST_P, 0.5]


def test_tidy_gwas__no_result_at_all_is_an_error(tmp_path):
    with pytest.raises(SelectionError, match=r"no variant has a result \(VIF_TOO_HIGH"):
        tidy_gwas([write_glm(tmp_path, ("NA", "VIF_TOO_HIGH"))])


def test_tidy_gwas__joins_filesets_of_which_one_has_no_result(tmp_path):
    first = write_glm(tmp_path, ("0.5", "."), ("0.1", "."), chromosome=1)
    second = write_glm(tmp_path, ("NA", "VIF_TOO_HIGH"), chromosome=2)
    third = write_glm(tmp_path, ("0.2", "."), chromosome=3)
    gwas = tidy_gwas([first, second, third])
    assert gwas["chromosome"].tolist() == [1, 1, 3]
    assert gwas["p_value"].tolist() == [0.5, 0.1, 0.2]
    assert gwas.index.tolist() == [0, 1, 2]


def test_read_gwas__is_none_for_a_run_without_phenotypes():
    assert read_gwas([]) is None
