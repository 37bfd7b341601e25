"""Start Snakemake as a user would, from a folder outside the checkout."""

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]
TINY = ROOT / "tests/configs/tiny.yaml"


def run_snakemake(
    *arguments: str | Path,
    workdir: Path,
    config: Path = TINY,
    checkout: Path = ROOT,
    environment: dict[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run the root Snakefile of a checkout; the caller looks at returncode, stdout and stderr."""
    command = [sys.executable, "-m", "snakemake", "--snakefile", checkout / "Snakefile"]
    command += ["--configfile", config, "--cores", "2", *arguments]
    # The checkout under test must be found by Snakemake itself, not by the caller's path.
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(
        [str(part) for part in command],
        cwd=workdir,
        env=clean | (environment or {}),
        capture_output=True,
        text=True,
        check=False,
    )


def planned_jobs(dry_run: subprocess.CompletedProcess[str]) -> Counter[str]:
    """Jobs of each rule that a dry run would run, without the target rule `all`."""
    assert dry_run.returncode == 0, dry_run.stdout + dry_run.stderr
    rows = [line.split() for line in dry_run.stdout.splitlines()]
    jobs = {row[0]: int(row[1]) for row in rows if len(row) == 2 and row[1].isdigit()}
    return Counter({rule: n for rule, n in jobs.items() if rule not in ("all", "total")})
