"""What theory says of releases of other sizes: closed forms and limits."""

from dataclasses import replace

import numpy as np
import pytest

from genosynth.evaluation.privacy.frequency_theory import FrequencyTheory
from genosynth.evaluation.privacy.release_size import COLUMNS, FACTORS, LEVEL, release_sizes

# two classes of a cohort
THEORY = FrequencyTheory(
    m_effective=4000.0,
    n_targets=np.array([900.0, 100.0]),
    n_train=np.array([6000.0, 2000.0]),
    n_synthetic=np.array([5000.0, 1000.0]),
    n_reference=np.array([900.0, 300.0]),
)


def sizes(theory: FrequencyTheory = THEORY):
    return release_sizes(theory, n_rows=6000, n_variants=1000).set_index("what")


def test_sizes__are_those_of_the_closed_form():
    table = sizes()
    assert ["what", *table] == COLUMNS
    grid = table.loc["grid"]
    assert len(grid) == len(FACTORS) ** 2
    wide = grid[(grid["n_synthetic"] == 1500) & (grid["n_variants"] == 4000)].iloc[0]
    same = replace(THEORY, m_effective=16_000.0, n_synthetic=np.array([1250.0, 250.0]))
    assert wide["auc"] == pytest.approx(same.auc())
    assert wide["tpr_at_1pct"] == pytest.approx(same.rates(np.array([0.01]))[0])
    assert table.loc["here", "auc"] == pytest.approx(THEORY.auc())


def test_largest_release__reaches_the_level_and_one_more_row_passes_it():
    table = sizes()
    for what, counted, resized in (
        ("most_rows", "n_synthetic", lambda n: THEORY.resized(rows=n / 6000)),
        ("widest_panel", "n_variants", lambda n: THEORY.resized(variants=n / 1000)),
    ):
        largest = table.loc[what, counted]
        assert resized(largest).auc() <= LEVEL < resized(largest + 1).auc()
        assert table.loc[what, "auc"] == pytest.approx(LEVEL)


def test_release_of_any_size__is_said_to_be_so():
    harmless = sizes(replace(THEORY, m_effective=2.0))
    assert harmless.loc["any_rows", "auc"] < LEVEL
    assert np.isinf(harmless.loc["most_rows", "n_synthetic"])
    assert harmless.loc["widest_panel", "n_variants"] > 1000


def test_attacker_with_more_reference_people__finds_more():
    table = sizes()
    assert table.loc["any_reference", "auc"] > table.loc["here", "auc"]
    huge = replace(THEORY, n_reference=np.array([1e9, 1e9]))
    assert table.loc["any_reference", "auc"] == pytest.approx(huge.auc())


def test_panel_without_variation__is_unknown():
    table = sizes(replace(THEORY, m_effective=np.nan))
    assert table[["auc", "tpr_at_1pct"]].isna().all(axis=None)
