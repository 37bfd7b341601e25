"""How fast a panel is read from .pgen, beside plink2 --export.

    python -m benchmarks.panel_reading results/demo disease

The median of seven runs; after the first, files are in the page cache. What plink2 wrote is
compared with what was read.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.machine import describe_machine, print_table
from genosynth.data.genotypes import load_genotypes
from genosynth.data.pgen import read_counts
from genosynth.data.variants import read_variants
from genosynth.devices import n_cores
from genosynth.selection.extraction import extract_genotypes, find_variants
from genosynth.selection.panel import read_panel

N_RUNS = 7


def main(results: Path, trait: str) -> None:
    machine = describe_machine("numpy", "pgenlib")
    prefix = results / "cohort/qc/all"
    panel = read_panel(results / trait / "panel.tsv")
    positions = find_variants(panel, read_variants(f"{prefix}.pvar"), where=f"{prefix}.pvar")
    people = load_genotypes(results / trait / "genotypes").samples
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        (scratch / "ids").write_text("\n".join(panel["id"]))
        export = partial(plink2_export, prefix, scratch / "ids", scratch / "plink2")
        extract = partial(extract_genotypes, [prefix], panel, people, scratch / "genotypes")
        ways: dict[str, Callable[[], object]] = {
            "`genosynth.data.pgen.read_counts`, into memory, 1 thread": partial(
                read_counts, prefix, positions
            ),
            "rule `extract_genotypes`: the same onto disk, with its tables": extract,
            "`plink2 --export A`, 1 thread": partial(export, n_threads=1),
            f"`plink2 --export A`, {n_cores()} threads": partial(export, n_threads=n_cores()),
        }
        seconds = median_seconds(ways)
        check_equal(read_counts(prefix, positions), scratch / "plink2.raw", panel)
    n_genotypes = len(people) * len(panel)
    rows = [
        (name, f"{each:.2f}", f"{1e9 * each / n_genotypes:.1f}") for name, each in seconds.items()
    ]
    print(f"{len(people):,} people × {len(panel):,} of the fileset's variants\n")
    columns = ["way", "seconds", "nanoseconds a genotype"]
    print_table(pd.DataFrame(rows, columns=columns), machine=f"{machine}; {plink2_version()}")


def median_seconds(ways: dict[str, Callable[[], object]]) -> dict[str, float]:
    """Median time of each way; runs take turns, so that what disturbs one disturbs all."""
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(N_RUNS):
        for name, way in ways.items():
            times[name].append(seconds_of(way))
    return {name: statistics.median(runs) for name, runs in times.items()}


def seconds_of(way: Callable[[], object]) -> float:
    start = time.perf_counter()
    way()
    return time.perf_counter() - start


def plink2_export(prefix: Path, ids: Path, out: Path, *, n_threads: int) -> None:
    """Write the panel sample by sample as text (.raw): what one would read into R or Python."""
    command = ["plink2", "--pfile", prefix, "--extract", ids, "--export", "A"]
    command += ["--threads", str(n_threads), "--silent", "--out", out]
    subprocess.run(command, check=True)


def check_equal(counts: np.ndarray, raw: Path, panel: pd.DataFrame) -> None:
    """Compare counts of ALT with plink2's, whose columns are called {id}_{counted allele}."""
    table = pd.read_csv(raw, sep="\t").iloc[:, 6:]
    exported = table.to_numpy(float, na_value=-1.0)
    counted = np.array([name.rpartition("_")[2] for name in table.columns])
    is_ref = (counted == panel["ref"].to_numpy()) & (exported >= 0)
    np.testing.assert_array_equal(counts, np.where(is_ref, 2 - exported, exported))


def plink2_version() -> str:
    command = ["plink2", "--version"]
    return " ".join(subprocess.run(command, capture_output=True, text=True).stdout.split()[:2])


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
