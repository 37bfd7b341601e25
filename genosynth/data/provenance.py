"""How a release came about: settings, seeds, versions and digests of what it was made from."""

import hashlib
import platform
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

PACKAGES = ["numpy", "pandas", "pgenlib", "safetensors", "scipy", "snakemake", "torch"]
GIT = Path(__file__).parents[2] / ".git"


@dataclass(frozen=True)
class Making:
    """What a release is a release of, and the choices behind it; plain data of the config."""

    cohort: str
    trait: str
    generator: str
    settings: dict[str, dict[str, Any]]
    seeds: dict[str, int]


def provenance(
    making: Making, *, inputs: Iterable[str | Path], plink2_version: str
) -> dict[str, Any]:
    """Everything needed to make a release again, as plain data without a path of this machine."""
    versions = {name: metadata.version(name) for name in PACKAGES}
    return {
        "made": {
            "date": datetime.now(UTC).date().isoformat(),
            "cohort": making.cohort,
            "trait": making.trait,
            "generator": making.generator,
            "revision": source_revision(),
        },
        "settings": {name: _without_folders(part) for name, part in making.settings.items()},
        "seeds": making.seeds,
        "versions": {"python": platform.python_version(), "plink2": plink2_version, **versions},
        "sha256": dict(sorted(digest for path in inputs for digest in digests(path))),
    }


def digests(path: str | Path) -> Iterable[tuple[str, str]]:
    """Name and SHA-256 of a file, or of every file of a folder."""
    path = Path(path)
    files = sorted(path.rglob("*")) if path.is_dir() else [path]
    for file in files:
        if file.is_file() and not file.name.startswith("."):  # Snakemake marks folders
            with file.open("rb") as content:
                name = f"{file.parent.name}/{file.name}"
                yield name, hashlib.file_digest(content, "sha256").hexdigest()


def source_revision() -> str | None:
    """Commit of the checkout this library runs from; None where there is no plain checkout."""
    if not (GIT / "HEAD").is_file():
        return None
    head = (GIT / "HEAD").read_text().strip()
    branch = GIT / head.removeprefix("ref: ")
    if head.startswith("ref: "):
        return branch.read_text().strip() if branch.is_file() else None
    return head


def _without_folders(section: dict[str, Any]) -> dict[str, Any]:
    """Keep only the names of files that settings mention: folders tell about the machine."""
    return {
        key: Path(value).name if isinstance(value, str) and "/" in value else value
        for key, value in section.items()
    }
