"""Where a rule's messages go, and how long work shows that it moves."""

import logging
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from tqdm import tqdm

from genosynth.errors import GenosynthError

T = TypeVar("T")


@contextmanager
def log_to(path: str | Path) -> Iterator[None]:
    """Send log records to the rule's log file and to stderr.

    A `GenosynthError` is the user's to mend: it is logged as one line and ends the script. Any
    other failure is ours: its traceback lands in the log and the exception goes on.
    """
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    handlers: list[logging.Handler] = [
        logging.FileHandler(path, mode="w"),
        logging.StreamHandler(sys.stderr),
    ]
    logging.basicConfig(
        level=logging.INFO,
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
    bar: Iterable[T] = tqdm(
        items, desc=what, total=total, disable=not sys.stderr.isatty(), leave=False
    )
    return bar
