"""How many people a second a training takes when processes share it, each with a GPU of its own.

    python -m benchmarks.scaling [--processes 1 2 4] [--people N] [--variants M] [--device cuda]

The steps of `benchmarks.training_profile`, whose batch the processes share: with more of them the
work of each becomes less, the message that adds up gradients does not. On CPUs (gloo) processes
compete for cores, and figures say only that it works.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pandas as pd
import torch
from torch import distributed

from benchmarks.machine import describe_machine, print_table
from benchmarks.training_profile import median_seconds, works
from genosynth.devices import choose_device, n_cores, use_threads
from genosynth.files import read_json, write_json
from genosynth.processes import TORCHRUN, rank, shared_by

SHARED = ("VAE", "hidden units", "latent flow")  # phases every process draws for itself
PROCESSES = "WORLD_SIZE"  # the variable in which torchrun tells how many there are


def measure(arguments: argparse.Namespace) -> None:
    """In one of the processes: write people a second of each step."""
    with shared_by(int(os.environ[PROCESSES])):
        use_threads(n_cores())
        device = choose_device(arguments.device)
        measured = works(arguments.people, arguments.variants, device)
        speeds = {
            work.name: work.people / median_seconds(work.run, device)
            for work in measured
            if work.name in SHARED
        }
        if rank() == 0:
            write_json(speeds, arguments.result)


def measure_in(n_processes: int, result: Path) -> dict[str, float]:
    """Start the processes with this one's arguments; people a second of each step."""
    command = [sys.executable, *TORCHRUN, f"--nproc-per-node={n_processes}"]
    command += ["-m", "benchmarks.scaling", *sys.argv[1:], "--result", str(result)]
    subprocess.run(command, env=os.environ | {"OMP_NUM_THREADS": "1"}, check=True)
    speeds: dict[str, float] = read_json(result)
    return speeds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--processes", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--people", type=int, default=4096)
    parser.add_argument("--variants", type=int, default=1024)
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    parser.add_argument("--result", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if distributed.is_torchelastic_launched():
        measure(arguments)
        return
    machine = describe_machine("torch")
    if arguments.device == "cuda":
        machine = f"{torch.cuda.device_count()} × {torch.cuda.get_device_name()}; {machine}"
    with tempfile.TemporaryDirectory() as scratch:
        speeds = {n: measure_in(n, Path(scratch) / "speeds") for n in arguments.processes}
    first = speeds[arguments.processes[0]]
    rows = [
        {"processes": n}
        | {f"{name}, people a second": f"{own[name]:,.0f}" for name in SHARED}
        | {f"{name}, times": f"{own[name] / first[name]:.2f}" for name in SHARED}
        for n, own in speeds.items()
    ]
    print_table(pd.DataFrame(rows), machine=machine)


if __name__ == "__main__":
    main()
