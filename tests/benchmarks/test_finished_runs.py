"""What benchmarks.generators reads of a finished run, on made-up results."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks.finished_runs import read_run, sampling_error
from genosynth.files import write_json, write_table

TRAIT = "ldl"


@pytest.fixture
def results(tmp_path) -> Path:
    """A generator of four people and real people of a quantitative trait."""
    folder = tmp_path / TRAIT
    rows = [
        ("copula", "af_rmse", 0.5, 0.25, 0.75, "low"),
        ("copula", "tstr_r2.ridge", 0.1, 0.05, 0.15, "high"),
        ("copula", "trtr_r2.ridge", 0.4, 0.35, 0.45, "high"),
    ]
    columns = ["generator", "metric", "value", "ci_low", "ci_high", "better"]
    scores = pd.DataFrame(rows, columns=columns).assign(repeat=1)
    others = scores.assign(repeat=2, value=9.0)
    write_table(pd.concat([scores, others]), folder / "scores.tsv")
    write_table(pd.DataFrame({"train_alt_frequency": [0.5, 0.5]}), folder / "panel.tsv")
    write_json([{"name": TRAIT, "kind": "quantitative"}], folder / "labels.json")
    real = pd.DataFrame({"part": ["train"] * 4 + ["test"], TRAIT: [1.0, 2.0, 3.0, 4.0, 99.0]})
    write_table(real, folder / "genotypes/samples.tsv")
    made = pd.DataFrame({TRAIT: [3.1, 3.2, 4.1, 5.0]})
    write_table(made, folder / "copula/synthetic/1/samples.tsv")
    for rule, name, seconds, megabytes in (
        ("fit_copula", TRAIT, 3.0, 500.0),
        ("sample_copula", f"{TRAIT}_1", 1.5, np.nan),  # too short for its memory to be measured
    ):
        timing = pd.DataFrame({"s": [seconds], "cpu_time": [2 * seconds], "max_rss": [megabytes]})
        write_table(timing, tmp_path / f"timings/{rule}/{name}.tsv")
    return tmp_path


@pytest.fixture
def table(results) -> pd.DataFrame:
    return read_run(results, TRAIT).set_index("metric")


def test_run__keeps_the_scores_of_the_first_repeat(table):
    assert table.loc["tstr_r2.ridge", "value"] == 0.1


def test_run__compares_frequencies_with_their_sampling_error(table):
    floor = np.sqrt(0.25 / 8)  # eight haplotypes at frequency one half
    found = table.loc["af_rmse_ratio", ["value", "ci_low", "ci_high"]].tolist()
    assert found == pytest.approx([0.5 / floor, 0.25 / floor, 0.75 / floor])


def test_run__compares_prediction_with_that_of_real_people(table):
    assert table.loc["tstr_r2_ratio.ridge", "value"] == pytest.approx(0.25)


def test_run__compares_the_trait_with_train(table):
    # below 3.1 lie three of four training people and nobody synthetic
    assert table.loc["trait_distance", "value"] == pytest.approx(0.75)


def test_run__adds_up_the_costs_of_fit_and_drawing(table):
    costs = table.loc[["seconds", "processor_seconds", "peak_mb"], "value"]
    assert costs.tolist() == [4.5, 9.0, 500.0]


def test_run__of_a_release_made_elsewhere_has_no_costs(results):
    (results / f"timings/sample_copula/{TRAIT}_1.tsv").unlink()
    assert "seconds" not in read_run(results, TRAIT)["metric"].tolist()


def test_sampling_error__is_that_of_drawn_people():
    frequency = np.random.default_rng(1).uniform(0.05, 0.95, size=20_000)
    drawn = np.random.default_rng(2).binomial(2 * 300, frequency) / 600
    found = np.sqrt(np.square(drawn - frequency).mean())
    assert sampling_error(frequency, n_people=300) == pytest.approx(found, rel=0.02)
