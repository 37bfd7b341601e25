"""Tables of the page as plain values: scores, filters, parts, traits, timings."""

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from genosynth.reporting.wording import (
    format_interval,
    format_memory,
    format_number,
    format_seconds,
    name_source,
)
from genosynth.scores import FAMILIES, METRICS, Metric, metric_of
from genosynth.settings.generators import REFERENCE_ROWS

GROUPS = {
    "fidelity": "Fidelity: do synthetic people look like the cohort?",
    "association": "Association: does the trait depend on the same variants?",
    "utility": "Utility: can a model learn from synthetic people?",
    "privacy": "Privacy: are training people found in the release?",
}
NEEDS_TRAIT = {"association", "utility"}
FILTER_NAMES = {
    "read": "as read",
    "autosomal_biallelic": "autosomal, two alleles",
    "duplicate_ids": "duplicate ids",
    "keep": "list of people to keep",
    "remove": "list of people to remove",
    "variant_missing": "missing calls of a variant",
    "sample_missing": "missing calls of a person",
    "kinship": "close relatives",
    "maf": "minor allele frequency",
    "hwe_p": "Hardy–Weinberg",
}
TRIVIAL = "independent"  # a generator without linkage: a score it passes asks for none
_STRIP = (-0.12, 1.12)  # part of the line from floor (0) to ceiling (1) that a strip shows
_BETTER = {
    "high": "higher is better",
    "low": "lower is better",
    "neither": "describes, ranks nobody",
}


@dataclass(frozen=True)
class PlainTable:
    """A small table of text with what it shows."""

    title: str
    caption: str
    header: list[str]
    rows: list[list[str]]


@dataclass(frozen=True)
class Mark:
    """Where a value and its interval lie on a strip, in percent of its width."""

    position: float
    low: float
    high: float
    is_beyond: bool


@dataclass(frozen=True)
class Cell:
    """One score of one generator or reference row; without a value it is named as missing."""

    source: str
    value: str
    interval: str
    mark: Mark | None

    @property
    def is_missing(self) -> bool:
        """Whether the score was not measured."""
        return not self.value


@dataclass(frozen=True)
class ScoreRow:
    """One metric: what it means, where its ends are, and its cells in the order of the columns.

    no_strip: why values are not placed between floor and ceiling; empty where they are. easy: that
    a sampler of single variants gets there, too; empty where it does not.
    """

    metric: str
    meaning: str
    unit: str
    better: str
    floor: str
    ceiling: str
    n: str
    no_strip: str
    easy: str
    cells: list[Cell]


@dataclass(frozen=True)
class ScoreGroup:
    """The metrics of one group; `unmeasured` are those that could have been scored and were not."""

    name: str
    title: str
    rows: list[ScoreRow]
    unmeasured: list[str]


def pool_repeats(scores: pd.DataFrame) -> pd.DataFrame:
    """Make one row of the repeats of each score: mean value, widest interval."""
    how = {"value": "mean", "ci_low": "min", "ci_high": "max", "floor": "mean", "ceiling": "mean"}
    keys = ["generator", "metric"]
    return scores.groupby(keys, sort=False).agg(how | {"better": "first", "n": "max"}).reset_index()


def group_scores(
    scores: pd.DataFrame, *, generators: list[str], kind: str | None
) -> list[ScoreGroup]:
    """Arrange the scores of one trait; every metric among them appears exactly once.

    kind: of the trait, or None without one.
    """
    columns = [*generators, *REFERENCE_ROWS]
    pooled = pool_repeats(scores)
    measured = list(pooled["metric"].unique())
    groups = []
    for group, title in GROUPS.items():
        names = [
            member
            for name, metric in METRICS.items()
            if metric.group == group
            for member in _members(name, measured)
        ]
        rows = [
            _score_row(pooled[pooled["metric"] == name], name, columns)
            for name in names
            if name in measured
        ]
        unmeasured = [n for n in names if n not in measured and _makes_sense(n, group, kind)]
        groups.append(ScoreGroup(group, title, rows, unmeasured))
    return groups


def _members(name: str, measured: list[str]) -> list[str]:
    """Scores of a metric: itself, or of a family those that were measured."""
    if name not in FAMILIES:
        return [name]
    return [metric for metric in measured if metric.startswith(f"{name}.")]


def _makes_sense(metric: str, group: str, kind: str | None) -> bool:
    """Whether a metric could have been measured for this kind of trait."""
    if kind is None:
        return group not in NEEDS_TRAIT
    return METRICS[metric].kind in ("", kind)


def _score_row(scores: pd.DataFrame, metric: str, columns: list[str]) -> ScoreRow:
    known = metric_of(metric)
    half = ((scores["ci_high"] - scores["ci_low"]) / 2).to_numpy(float)
    half = half[half > 0]  # leaves out NaN too
    margin = float(np.median(half)) if len(half) else 0.0
    decimals = _row_decimals(scores["value"], margin)
    by_source = {score["generator"]: score for score in scores.to_dict("records")}
    cells = [_cell(name, by_source.get(name), decimals=decimals, margin=margin) for name in columns]
    return ScoreRow(
        metric=metric,
        meaning=known.meaning,
        unit=known.unit,
        better=_BETTER.get(str(known.better), f"best at {str(known.better).removesuffix('.0')}"),
        floor=format_number(scores["floor"].mean(), decimals=decimals),
        ceiling=format_number(scores["ceiling"].mean(), decimals=decimals),
        n=f"{_range_text(scores['n'])} {known.counted}",
        no_strip="" if any(cell.mark for cell in cells) else _why_no_strip(scores, known),
        easy=_is_easy(scores, known, margin),
        cells=cells,
    )


def _range_text(counts: pd.Series) -> str:
    known = counts.dropna().astype(int)
    ends = sorted({known.min(), known.max()}) if len(known) else []
    return " to ".join(f"{n:,}" for n in ends)


def _why_no_strip(scores: pd.DataFrame, metric: Metric) -> str:
    """Say why values cannot be placed between floor and ceiling."""
    if metric.better == "neither":
        return "not ranked: neither end is better"
    for bound in ("floor", "ceiling"):
        if scores[bound].isna().all():
            return f"no {bound}: {name_source(getattr(metric, bound))} was not scored"
    return f"cannot rank: {name_source(metric.floor)} does as well as {name_source(metric.ceiling)}"


def _is_easy(scores: pd.DataFrame, metric: Metric, margin: float) -> str:
    """Say that single variants are enough for a score of the trait, whose floor has no effects."""
    trivial = scores.loc[scores["generator"] == TRIVIAL, "value"].mean()
    ceiling = scores["ceiling"].mean()
    if metric.group not in NEEDS_TRAIT or metric.better == "neither":
        return ""
    if not np.isfinite([trivial, ceiling]).all():
        return ""
    way = way_from_floor(
        ceiling, floor=trivial, ceiling=ceiling, better=metric.better, margin=margin
    )
    if np.isfinite(way):
        return ""
    return f"{name_source(TRIVIAL)} does as well as {name_source(metric.ceiling)}: no LD needed"


def _row_decimals(values: pd.Series, half_width: float) -> int:
    """Decimals of all numbers of a row; the width of intervals shows how many mean something."""
    if values.abs().max() >= 100:
        return 0
    return int(np.clip(np.ceil(-np.log10(half_width) - 0.1), 3, 5)) if half_width else 3


def _cell(source: str, score: dict[Hashable, Any] | None, *, decimals: int, margin: float) -> Cell:
    if score is None or np.isnan(score["value"]):
        return Cell(source, "", "", None)
    low, high = score["ci_low"], score["ci_high"]
    has_interval = np.isfinite([low, high]).all()
    return Cell(
        source,
        format_number(score["value"], decimals=decimals),
        format_interval(low, high, decimals=decimals) if has_interval else "",
        _mark(score, margin),
    )


def _mark(score: dict[Hashable, Any], margin: float) -> Mark | None:
    """Place a score between floor and ceiling; None where there are no two ends."""
    ends = {name: score[name] for name in ("floor", "ceiling", "better")}
    value, *interval = (
        way_from_floor(score[name], margin=margin, **ends)
        for name in ("value", "ci_low", "ci_high")
    )
    if not np.isfinite(value):
        return None
    known = [end for end in (*interval, value) if np.isfinite(end)]
    return Mark(
        position=_percent(value),
        low=_percent(min(known)),
        high=_percent(max(known)),
        is_beyond=not _STRIP[0] <= value <= _STRIP[1],
    )


def way_from_floor(
    value: float, *, floor: float, ceiling: float, better: object, margin: float = 0.0
) -> float:
    """Share of the way from floor to ceiling; a target is approached from both sides.

    NaN where the ceiling is not better than the floor by more than `margin`, or neither end is
    better: such a score ranks nobody.

    >>> way_from_floor(0.75, floor=0.5, ceiling=1.0, better="high")
    0.5
    >>> way_from_floor(1.2, floor=0.0, ceiling=1.0, better="1.0")
    0.8
    """
    if str(better) not in _BETTER:
        target = float(str(better))
        value, floor, ceiling = (-abs(x - target) for x in (value, floor, ceiling))
    if str(better) == "low":
        value, floor, ceiling = -value, -floor, -ceiling
    if str(better) == "neither" or not ceiling - floor > margin:
        return float("nan")
    return round((value - floor) / (ceiling - floor), 6)


def _percent(way: float) -> float:
    clipped = min(max(way, _STRIP[0]), _STRIP[1])
    return round(100 * (clipped - _STRIP[0]) / (_STRIP[1] - _STRIP[0]), 2)


FLOOR_PERCENT, CEILING_PERCENT = _percent(0.0), _percent(1.0)


@dataclass(frozen=True)
class FilterStep:
    """One filter of the quality control: what was left, and how much of the start that is."""

    name: str
    samples_after: int
    samples_removed: int
    variants_after: int
    variants_removed: int
    samples_percent: float
    variants_percent: float


def list_filters(qc_steps: pd.DataFrame) -> list[FilterStep]:
    """Turn the counts of each filter into a funnel."""
    if qc_steps.empty:
        return []
    start = qc_steps.iloc[0]
    before = start.copy()
    before["filter"] = "read"
    for what in ("samples", "variants"):
        before[f"{what}_after"] = before[f"{what}_before"]
    return [
        _filter_step(step, start) for step in (before, *(row for _, row in qc_steps.iterrows()))
    ]


def _filter_step(step: pd.Series, start: pd.Series) -> FilterStep:
    name = str(step["filter"])
    return FilterStep(
        name=FILTER_NAMES.get(name, name.replace("_", " ")),
        samples_after=int(step["samples_after"]),
        samples_removed=int(step["samples_before"] - step["samples_after"]),
        variants_after=int(step["variants_after"]),
        variants_removed=int(step["variants_before"] - step["variants_after"]),
        samples_percent=_share(step["samples_after"], start["samples_before"]),
        variants_percent=_share(step["variants_after"], start["variants_before"]),
    )


def _share(part: float, whole: float) -> float:
    return round(100 * part / whole, 2) if whole else 0.0


@dataclass(frozen=True)
class RuleTiming:
    """What all jobs of one rule took."""

    rule: str
    n_jobs: int
    seconds: str
    peak: str
    seconds_percent: float
    peak_percent: float


def list_timings(timings: pd.DataFrame) -> list[RuleTiming]:
    """Turn measured seconds and memory into bars; longest rule first."""
    longest, largest = timings["seconds"].max(), timings["peak_mb"].max()
    return [
        RuleTiming(
            rule=str(row["rule"]),
            n_jobs=int(row["n_jobs"]),
            seconds=format_seconds(row["seconds"]),
            peak=format_memory(row["peak_mb"]),
            seconds_percent=_share(row["seconds"], longest),
            peak_percent=0.0 if np.isnan(row["peak_mb"]) else _share(row["peak_mb"], largest),
        )
        for _, row in timings.iterrows()
    ]
