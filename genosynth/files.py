"""Whole files or none: results are written beside their place and renamed when complete."""

import errno
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd

from genosynth.errors import GenosynthError, WriteFailed

LITTLE_SPACE = 1 << 20  # bytes; torch, safetensors and pgenlib hide a full disk behind own errors


@contextmanager
def whole(path: str | Path) -> Iterator[Path]:
    """Give a temporary sibling of `path` to write a file or folder to; rename it when complete.

    A process that is killed, or a disk that fills up, leaves the old `path` or none: never a half.

    Raises:
        WriteFailed: the operating system refused to write (disk full, no permission).
    """
    target = Path(path)
    temporary = target.with_name(f".{target.name}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _remove(temporary)
        yield temporary
        if temporary.is_dir():
            _remove(target)  # a folder cannot be renamed over a full one
        temporary.replace(target)
    except GenosynthError:
        raise
    except Exception as error:
        reason = _why_not_written(error, target.parent)
        if reason is None:
            raise
        raise WriteFailed(
            f"{target}: cannot write: {reason}. "
            "Free some space or check permissions, then start again"
        ) from error
    finally:
        _remove(temporary)


def _why_not_written(error: Exception, folder: Path) -> str | None:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    if shutil.disk_usage(folder).free < LITTLE_SPACE:
        return os.strerror(errno.ENOSPC)
    return str(error) if isinstance(error, OSError) else None


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def write_table(table: pd.DataFrame, path: str | Path) -> None:
    """Write a table as TSV with a header; missing values become NA."""
    with whole(path) as temporary:
        table.to_csv(temporary, sep="\t", index=False, na_rep="NA")


def read_table(path: str | Path, **options: Any) -> pd.DataFrame:
    """Read a TSV that `write_table` wrote; only NA is missing: a level named "None" stays."""
    table: pd.DataFrame = pd.read_csv(
        path, sep="\t", keep_default_na=False, na_values=["NA"], **options
    )
    return table


def write_text(text: str, path: str | Path) -> None:
    """Write a text, all or nothing."""
    with whole(path) as temporary:
        temporary.write_text(text)


def write_json(value: Any, path: str | Path) -> None:
    """Write plain data as indented JSON."""
    write_text(json.dumps(value, indent=2) + "\n", path)


def read_json(path: str | Path) -> Any:
    """Read plain data."""
    return json.loads(Path(path).read_text())
