"""The grid of known effects: what is run, and what is drawn of it."""

import numpy as np
import pandas as pd
import pytest
import yaml
from scipy.stats import pearsonr

from benchmarks.known_effects import (
    DRAWN,
    FOUND,
    TRAIT,
    cohort_of,
    draw_grid,
    is_finished,
    read_known_effects,
    score_files,
)
from benchmarks.runs import Run, write_overlay
from genosynth.data.genotypes import Genotypes, save_genotypes
from genosynth.files import write_table
from genosynth.settings.config import read_config
from tests.evaluation.simulated_people import population


def test_cell__is_a_run_with_its_heritability_and_prevalence(tmp_path):
    cohort = cohort_of((0.2, 0.1))
    overlay = write_overlay(Run(cohort, 3, tmp_path))
    values = yaml.safe_load(cohort.config.read_text()) | yaml.safe_load(overlay.read_text())
    settings = read_config(values)
    assert settings.cohort == "h0p2_k0p1_seed3"
    assert (settings.simulation.heritability, settings.simulation.prevalence) == (0.2, 0.1)
    assert settings.simulation.n_samples == 6000
    assert cohort != cohort_of((0.5, 0.1))


@pytest.fixture
def run(tmp_path) -> Run:
    """A run whose rows are people with a trait; of `copula` it is anybody's."""
    run, people = Run(cohort_of((0.5, 0.1)), 1, tmp_path), population(60)
    drawn = people.people(2000, 1)
    anybodys = drawn.samples.assign(disease=np.random.default_rng(1).binomial(1, 0.25, 2000) * 1.0)
    is_causal = people.effects != 0
    effects = {"id": drawn.variants["id"][is_causal], "effect": people.effects[is_causal]}
    truth = pd.DataFrame(effects).assign(trait=TRAIT)
    elsewhere = truth.assign(id="elsewhere").head(1)  # causal, not in the panel
    write_table(pd.concat([truth, elsewhere]), run.results / "cohort/input/truth.tsv")
    for row, path in score_files(run).items():
        samples = anybodys if row == "copula" else drawn.samples
        made = Genotypes(drawn.counts, samples, drawn.variants)
        save_genotypes(made, run.results / TRAIT / row / "synthetic/1")
        scores = {"metric": ["causal_recall", "gwas_slope"], "value": [0.5, 0.9]}
        write_table(pd.DataFrame(scores).assign(ci_low=0.1, ci_high=0.95), path)
    return run


def test_run__is_finished_with_its_last_score(run):
    assert is_finished(run)
    score_files(run)["real_holdout"].unlink()
    assert not is_finished(run)


def test_run__finds_causal_variants_in_people_who_have_their_effects(run):
    table = read_known_effects(run)
    assert set(table["metric"]) == {"causal_recall", FOUND}
    found = table[table["metric"] == FOUND].set_index("generator")["value"]
    people = population(60).people(2000, 1)
    # a χ² test of each variant with Bonferroni's threshold, as scipy has it
    is_case = people.samples["disease"] == 1
    p_values = [pearsonr(column, is_case).pvalue for column in people.counts.T]
    is_causal = population(60).effects != 0
    assert found["real_train"] == np.mean(np.array(p_values)[is_causal] < 0.05 / 60)
    assert found["real_train"] > 0.1
    assert found["copula"] < found["real_train"] / 2


def test_figure__has_a_panel_for_each_metric_and_prevalence():
    rows = [
        {"heritability": h, "prevalence": k, "generator": name, "metric": metric, "value": h}
        for h in (0.2, 0.5)
        for k in (0.1, 0.3)
        for name in ("latent_diffusion", "real_train")
        for metric in DRAWN
    ]
    table = pd.DataFrame(rows).assign(ci_low=np.nan, ci_high=np.nan)
    figure = draw_grid(table)
    panels = figure.get_axes()
    assert len(panels) == 4
    assert [axes.get_title(loc="left") for axes in panels[:2]] == [
        "prevalence 0.1",
        "prevalence 0.3",
    ]
    labels = [line.get_label() for line in panels[0].get_lines()]
    assert labels == ["real train", "real held-out", "latent diffusion"]
    assert panels[0].get_lines()[0].get_ydata().tolist() == [0.2, 0.5]
