"""Start Snakemake as a user would, from a folder outside the checkout."""

import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
TINY = ROOT / "tests/configs/tiny.yaml"


def snakemake_command(
    *arguments: str | Path,
    config: Path = TINY,
    overlays: Sequence[Path] = (),
    checkout: Path = ROOT,
) -> list[str]:
    """Command that runs the root Snakefile of a checkout; overlays: configs laid over `config`.

    With a profile among the arguments it is the profile that says where jobs run.
    """
    cores = [] if "--profile" in arguments else ["--cores", "2"]
    command = [sys.executable, "-m", "snakemake", "--snakefile", checkout / "Snakefile"]
    command += ["--configfile", config, *overlays, *cores, *arguments]
    return [str(part) for part in command]


def run_snakemake(
    *arguments: str | Path,
    workdir: Path,
    config: Path = TINY,
    overlays: Sequence[Path] = (),
    checkout: Path = ROOT,
    environment: dict[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run the root Snakefile of a checkout; the caller looks at returncode, stdout and stderr."""
    # The checkout under test must be found by Snakemake itself, not by the caller's path.
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(
        snakemake_command(*arguments, config=config, overlays=overlays, checkout=checkout),
        cwd=workdir,
        env=clean | (environment or {}),
        capture_output=True,
        text=True,
        check=False,
    )


def planned_jobs(dry_run: subprocess.CompletedProcess[str]) -> Counter[str]:
    """Jobs of each rule that a dry run would run, without the target rule `all`."""
    assert dry_run.returncode == 0, dry_run.stdout[-3000:] + dry_run.stderr[-3000:]
    table = dict(re.findall(r"^(\w+) +(\d+)$", dry_run.stdout, flags=re.M))
    return Counter({rule: int(n) for rule, n in table.items() if rule not in ("all", "total")})
