"""What each rule took, from the benchmark file that Snakemake writes for every job."""

from pathlib import Path

import pandas as pd

MEASURED = {"s": float, "cpu_time": float, "max_rss": float}
COLUMNS = ["rule", "n_jobs", "seconds", "longest_seconds", "cpu_seconds", "peak_mb"]


def load_timings(folder: str | Path) -> pd.DataFrame:
    """Add up what the jobs of each rule took; the rule that took longest comes first.

    Args:
        folder: results/{cohort}/timings, a file for each job in a folder for each rule.

    Returns:
        rule, n_jobs, seconds of all jobs, longest_seconds of one job, cpu_seconds of all jobs,
        peak_mb of the largest job; the last two are NA if Snakemake measured none of the jobs.
    """
    jobs = [
        pd.read_csv(path, sep="\t", usecols=[*MEASURED], dtype=MEASURED, na_values="-").assign(
            rule=path.parent.name
        )
        for path in sorted(Path(folder).glob("*/*.tsv"))
    ]
    if not jobs:
        return pd.DataFrame(columns=COLUMNS)
    by_rule = pd.concat(jobs).groupby("rule")
    timings = pd.DataFrame(
        {
            "n_jobs": by_rule.size(),
            "seconds": by_rule["s"].sum(),
            "longest_seconds": by_rule["s"].max(),
            "cpu_seconds": by_rule["cpu_time"].sum(min_count=1),
            "peak_mb": by_rule["max_rss"].max(),
        }
    )
    return timings.round(2).sort_values("seconds", ascending=False).reset_index()
