"""Where a rule's messages go, and how long work shows that it moves."""

import logging
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from tqdm import tqdm

from genosynth.errors import GenosynthError

T = TypeVar("T")

SHARED = "RANK"  # the variable in which torchrun numbers processes (genosynth/processes.py)


@contextmanager
def log_to(path: str | Path) -> Iterator[None]:
    """Send log records to the rule's log file and to stderr.

    A `GenosynthError` is the user's to mend: it is logged as one line and ends the script. Any
    other failure is ours: its traceback lands in the log and the exception goes on. Of processes
    that share a job all write to its log, but only the first says more than what goes wrong.
    """
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    handlers: list[logging.Handler] = [
        logging.FileHandler(path, mode="a" if SHARED in os.environ else "w"),
        logging.StreamHandler(sys.stderr),
    ]
    logging.basicConfig(
        level=logging.INFO if _speaks() else logging.WARNING,
        format="%(asctime)s %(levelname)s %(message)s",
        datefmt="%H:%M:%S",
        handlers=handlers,
        force=True,
    )
    logger = logging.getLogger("genosynth")
    try:
        yield
    except GenosynthError as error:
        logger.error("%s", error)
        raise SystemExit(1) from error
    except Exception:
        logger.exception("rule failed")
        raise
    finally:
        for handler in handlers:
            logging.getLogger().removeHandler(handler)
            handler.close()


def progress(items: Iterable[T], *, what: str, total: int | None = None) -> Iterable[T]:
    """Show a bar while `items` are consumed, on a terminal only; logs stay free of it."""
    is_shown = sys.stderr.isatty() and _speaks()
    bar: Iterable[T] = tqdm(items, desc=what, total=total, disable=not is_shown, leave=False)
    return bar


def _speaks() -> bool:
    """Whether this is the first of the processes that share a job, or the only one."""
    return os.environ.get(SHARED, "0") == "0"
