"""Runs over seeds → one row for each generator and metric → Markdown."""

from fnmatch import fnmatchcase
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import t as student

from genosynth.files import read_table
from genosynth.reporting.wording import format_interval, format_number

# Rows in this order, by group; a pattern that no run has scored is passed over.
ROWS = {
    "Told from real people": [
        "c2st_auc",
        "c2st_auc.*",
        "c2st_auc_linear",
        "aats",
        "precision.*",
        "recall.*",
        "holdout_nats*",
    ],
    "Single variants": [
        "af_pearson",
        "af_rmse",
        "af_rmse_ratio",
        "genotype_frequency_rmse",
        "heterozygosity_slope",
        "hwe_excess",
    ],
    "Linkage": ["ld_near_pearson", "ld_all_pearson", "ld_decay_rmse", "haplotype_pearson"],
    "Ancestry and labels": [
        "pca_distance",
        "fst",
        "composition_distance.*",
        "structure_accuracy.*.logistic",
        "structure_overlap.*.10",
        "condition_*",
        "trait_distance",
    ],
    "Association": [
        "effect_slope",
        "effect_pearson",
        "effect_slope_holdout",
        "gwas_slope",
        "gwas_pearson",
        "gwas_slope_holdout",
        "gwas_sign_concordance",
        "gwas_top_overlap_10pct",
        "gwas_lambda",
        "causal_*",
    ],
    "Prediction": [
        "tstr_auc.*",
        "tstr_r2.*",
        "tstr_r2_ratio.*",
        "tstr_gap.*",
        "trts_excess.*",
        "tstr_calibration_slope.*",
        "augmentation_gain.*",
        "pgs_gap.*",
    ],
    "Traces of training people": [
        "identical_match_rate",
        "near_duplicate_rate",
        "dcr_ratio",
        "nndr",
        "closer_to_train*",
        "nnaa_loss",
        "kinship_excess",
        "attribute_gain.*",
        "mia_*",
    ],
    "Costs": ["seconds", "processor_seconds", "peak_mb"],
}
UNRANKED = "*_expected_*"  # what any faithful generator of as many people would get


def explain() -> str:
    """How to read the tables."""
    return (
        "Mean over seeds with its 95 % t interval; of one seed, the score with its own interval "
        "over people or variants. In brackets what is best. **Bold**: the first of the "
        "generators, and those within its interval. The last three columns are real people "
        "(`train_copy`: training people, copied) scored as if they were synthetic.\n\n"
        "`af_rmse_ratio`: `af_rmse` over the error of as many people drawn from the frequencies "
        "of train. `tstr_r2_ratio`: `tstr_r2` over that of training people. `trait_distance`: "
        "Kolmogorov–Smirnov distance of the trait from train. Costs are those of fitting and "
        "drawing once.\n"
    )


def summarise(measured: pd.DataFrame, *, generators: list[str]) -> pd.DataFrame:
    """One row for each generator and metric: mean over seeds, interval, is it among the best.

    measured: seed generator metric value ci_low ci_high better. With one seed the interval is that
    of the score, with more the 95 % t interval of the mean; scores that are missing do not count.
    """
    known = measured[measured["value"].notna()]
    groups = known.groupby(["metric", "generator"], sort=False)
    summary = groups.agg(
        value=("value", "mean"),
        sd=("value", "std"),
        ci_low=("ci_low", "first"),
        ci_high=("ci_high", "first"),
        n_seeds=("value", "size"),
        better=("better", "first"),
    ).reset_index()
    repeated = summary["n_seeds"] > 1
    n = summary.loc[repeated, "n_seeds"]
    half = student.ppf(0.975, n - 1) * summary.loc[repeated, "sd"] / np.sqrt(n)
    summary.loc[repeated, "ci_low"] = summary.loc[repeated, "value"] - half
    summary.loc[repeated, "ci_high"] = summary.loc[repeated, "value"] + half
    summary["is_first"] = False
    for metric, row in summary[summary["generator"].isin(generators)].groupby("metric"):
        if not fnmatchcase(str(metric), UNRANKED):
            summary.loc[row.index, "is_first"] = among_the_first(row)
    return summary.drop(columns="sd")


def among_the_first(row: pd.DataFrame) -> pd.Series:
    """Which generators are first in one metric, or within the interval of the first."""
    better = str(row["better"].iloc[0])
    if better == "neither":
        return pd.Series(False, index=row.index)
    value = row["value"]
    signs = {"high": -value, "low": value}
    distance = signs[better] if better in signs else (value - float(better)).abs()
    first = row.loc[distance.idxmin()]
    return (distance == distance.min()) | value.between(first["ci_low"], first["ci_high"])


def markdown_table(summary: pd.DataFrame, *, rows: list[str]) -> str:
    """Metrics down, generators and reference rows across."""
    scored = list(dict.fromkeys(summary["metric"]))
    lines = [["", *(f"`{name}`" for name in rows)], ["---"] * (len(rows) + 1)]
    for group, patterns in ROWS.items():
        found = [name for pattern in patterns for name in scored if fnmatchcase(name, pattern)]
        if found:
            lines.append([f"*{group}*", *[""] * len(rows)])
        lines += [
            _line(metric, summary[summary["metric"] == metric], rows)
            for metric in dict.fromkeys(found)
        ]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _line(metric: str, cells: pd.DataFrame, rows: list[str]) -> list[str]:
    cells = cells.set_index("generator")
    decimals = row_decimals(cells)
    label = f"`{metric}` ({format_target(str(cells['better'].iloc[0]))})"
    return [
        label,
        *(_cell(cells.loc[name], decimals) if name in cells.index else "" for name in rows),
    ]


def format_target(better: str) -> str:
    """Write what is best as in the tables of the documents: 1.0 → 1."""
    return better.removesuffix(".0")


def row_decimals(cells: pd.DataFrame) -> int:
    """Decimals of all numbers of a row: intervals show how many mean something, else the size."""
    half = ((cells["ci_high"] - cells["ci_low"]) / 2).replace(0, np.nan).median()
    if np.isnan(half):
        half = cells["value"].abs().max() / 30 or 0.01
    return int(np.clip(np.ceil(0.6 - np.log10(half)), 0, 6))


def _cell(score: pd.Series, decimals: int) -> str:
    text = format_number(score["value"], decimals=decimals)
    if score["is_first"]:
        text = f"**{text}**"
    low, high = score["ci_low"], score["ci_high"]
    if not np.isfinite([low, high]).all():
        return text
    return f"{text} ({format_interval(low, high, decimals=decimals)})"


def describe_cohort(results: list[Path], trait: str) -> str:
    """Sizes of panel, cohort and parts; where seeds differ, from the least to the most."""
    panels, variants, train, holdout = [], [], [], []
    for folder in results:
        panels.append(len(read_table(folder / trait / "panel.tsv")))
        frequencies = (folder / "cohort/train_frequencies").glob("*.afreq")
        variants.append(sum(len(read_table(path)) for path in frequencies))
        parts = read_table(folder / "cohort/split.tsv")["part"].value_counts()
        train.append(int(parts["train"]))
        holdout.append(int(parts["test"]))
    return (
        f"Panel of {_span(panels)} of {_span(variants)} variants; "
        f"{_span(train)} training and {_span(holdout)} held-out people"
    )


def _span(numbers: list[int]) -> str:
    ends = sorted({min(numbers), max(numbers)})
    return "–".join(f"{number:,}" for number in ends)
