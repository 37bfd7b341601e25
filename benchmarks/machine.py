"""What figures were measured on, and how they are printed. Imported by the programs beside it."""

import os
import platform
from importlib.metadata import version
from pathlib import Path

import pandas as pd

from genosynth.devices import n_cores


def describe_machine(*packages: str) -> str:
    """Processor, cores, memory, load before the start, versions; not the name of the host."""
    gigabytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    versions = [f"Python {platform.python_version()}"]
    versions += [f"{name} {version(name)}" for name in packages]
    return (
        f"{_processor()}, {n_cores()} cores, {gigabytes:.0f} GB of memory; {', '.join(versions)}; "
        f"load average before the start {os.getloadavg()[0]:.1f}"
    )


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def peak_megabytes() -> float:
    """Most memory this process has held at once, mapped files included."""
    return _status_megabytes("VmHWM")


def mapped_megabytes() -> float:
    """Pages of files that this process has in memory; the kernel takes them back when short."""
    return _status_megabytes("RssFile")


def _status_megabytes(field: str) -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    (kilobytes,) = [line.split()[1] for line in lines if line.startswith(f"{field}:")]
    return int(kilobytes) * 1024 / 1e6


def print_table(table: pd.DataFrame, *, machine: str) -> None:
    """Print a table of ready text as Markdown, and below it the machine."""
    rows = [list(table.columns), ["---"] * table.shape[1], *table.to_numpy().tolist()]
    print("\n".join(f"| {' | '.join(map(str, row))} |" for row in rows))
    print(f"\n{machine}.")
