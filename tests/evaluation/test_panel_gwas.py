"""The scan of the panel: plink2 beside scikit-learn, covariates, scans that agree by a factor."""

import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

from genosynth.data.genotypes import MISSING, Genotypes
from genosynth.data.pgen import write_pgen
from genosynth.errors import ArtifactMismatch
from genosynth.evaluation.panel_gwas import (
    PanelGwas,
    compare_gwas,
    gwas_table,
    read_panel_gwas,
    tabulate_people,
)
from genosynth.files import write_table
from tests.evaluation.simulated_people import ANCESTRY, LABELS, population, with_missing_calls
from tests.real_cohorts import ROOT

PEOPLE = population(40)
TRAIN = PEOPLE.people(900, 1)
HOLDOUT = PEOPLE.people(300, 2)


def scanned(people: Genotypes, table: pd.DataFrame, folder: Path) -> PanelGwas:
    """What rules prepare_panel_gwas and run_panel_gwas do."""
    write_pgen(people, folder / "people")
    write_table(table, folder / "people.tsv")
    output = folder / "people.glm"
    output.touch()
    script = ROOT / "workflow/scripts/run_glm.sh"
    arguments = [output, folder / "people", folder / "people.tsv", "1", "1000"]
    subprocess.run(["bash", script, *arguments], check=True, stdout=subprocess.DEVNULL)
    assert not list(folder.glob("*.making*"))
    return read_panel_gwas(output, people.variants)


def test_scan__finds_the_effects_of_logistic_regression_with_the_same_covariates(tmp_path) -> None:
    people = with_missing_calls(PEOPLE.people(700, 3), 4)
    table = tabulate_people(people.samples, LABELS)
    found = scanned(people, table, tmp_path)
    predictors = table.iloc[:, 3:].to_numpy()
    for variant in (0, 17, 39):
        called = people.counts[:, variant] != MISSING
        x = np.column_stack([people.counts[called, variant], predictors[called]])
        model = LogisticRegression(C=np.inf, tol=1e-8, max_iter=1000)
        beta = model.fit(x, table["trait"].to_numpy()[called]).coef_[0, 0]
        assert found.beta[variant] == pytest.approx(beta, abs=0.002)


def test_scan__of_people_who_are_all_cases_has_nobody_and_no_result(tmp_path) -> None:
    people = PEOPLE.people(100, 5)
    people = replace(people, samples=people.samples.assign(disease=1.0))
    assert not len(tabulate_people(people.samples, LABELS))
    output = tmp_path / "people.glm"
    output.touch()
    found = read_panel_gwas(output, people.variants)
    assert np.isnan(found.z).all()
    assert np.isnan(compare_gwas(synthetic=found, train=found, holdout=found)["gwas_slope"].value)


def test_people__have_conditions_as_covariates() -> None:
    people = PEOPLE.people(200, 6)
    samples = people.samples.copy()
    samples.loc[:9, ANCESTRY.name] = None
    table = tabulate_people(samples, LABELS)
    assert len(table) == 190
    assert table.columns[:3].tolist() == ["#FID", "IID", "trait"]
    assert all(name.startswith(f"{ANCESTRY.name}=") for name in table.columns[3:])
    assert len(table.columns) == 3 + len(ANCESTRY.levels) - 1
    assert set(table["trait"]) == {1, 2}


def test_people__of_an_ancestry_with_a_blank_in_its_name_are_scanned(tmp_path) -> None:
    people = PEOPLE.people(300, 8)
    spelt = people.samples["ancestry"].replace({"west": "far west", "east": "far east"})
    people = replace(people, samples=people.samples.assign(ancestry=spelt))
    found = scanned(people, tabulate_people(people.samples, LABELS), tmp_path)
    assert np.isfinite(found.z).all()


def test_people__without_a_trait_are_refused() -> None:
    with pytest.raises(ArtifactMismatch, match="no trait"):
        tabulate_people(TRAIN.samples, [ANCESTRY])


def scan(factor: float = 1.0, *, noise: float = 0.0) -> PanelGwas:
    rng = np.random.default_rng(1)
    beta = rng.normal(0, 0.3, 400)
    se = rng.uniform(0.05, 0.3, 400)
    beta = factor * beta + noise * np.random.default_rng(2).normal(0, se)
    return PanelGwas(beta, se, np.full(400, 0.5))


def test_scores__of_the_same_scan_and_of_effects_three_times_as_large() -> None:
    same = compare_gwas(synthetic=scan(), train=scan(), holdout=scan())
    tripled = compare_gwas(synthetic=scan(3.0), train=scan(), holdout=scan())
    for name in ("slope", "slope_holdout", "pearson", "sign_concordance", "top_overlap_10pct"):
        assert same[f"gwas_{name}"].value == pytest.approx(1.0)
    assert tripled["gwas_slope"].value == pytest.approx(3.0)
    assert tripled["gwas_pearson"].value == pytest.approx(1.0)
    assert tripled["gwas_lambda"].value == pytest.approx(9 * same["gwas_lambda"].value)
    assert same["gwas_lambda_difference"].value == pytest.approx(0.0)
    gain = 8 * same["gwas_lambda"].value  # λ of train is that of the same scan
    assert tripled["gwas_lambda_difference"].value == pytest.approx(gain)


def test_lambda__is_compared_as_if_there_were_as_many_people() -> None:
    """Four times as many people halve standard errors; effects are those of one population."""
    rng = np.random.default_rng(3)
    effect = rng.normal(0, 0.1, 20_000)
    few, many = (
        PanelGwas(effect + rng.normal(0, se, 20_000), np.full(20_000, se), np.full(20_000, 0.5))
        for se in (0.2, 0.1)
    )
    found = compare_gwas(synthetic=many, train=few, holdout=few)
    assert found["gwas_lambda"].value == pytest.approx(2.0, abs=0.1)
    assert found["gwas_lambda_difference"].value == pytest.approx(0.0, abs=0.05)
    assert found["gwas_lambda_difference"].ci_low < 0 < found["gwas_lambda_difference"].ci_high


def test_scores__intervals_hold_the_truth_where_there_is_noise() -> None:
    slope = compare_gwas(synthetic=scan(0.8, noise=1.0), train=scan(), holdout=scan())["gwas_slope"]
    assert slope.ci_low < 0.8 < slope.ci_high < 0.95


def test_scores__variants_without_a_result_do_not_count() -> None:
    some = scan(2.0)
    some.beta[::2] = np.nan
    found = compare_gwas(synthetic=some, train=scan(), holdout=scan())
    assert found["gwas_slope"].value == pytest.approx(2.0)
    assert found["gwas_slope"].n == 200


def test_table__has_the_place_and_the_p_values_of_each_variant() -> None:
    results = np.random.default_rng(4).random((2, 3, len(TRAIN.variants)))
    synthetic, train = (PanelGwas(*each) for each in results)
    table = gwas_table(TRAIN.variants, {"synthetic": synthetic, "train": train})
    assert table.columns.tolist() == ["id", "chromosome", "position_bp", "synthetic", "train"]
    for name in ("id", "chromosome", "position_bp"):
        assert table[name].equals(TRAIN.variants[name]), name
    assert np.array_equal(table["synthetic"], synthetic.p_value)
    assert np.array_equal(table["train"], train.p_value)
