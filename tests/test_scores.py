"""The score table: rows gathered, floors and ceilings from the reference rows."""

from pathlib import Path

import pytest

from genosynth.errors import ArtifactMismatch
from genosynth.files import read_table, write_table
from genosynth.scores import METRICS, Score, ScoredRow, gather_scores, write_scores

FLOORS = {"fidelity": "independent", "privacy": "train_copy"}
FLOORS |= dict.fromkeys(("association", "utility"), "label_shuffled")
ROWS = {"real_holdout": 0.9, "independent": 0.1, "copula": 0.7}


def gathered(folder: Path, metric: str = "ld_near_pearson", **values: float):
    paths, rows = [], []
    for name, value in (values or ROWS).items():
        paths.append(folder / f"{name}.tsv")
        write_scores([Score(metric, value, value - 0.1, value + 0.1, 99, 0.5)], paths[-1])
        rows.append(ScoredRow(generator=name, repeat=1, group="fidelity"))
    return gather_scores(paths, rows=rows, cohort="demo", trait="height")


def test_gather__columns_are_those_of_the_contract(tmp_path: Path) -> None:
    table = gathered(tmp_path)
    assert " ".join(table) == (
        "cohort trait generator repeat metric value ci_low ci_high floor ceiling better n seconds"
    )
    assert set(table["cohort"]) == {"demo"}
    assert list(table["generator"]) == list(ROWS)


def test_gather__floor_and_ceiling_are_values_of_reference_rows(tmp_path: Path) -> None:
    table = gathered(tmp_path)
    assert set(table["ceiling"]) == {0.9}
    assert set(table["floor"]) == {0.1}


def test_gather__floor_and_ceiling_are_those_of_the_first_repeat(tmp_path: Path) -> None:
    paths, rows = [], []
    for repeat in (2, 1, 3):
        for name, value in ROWS.items():
            paths.append(tmp_path / f"{name}_{repeat}.tsv")
            score = Score("ld_near_pearson", value / repeat, float("nan"), float("nan"), 99, 0.5)
            write_scores([score], paths[-1])
            rows.append(ScoredRow(generator=name, repeat=repeat, group="fidelity"))
    table = gather_scores(paths, rows=rows, cohort="demo", trait="height")
    assert set(table["ceiling"]) == {0.9}
    assert set(table["floor"]) == {0.1}


def test_gather__absent_reference_row_leaves_a_gap(tmp_path: Path) -> None:
    assert gathered(tmp_path, copula=0.7)[["floor", "ceiling"]].isna().all(axis=None)


def test_gather__says_which_direction_is_better(tmp_path: Path) -> None:
    assert set(gathered(tmp_path)["better"]) == {"high"}
    assert set(gathered(tmp_path, metric="af_rmse")["better"]) == {"low"}
    assert set(gathered(tmp_path, metric="c2st_auc")["better"]) == {"0.5"}


def test_gather__refuses_a_metric_without_meaning(tmp_path: Path) -> None:
    with pytest.raises(ArtifactMismatch, match="beauty"):
        gathered(tmp_path, metric="beauty")


def test_gather__members_of_a_family_share_its_meaning(tmp_path: Path) -> None:
    table = gathered(tmp_path, metric="condition_auc.some.ancestry")
    assert set(table["better"]) == {"neither"}
    assert set(table["ceiling"]) == {0.9}
    with pytest.raises(ArtifactMismatch, match=r"af_rmse\.ancestry"):
        gathered(tmp_path, metric="af_rmse.ancestry")


def test_scores__survive_the_disk(tmp_path: Path) -> None:
    score = Score("af_rmse", 0.25, float("nan"), float("nan"), 7, 1.5)
    write_scores([score], tmp_path / "scores.tsv")
    table = read_table(tmp_path / "scores.tsv")
    assert table.loc[0, "value"] == 0.25
    assert table.loc[0, ["ci_low", "ci_high"]].isna().all()
    write_table(table, tmp_path / "again.tsv")
    assert (tmp_path / "again.tsv").read_text() == (tmp_path / "scores.tsv").read_text()


def test_metrics__targets_and_rows_are_known() -> None:
    for name, metric in METRICS.items():
        known = ("high", "low", "neither")
        assert metric.better in known or isinstance(metric.better, float), name
        assert metric.ceiling in ("real_holdout", "real_train"), name
        assert metric.floor == FLOORS[metric.group], name
