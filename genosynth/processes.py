"""One job in several processes of one node, each with a GPU of its own.

Gradient steps are shared out (`training/loop.py`). All else every process does alike, from the same
seeds: to wait for the first one and its results would save no time. Where GPUs round differently,
the weights and validations of the first process hold for all. Alone, all of this does nothing.
"""

import logging
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial

import torch
from torch import Tensor, distributed

from genosynth.errors import ConfigError, ProcessLost

logger = logging.getLogger(__name__)

TORCHRUN = ("-m", "torch.distributed.run", "--standalone", "--local-addr=localhost")


@contextmanager
def shared_by(n_processes: int) -> Iterator[None]:
    """Do what is in the block in so many processes; after it only the first goes on.

    The script gives way to torchrun, which runs it from its start in each process, and ends all
    when one dies.
    """
    if n_processes <= 1:
        yield
        return
    if not distributed.is_torchelastic_launched():
        logger.info("training in %d processes", n_processes)
        share = f"--nproc-per-node={n_processes}"
        os.environ.setdefault("OMP_NUM_THREADS", "1")  # `use_threads` has the last word
        os.execv(sys.executable, [sys.executable, *TORCHRUN, share, *sys.argv])
    on_gpus = torch.cuda.is_available()
    distributed.init_process_group("cpu:gloo,cuda:nccl" if on_gpus else "gloo")
    yield
    is_first = rank() == 0
    distributed.destroy_process_group()
    if not is_first:
        raise SystemExit


def n_processes() -> int:
    """How many processes share the job."""
    return distributed.get_world_size() if distributed.is_initialized() else 1


def rank() -> int:
    """Number of this process, from 0; also that of its GPU."""
    return distributed.get_rank() if distributed.is_initialized() else 0


def own_rows(n_rows: int) -> slice:
    """This process's share of the rows of a batch.

    Raises:
        ConfigError: there are fewer rows than processes.
    """
    if n_rows < n_processes():
        raise ConfigError(
            f"a batch of {n_rows} people cannot be shared by {n_processes()} processes. "
            "Lower the rule's gpu resource or raise the batch size"
        )
    return slice(*(i * n_rows // n_processes() for i in (rank(), rank() + 1)))


def add_up(tensors: Sequence[Tensor]) -> None:
    """Replace tensors by their sums over the processes.

    Raises:
        ProcessLost: another process has died.
    """
    _talk_of(tensors, distributed.all_reduce)


def copy_first(tensors: Sequence[Tensor]) -> None:
    """Replace tensors by those of the first process."""
    _talk_of(tensors, partial(distributed.broadcast, src=0))


def first_says(value: float) -> float:
    """The first process's value."""
    told = torch.tensor(value, dtype=torch.float64)
    copy_first([told])
    return told.item()


def _talk_of(tensors: Sequence[Tensor], talk: Callable[[Tensor], object]) -> None:
    """One message for all: many small ones would take longer."""
    if n_processes() == 1:
        return
    message = torch.cat([each.flatten() for each in tensors])
    try:
        talk(message)
    except RuntimeError as error:
        raise ProcessLost(
            f"the processes of this job have lost each other: {error} "
            "If one has died, its error is in this log, or it was killed, perhaps for its memory. "
            "Start again: training goes on from its last validation"
        ) from error
    news = torch.split(message, [each.numel() for each in tensors])
    for each, told in zip(tensors, news, strict=True):
        each.copy_(told.view_as(each))
