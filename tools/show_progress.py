"""Turn Snakemake's output, read from stdin, into a progress bar and one line for each rule.

    snakemake ... 2>&1 | python tools/show_progress.py LOG

Everything read goes to LOG. Without a terminal, a line every half minute says what is running.
"""

import queue
import re
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from tqdm import tqdm

JOB_COUNT = re.compile(r"^(\w+) +(\d+)$")  # a row of the table "Job stats"
STARTED = re.compile(r"^(?:local)?(?:rule|checkpoint) (\w+):$")
FINISHED = re.compile(r"^Finished jobid: \d+ \(Rule: (\w+)\)$")
FAILURE = re.compile(r"^(Error in rule|\w*(Error|Exception)\b)")
DONE = re.compile(r"^(Nothing to be done|\d+ of \d+ steps \(100%\) done)")
OF_SNAKEMAKE = re.compile(r"^(\s|\[|$|Select jobs|Execute \d|\d+ of \d+ steps)")
LOG_EDGE = re.compile(r"^=+$")  # around the log of a failed job (show-failed-logs)
QUIET_SECONDS = 30.0


@dataclass
class Progress:
    """What is known of a run after the lines read so far."""

    waiting: Counter[str] = field(default_factory=Counter)  # jobs of each rule still to finish
    running: Counter[str] = field(default_factory=Counter)
    n_jobs: dict[str, int] = field(default_factory=dict)
    last_message: str = ""
    failure: list[str] = field(default_factory=list)
    is_done: bool = False

    def read(self, line: str) -> str | None:
        """Take one line in; give the rule whose last job it ended, if any."""
        self.is_done = self.is_done or bool(DONE.match(line))
        if self.failure or FAILURE.match(line):
            self.failure.append(line)
        elif match := JOB_COUNT.match(line):
            self._count(match[1], int(match[2]))
        elif match := STARTED.match(line):
            self.running[match[1]] += 1
            self.last_message = ""
        elif match := FINISHED.match(line):
            return self._finish(match[1])
        elif self.running.total() and not OF_SNAKEMAKE.match(line):
            self.last_message = line
        return None

    def _count(self, rule: str, n_jobs: int) -> None:
        if rule != "total":
            self.n_jobs[rule] = self.waiting[rule] = n_jobs

    def _finish(self, rule: str) -> str | None:
        self.running[rule] -= 1
        self.waiting[rule] -= 1
        return rule if self.waiting[rule] == 0 and rule in self.n_jobs else None

    @property
    def total(self) -> int:
        """Jobs of the whole run."""
        return sum(self.n_jobs.values())

    @property
    def percent(self) -> float:
        """Share of jobs that have finished."""
        return 100 * (1 - self.waiting.total() / self.total) if self.total else 0.0

    def now(self) -> str:
        """What is running, and the last thing it said."""
        rules = ", ".join(rule for rule, n in self.running.items() if n > 0)
        return f"{rules}: {self.last_message}" if self.last_message else rules

    def explanation(self) -> list[str]:
        """The logs of failed jobs; all that Snakemake said where there are none."""
        rules = [line for line in self.failure if line.startswith("Error in rule")]
        edges = [i for i, line in enumerate(self.failure) if LOG_EDGE.match(line)]
        logs = [
            line
            for start, end in zip(edges[::2], edges[1::2], strict=False)
            for line in self.failure[start + 1 : end]
        ]
        return rules + logs if logs else self.failure


def lines_or_silence(stream: TextIO, seconds: float) -> Iterator[str | None]:
    """Lines of a stream; None whenever `seconds` pass without one."""
    lines: queue.SimpleQueue[str] = queue.SimpleQueue()

    def read() -> None:
        for line in stream:
            lines.put(line)
        lines.put("")

    threading.Thread(target=read, daemon=True).start()
    while True:
        try:
            line = lines.get(timeout=seconds)
        except queue.Empty:
            yield None
            continue
        if not line:
            return
        yield line


def show(stream: TextIO, log: TextIO) -> Progress:
    """Follow a run to its end."""
    state = Progress()
    start = last_line = time.monotonic()
    with tqdm(
        disable=not sys.stderr.isatty(),
        bar_format="{percentage:3.0f} % |{bar:30}| {elapsed} {desc}",
        leave=False,
    ) as bar:
        for line in lines_or_silence(stream, 1.0):
            ended = None
            if line is not None:
                log.write(line)
                ended = state.read(line.rstrip("\n"))
            now = time.monotonic()
            clock = f"{int(now - start) // 60:3d}:{int(now - start) % 60:02d}"
            if ended:
                jobs = f" ({state.n_jobs[ended]} jobs)" if state.n_jobs[ended] > 1 else ""
                tqdm.write(f"{clock} {state.percent:3.0f} %  {ended}{jobs}", file=sys.stderr)
                last_line = now
            elif bar.disable and now - last_line > QUIET_SECONDS:
                tqdm.write(f"{clock} {state.percent:3.0f} %  … {state.now()}", file=sys.stderr)
                last_line = now
            bar.total = state.total
            bar.n = state.total - state.waiting.total()
            bar.set_description_str(state.now()[:80])
    return state


def main() -> None:
    """Show a run and end as it ended."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Snakemake ends the run; we read it to its end
    path = Path(sys.argv[1])
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", buffering=1) as log:
        state = show(sys.stdin, log)
    if not state.is_done:
        print("\n".join(state.explanation()), f"All output: {path}", sep="\n", file=sys.stderr)
        sys.exit(1)
    if not state.total:
        print("  0:00 100 %  nothing to do: every result is there", file=sys.stderr)


if __name__ == "__main__":
    main()
