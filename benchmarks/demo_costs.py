"""What the rules of a finished run cost, from Snakemake's own measurements.

    python -m benchmarks.demo_costs results/demo

Jobs overlap, so seconds add up to more than the run took. Peak memory is that of the largest job.
"""

import sys
from pathlib import Path

import pandas as pd

from benchmarks.machine import describe_machine, print_table
from genosynth.reporting.timings import load_timings


def main(results: Path) -> None:
    rules = load_timings(results / "timings")
    if rules.empty:
        sys.exit(f"{results}: no timings. Run the workflow first: make demo")
    rules["rule"] = "`" + rules["rule"] + "`"
    sums = rules[["n_jobs", "seconds", "cpu_seconds"]].sum()
    largest = rules[["longest_seconds", "peak_mb"]].max()
    rules.loc[len(rules)] = {"rule": "**all**", **sums, **largest}
    table = pd.DataFrame(
        {
            "rule": rules["rule"],
            "jobs": rules["n_jobs"].map("{:.0f}".format),
            "seconds": rules["seconds"].map("{:.1f}".format),
            "longest job": rules["longest_seconds"].map("{:.1f}".format),
            "processor seconds": rules["cpu_seconds"].map("{:.1f}".format),
            "peak MB": rules["peak_mb"].map("{:.0f}".format),
        }
    )
    print_table(table, machine=f"Read on: {describe_machine('snakemake')}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
