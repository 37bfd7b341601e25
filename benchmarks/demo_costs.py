"""What the rules of a finished run cost, from Snakemake's own measurements.

    python -m benchmarks.demo_costs results/demo

Jobs overlap, so seconds add up to more than the run took. Peak memory is that of the largest job.
"""

import sys
from pathlib import Path

import pandas as pd

from benchmarks.machine import describe_machine, print_table


def main(results: Path) -> None:
    jobs = read_timings(results / "timings")
    rules = jobs.groupby("rule").agg(
        jobs=("s", "size"), seconds=("s", "sum"), longest=("s", "max"), peak_mb=("max_rss", "max")
    )
    rules = rules.sort_values("seconds", ascending=False)
    whole = [len(jobs), jobs["s"].sum(), jobs["s"].max(), jobs["max_rss"].max()]
    rules.loc["**all**"] = whole
    table = pd.DataFrame(
        {
            "rule": [name if "*" in name else f"`{name}`" for name in rules.index],
            "jobs": rules["jobs"].map("{:.0f}".format),
            "seconds": rules["seconds"].map("{:.1f}".format),
            "longest job": rules["longest"].map("{:.1f}".format),
            "peak MB": rules["peak_mb"].map("{:.0f}".format),
        }
    )
    print_table(table, machine=f"Read on: {describe_machine('snakemake')}")


def read_timings(folder: Path) -> pd.DataFrame:
    """One row for each job: rule, s (seconds), max_rss (MB; NA for jobs too short to measure)."""
    paths = sorted(folder.glob("*/*.tsv"))
    if not paths:
        sys.exit(f"{folder}: no timings. Run the workflow first: make demo")
    tables = [
        pd.read_csv(path, sep="\t", na_values=["NA", "-"]).assign(rule=path.parent.name)
        for path in paths
    ]
    return pd.concat(tables, ignore_index=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
