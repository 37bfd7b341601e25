import numpy as np
import pandas as pd
import pytest

from genosynth.reporting.tables import (
    group_scores,
    list_filters,
    list_timings,
    pool_repeats,
    way_from_floor,
)
from tests.reporting.stand_in import GENERATORS, score_table


@pytest.fixture
def scores() -> pd.DataFrame:
    return score_table("demo", "disease", "binary")


def rows_by_metric(scores, kind="binary"):
    groups = group_scores(scores, generators=GENERATORS, kind=kind)
    return {row.metric: row for group in groups for row in group.rows}


@pytest.mark.parametrize("kind", ["binary", "quantitative", None])
def test_group_scores__shows_each_metric_once(kind):
    scores = score_table("demo", "t", kind or "none")
    groups = group_scores(scores, generators=GENERATORS, kind=kind)
    shown = [row.metric for group in groups for row in group.rows]
    assert sorted(shown) == sorted(scores["metric"].unique())
    assert not set(shown) & {name for group in groups for name in group.unmeasured}


def test_group_scores__names_what_was_not_measured(scores):
    groups = group_scores(
        scores[scores["metric"] != "tstr_gap.prs"], generators=GENERATORS, kind="binary"
    )
    utility = next(group for group in groups if group.name == "utility")
    assert utility.unmeasured == ["tstr_gap.prs"]  # nor the models of quantitative traits


def test_group_scores__miss_no_condition_that_is_not_there(scores):
    without = scores[~scores["metric"].str.startswith("condition_")]
    groups = group_scores(without, generators=GENERATORS, kind="binary")
    unmeasured = [name for group in groups for name in group.unmeasured]
    assert not [name for name in unmeasured if name.startswith("condition_")]


def test_group_scores__without_trait_misses_no_prediction():
    scores = score_table("demo", "none", "none")
    groups = group_scores(scores, generators=GENERATORS, kind=None)
    assert [g.unmeasured for g in groups if g.name in ("association", "utility")] == [[], []]


def test_score_row__has_generators_then_references(scores):
    row = rows_by_metric(scores)["c2st_auc"]
    names = [cell.source for cell in row.cells]
    assert names == [*GENERATORS, "real_holdout", "real_train", "train_copy"]
    assert [cell.value for cell in row.cells[:2]] == ["0.661", "0.953"]
    assert row.cells[0].interval == "0.644–0.678"


def test_score_row__marks_floor_and_ceiling(scores):
    independent, real_train = (rows_by_metric(scores)["c2st_auc"].cells[i] for i in (1, 4))
    width = 1.24
    assert independent.mark.position == pytest.approx(100 * 0.12 / width, abs=0.01)
    assert real_train.mark.position == pytest.approx(100 * 1.12 / width, abs=0.01)
    assert independent.mark.low < independent.mark.position


def test_score_row__says_when_it_cannot_rank(scores):
    row = rows_by_metric(scores)["af_pearson"]
    assert row.no_strip == "cannot rank: independent does as well as real held-out"
    assert all(cell.mark is None for cell in row.cells)


def test_score_row__says_where_single_variants_are_enough(scores):
    rows = rows_by_metric(scores)
    assert rows["effect_pearson"].easy.startswith("independent does as well as real held-out")
    assert rows["effect_pearson"].cells[0].mark is not None  # shuffled traits do not
    assert rows["tstr_gap.logistic"].easy == ""
    assert rows["trts_auc.prs"].easy == ""  # ranks nobody
    assert rows["mia_nearest_auc"].easy == ""  # what it copies is not asked by its LD
    without = scores[scores["generator"] != "independent"]
    assert not any(row.easy for row in rows_by_metric(without).values())


def test_score_row__that_only_describes_is_not_ranked(scores):
    row = rows_by_metric(scores)["trts_auc.logistic"]
    assert row.no_strip == "not ranked: neither end is better"
    assert row.better == "describes, ranks nobody"
    assert row.cells[0].value
    assert all(cell.mark is None for cell in row.cells)


def test_score_row__says_which_end_is_missing(scores):
    row = rows_by_metric(scores.assign(floor=np.nan))["c2st_auc"]
    assert row.no_strip == "no floor: independent was not scored"


def test_missing_value__is_a_missing_cell(scores):
    hit = (scores["metric"] == "fst") & (scores["generator"] == "copula")
    scores.loc[hit, "value"] = np.nan
    assert [cell.is_missing for cell in rows_by_metric(scores)["fst"].cells].count(True) == 1


def test_pool_repeats__takes_the_mean_and_the_widest_interval(scores):
    again = scores.assign(repeat=2, value=scores["value"] + 0.2, ci_high=scores["ci_high"] + 0.2)
    pooled = pool_repeats(pd.concat([scores, again]))
    assert len(pooled) == len(scores)
    first = pooled.iloc[0]
    assert first["value"] == pytest.approx(scores.iloc[0]["value"] + 0.1)
    assert first["ci_low"] == scores.iloc[0]["ci_low"]
    assert first["ci_high"] == pytest.approx(scores.iloc[0]["ci_high"] + 0.2)


def test_way_from_floor__approaches_a_target_from_both_sides():
    ends = {"floor": 0.95, "ceiling": 0.5, "better": "0.5"}
    assert way_from_floor(0.6, **ends) == pytest.approx(way_from_floor(0.4, **ends))
    assert way_from_floor(0.95, **ends) == 0
    assert way_from_floor(0.5, **ends) == 1


def test_way_from_floor__counts_downwards_where_low_is_better():
    assert way_from_floor(0.1, floor=0.3, ceiling=0.1, better="low") == 1


def test_list_filters__begins_with_what_was_read():
    columns = ["filter", "samples_before", "samples_after", "variants_before", "variants_after"]
    rows = [("maf", 100, 100, 1000, 800), ("kinship", 100, 90, 800, 800)]
    read, maf, kinship = list_filters(pd.DataFrame(rows, columns=columns))
    assert (read.samples_after, read.variants_after, read.variants_removed) == (100, 1000, 0)
    assert (maf.variants_removed, maf.variants_percent) == (200, 80.0)
    assert (kinship.samples_removed, kinship.samples_percent) == (10, 90.0)


def test_list_timings__scales_bars_to_the_largest():
    table = pd.DataFrame(
        {"rule": ["a", "b"], "n_jobs": [1, 2], "seconds": [60.0, 30.0], "peak_mb": [100, np.nan]}
    )
    first, second = list_timings(table)
    assert (first.seconds, first.seconds_percent, first.peak) == ("1 min 00 s", 100.0, "100 MB")
    assert (second.seconds_percent, second.peak, second.peak_percent) == (50.0, "–", 0.0)
