"""The tables of benchmarks.generators: means over seeds, intervals, who is first."""

import fnmatch

import numpy as np
import pandas as pd
import pytest

from benchmarks.generator_tables import (
    ROWS,
    among_the_first,
    describe_cohort,
    markdown_table,
    summarise,
)
from genosynth.files import write_table
from genosynth.scores import METRICS

GENERATORS = ["latent", "copula", "independent"]
COLUMNS = ["seed", "generator", "metric", "value", "ci_low", "ci_high", "better"]


def measured(*rows: tuple) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=COLUMNS)


def first(better: str, *scores: tuple[float, float, float]) -> list[bool]:
    """Who is among the first of scores, given as value and interval."""
    row = pd.DataFrame(scores, columns=["value", "ci_low", "ci_high"]).assign(better=better)
    return among_the_first(row).tolist()


def test_summary__of_two_seeds_has_the_t_interval():
    table = measured(
        (1, "copula", "fst", 1.0, 0.9, 1.1, "0.0"), (2, "copula", "fst", 3.0, 2.9, 3.1, "0.0")
    )
    (row,) = summarise(table, generators=GENERATORS).to_dict("records")
    assert (row["value"], row["n_seeds"]) == (2, 2)
    # half a width of t(0.975, 1) = 12.706 standard errors, as printed in any table of t; one is 1
    assert [row["ci_low"], row["ci_high"]] == pytest.approx([2 - 12.706, 2 + 12.706], abs=1e-3)


def test_summary__of_one_seed_keeps_its_own_interval():
    table = measured((1, "copula", "fst", 1.0, 0.7, 1.1, "0.0"))
    (row,) = summarise(table, generators=GENERATORS).to_dict("records")
    assert (row["value"], row["ci_low"], row["ci_high"]) == (1.0, 0.7, 1.1)


def test_summary__passes_over_what_a_seed_lacks():
    table = measured(
        (1, "copula", "fst", np.nan, np.nan, np.nan, "0.0"),
        (2, "copula", "fst", 3.0, 2.5, 3.5, "0.0"),
    )
    (row,) = summarise(table, generators=GENERATORS).to_dict("records")
    assert (row["value"], row["n_seeds"], row["ci_low"]) == (3.0, 1, 2.5)


def test_summary__ranks_generators_only():
    table = measured(
        (1, "real_train", "af_rmse", 0.0, 0.0, 0.0, "low"),
        (1, "copula", "af_rmse", 0.5, 0.4, 0.6, "low"),
        (1, "independent", "af_rmse", 0.7, 0.6, 0.8, "low"),
    )
    summary = summarise(table, generators=GENERATORS)
    assert summary.loc[summary["is_first"], "generator"].tolist() == ["copula"]


def test_summary__does_not_rank_what_theory_expects():
    table = measured((1, "copula", "mia_af_lrt_expected_auc", 0.6, np.nan, np.nan, "low"))
    assert not summarise(table, generators=GENERATORS)["is_first"].any()


def test_among_the_first__are_those_within_the_interval_of_the_first():
    assert first("high", (0.90, 0.88, 0.92), (0.89, 0.1, 0.9), (0.87, 0.1, 0.99)) == [1, 1, 0]
    assert first("low", (0.3, 0.2, 0.4), (0.1, 0.05, 0.2), (0.2, 0.1, 0.3)) == [0, 1, 1]


def test_among_the_first__a_target_is_approached_from_both_sides():
    assert first("0.5", (0.46, 0.4, 0.5), (0.53, 0.51, 0.55), (0.6, 0.5, 0.7)) == [0, 1, 0]


def test_among_the_first__without_interval_only_the_first_counts():
    nan = float("nan")
    assert first("low", (4.0, nan, nan), (3.0, nan, nan), (3.0, nan, nan)) == [0, 1, 1]


def test_among_the_first__is_nobody_where_a_score_only_describes():
    assert first("neither", (0.9, 0.8, 1.0), (0.7, 0.6, 0.8)) == [0, 0]


def test_markdown__is_a_table_of_means_intervals_and_firsts():
    table = measured(
        (1, "latent", "seconds", 171.3, np.nan, np.nan, "low"),
        (1, "latent", "effect_slope", -0.012, -0.05, 0.031, "1.0"),
        (1, "copula", "effect_slope", 0.9, 0.85, 0.95, "1.0"),
        (1, "latent", "c2st_auc", 0.6394, 0.614, 0.6652, "0.5"),
        (1, "copula", "c2st_auc", 0.8392, 0.821, 0.8574, "0.5"),
        (1, "real_train", "c2st_auc", 0.504, 0.477, 0.531, "0.5"),
        (1, "latent", "nobody_asked", 1.0, 0.9, 1.1, "high"),
    )
    summary = summarise(table, generators=GENERATORS)
    text = markdown_table(summary, rows=["latent", "copula", "real_train"])
    assert text.splitlines() == [
        "|  | `latent` | `copula` | `real_train` |",
        "| --- | --- | --- | --- |",
        "| *Told from real people* |  |  |  |",
        "| `c2st_auc` (0.5) | **0.639** (0.614–0.665) | 0.839 (0.821–0.857) "
        "| 0.504 (0.477–0.531) |",
        "| *Association* |  |  |  |",
        "| `effect_slope` (1) | −0.01 (−0.05 to 0.03) | **0.90** (0.85–0.95) |  |",
        "| *Costs* |  |  |  |",
        "| `seconds` (low) | **171** |  |  |",
    ]


def test_markdown__names_each_metric_once():
    rows = [(1, "copula", name, 0.5, 0.4, 0.6, "0.5") for name in ("c2st_auc", "c2st_auc.pcs")]
    text = markdown_table(summarise(measured(*rows), generators=GENERATORS), rows=["copula"])
    assert text.count("`c2st_auc` ") == text.count("`c2st_auc.pcs` ") == 1


def test_rows__name_scores_and_each_once():
    """Families are scored by condition; the rest is made of other scores or of timings."""
    of_runs = ["af_rmse_ratio", "tstr_r2_ratio.ridge", "trait_distance"]
    of_runs += ["seconds", "processor_seconds", "peak_mb", "structure_accuracy.sex.logistic"]
    of_runs += [
        "structure_overlap.sex.10",
        "condition_auc.sex",
        "composition_distance.sex",
        "pgs_gap.score",
    ]
    patterns = [pattern for group in ROWS.values() for pattern in group]
    named = {pattern: fnmatch.filter([*METRICS, *of_runs], pattern) for pattern in patterns}
    assert [pattern for pattern in patterns if not named[pattern]] == []
    shown = [name for pattern in patterns for name in set(named[pattern])]
    assert sorted(shown) == sorted(set(shown))


def test_cohort__is_described_by_its_sizes_and_their_span(tmp_path):
    folders = [tmp_path / "a", tmp_path / "b"]
    for folder, n_train in zip(folders, (1200, 1250), strict=True):
        write_table(pd.DataFrame({"id": range(1024)}), folder / "none/panel.tsv")
        for chrom, n_variants in (("1", 1500), ("2", 500)):
            path = folder / f"cohort/train_frequencies/{chrom}.afreq"
            write_table(pd.DataFrame({"ID": range(n_variants)}), path)
        parts = ["train"] * n_train + ["test"] * 300
        write_table(pd.DataFrame({"part": parts}), folder / "cohort/split.tsv")
    assert describe_cohort(folders, "none") == (
        "Panel of 1,024 of 2,000 variants; 1,200–1,250 training and 300 held-out people"
    )
