"""Several tests at a time: who runs what, and on which cores.

Files stay together, because their tests share runs of the workflow; so do those that share a run
with other files, or a cluster. What takes longest starts first. Each worker keeps to cores of its
own: threads that share a core with those of another worker wait for each other most of the time.
"""

import os
from collections.abc import Sequence

import pytest
from xdist.scheduler import LoadFileScheduling

LONGEST_FIRST = ("tests/slurm/", "tests/workflow/test_real_cohorts.py", "tests/workflow/")
SHARED = {  # a cluster; the run of tests/workflow/conftest.py
    "cluster": ["tests/slurm/"],
    "run": [
        f"tests/workflow/test_{name}.py"
        for name in ("external_release", "optional_rules", "pipeline", "reruns", "several_gpus")
    ],
}


def pytest_configure(config: pytest.Config) -> None:
    """Keep to a share of the cores, if there are as many as workers."""
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker is None or not hasattr(os, "sched_setaffinity"):
        return
    n_workers = int(os.environ["PYTEST_XDIST_WORKER_COUNT"])
    own = sorted(os.sched_getaffinity(0))[int(worker.removeprefix("gw")) :: n_workers]
    if own:
        os.sched_setaffinity(0, own)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Move what takes longest to the front; within it files stay in their (random) order."""
    items.sort(key=lambda item: rank(item.nodeid))


def rank(nodeid: str) -> int:
    """Place of a test among the longest ones."""
    places = [i for i, start in enumerate(LONGEST_FIRST) if nodeid.startswith(start)]
    return places[0] if places else len(LONGEST_FIRST)


class _Scheduling(LoadFileScheduling):
    """Files, or those that share something, go to one worker each."""

    def _split_scope(self, nodeid: str) -> str:
        file: str = super()._split_scope(nodeid)
        together = [what for what, files in SHARED.items() if file.startswith(tuple(files))]
        return together[0] if together else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Sequence[str]) -> LoadFileScheduling:
    """Called where there are several workers."""
    return _Scheduling(config, log)
