"""Where tensors live and how much of the machine a job may use, decided once for each job."""

import ctypes
import os

import torch

from genosynth.errors import DeviceUnavailable
from genosynth.processes import n_processes, rank

# glibc's mallopt codes (malloc.h) and values: never map or return large blocks, ask for 256 MB at
# once. Activations of one size are freed and allocated at every step; without this a third of a
# training step goes into page faults.
_KEEP_MEMORY = {-4: 0, -1: 2**31 - 1, -2: 2**28}


def choose_device(name: str) -> torch.device:
    """Turn the config's `device` (auto, cpu or cuda) into a device; each process has its own GPU.

    Raises:
        DeviceUnavailable: PyTorch sees no GPU, or fewer than were asked for.
    """
    available = torch.cuda.is_available()
    if name == "cuda" and not available:
        raise DeviceUnavailable(
            "device: cuda was asked for, but PyTorch sees no GPU here. Set device: auto or cpu, "
            "or start the job where there is one (on SLURM: the rule's gpu resource)"
        )
    if not available or name == "cpu":
        return torch.device("cpu")
    if rank() >= torch.cuda.device_count():
        raise DeviceUnavailable(
            f"{n_processes()} GPUs were asked for, but PyTorch sees {torch.cuda.device_count()}. "
            "Lower the rule's gpu resource"
        )
    torch.cuda.set_device(rank())
    return torch.device("cuda")


def n_cores() -> int:
    """CPU cores that this process may run on."""
    affinity = getattr(os, "sched_getaffinity", None)  # macOS has none
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def use_threads(n_threads: int) -> None:
    """Compute on this many CPU threads, and keep freed memory for the next step.

    No more than the job may run on: threads that share a core wait for each other. Processes that
    share a job share its threads.
    """
    torch.set_num_threads(max(1, min(n_threads, n_cores()) // n_processes()))
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:  # another C library than glibc
        for code, value in _KEEP_MEMORY.items():
            mallopt(code, value)
