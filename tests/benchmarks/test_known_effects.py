"""The grid of known effects: what is run, and what is drawn of it."""

import numpy as np
import pandas as pd
import yaml

from benchmarks.known_effects import METRICS, cohort_of, draw_grid
from benchmarks.runs import Run, write_overlay
from genosynth.settings.config import read_config


def test_cell__is_a_run_with_its_heritability_and_prevalence(tmp_path):
    cohort = cohort_of((0.2, 0.1))
    overlay = write_overlay(Run(cohort, 3, tmp_path))
    values = yaml.safe_load(cohort.config.read_text()) | yaml.safe_load(overlay.read_text())
    settings = read_config(values)
    assert settings.cohort == "h0p2_k0p1_seed3"
    assert (settings.simulation.heritability, settings.simulation.prevalence) == (0.2, 0.1)
    assert settings.simulation.n_samples == 6000
    assert cohort != cohort_of((0.5, 0.1))


def test_figure__has_a_panel_for_each_metric_and_prevalence():
    rows = [
        {"heritability": h, "prevalence": k, "generator": name, "metric": metric, "value": h}
        for h in (0.2, 0.5)
        for k in (0.1, 0.3)
        for name in ("latent_diffusion", "copula")
        for metric in METRICS
    ]
    table = pd.DataFrame(rows).assign(ci_low=np.nan, ci_high=np.nan)
    figure = draw_grid(table)
    panels = figure.get_axes()
    assert len(panels) == 4
    assert [axes.get_title(loc="left") for axes in panels[:2]] == [
        "prevalence 0.1",
        "prevalence 0.3",
    ]
    drawn = panels[0].get_lines()[1]
    assert drawn.get_ydata().tolist() == [0.2, 0.5]
