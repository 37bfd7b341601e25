"""What drawing a large cohort takes: people a second, and memory, onto disk and in memory.

    python -m benchmarks.drawing [--people 60000] [--variants 1024] [--device cpu]

A model of the default shape that nobody taught: its people are nonsense, its arithmetic is that of
a trained one. Each way runs in a process of its own; memory is beyond that of a process that has
imported the packages, made the model and the labels. Seconds include writing.
"""

import argparse
import multiprocessing
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import torch

from benchmarks.machine import describe_machine, mapped_megabytes, peak_megabytes, print_table
from genosynth.data.genotypes import Genotypes, filled_on_disk, save_genotypes
from genosynth.devices import choose_device, n_cores, use_threads
from genosynth.sampling.diffusion import sample_diffusion
from genosynth.settings.sampling import SamplingSettings
from tests.sampling.untrained import LABELS, label_table, untrained

N_CHROMOSOMES = 22
SEED = 1


@dataclass(frozen=True)
class Task:
    """How many people, of how many variants, by which device, and where they go."""

    people: int
    variants: int
    device: str
    folder: Path


Draw = Callable[[np.ndarray | None], np.ndarray]  # into a matrix (n_people, n_variants), or a new


def onto_disk(draw: Draw, samples: pd.DataFrame, variants: pd.DataFrame, folder: Path) -> float:
    """As rule sample_latent_diffusion does; megabytes of files in memory at the end."""
    with filled_on_disk(folder, samples, variants) as counts:
        draw(counts)
        return mapped_megabytes()


def in_memory(draw: Draw, samples: pd.DataFrame, variants: pd.DataFrame, folder: Path) -> float:
    """The same, but that everybody is drawn first."""
    save_genotypes(Genotypes(draw(None), samples, variants), folder)
    return mapped_megabytes()


WAYS = {"onto disk, part by part": onto_disk, "in memory, then onto disk": in_memory}


@dataclass(frozen=True)
class Cost:
    """Of one way."""

    seconds: float
    peak_mb: float
    mapped_mb: float  # of the peak: pages of the file, which the kernel takes back when short


def measure(way: str, task: Task) -> Cost:
    """Draw in this process, which has drawn nobody."""
    use_threads(n_cores())
    device = choose_device(task.device)
    sizes = [len(each) for each in np.array_split(np.arange(task.variants), N_CHROMOSOMES)]
    models, samples = untrained(sizes), label_table(task.people)
    variants = pd.DataFrame({"id": np.arange(task.variants)})

    def draw(out: np.ndarray | None) -> np.ndarray:
        how = {"settings": SamplingSettings(), "seed": SEED, "device": device, "out": out}
        return sample_diffusion(*models, samples, LABELS, **how).counts

    torch.zeros(1, device=device)  # a GPU's own start
    peak_before, mapped_before = peak_megabytes(), mapped_megabytes()
    start = time.perf_counter()
    mapped = WAYS[way](draw, samples, variants, task.folder / "people")
    seconds = time.perf_counter() - start
    return Cost(seconds, peak_megabytes() - peak_before, mapped - mapped_before)


def measure_apart(way: str, task: Task) -> Cost:
    """Draw in a fresh process, so that peak memory is its own."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(measure, way, task).result()


def row(way: str, cost: Cost, task: Task) -> dict[str, str]:
    return {
        "way": way,
        "people": f"{task.people:,}",
        "variants": f"{task.variants:,}",
        "seconds": f"{cost.seconds:.1f}",
        "people a second": f"{task.people / cost.seconds:,.0f}",
        "peak MB": f"{cost.peak_mb:,.0f}",
        "of these mapped": f"{cost.mapped_mb:,.0f}",
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=60_000)
    parser.add_argument("--variants", type=int, default=1024)
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    arguments = parser.parse_args()
    machine = describe_machine("torch", "numpy")
    with tempfile.TemporaryDirectory() as scratch:
        task = Task(arguments.people, arguments.variants, arguments.device, Path(scratch))
        rows = [row(way, measure_apart(way, task), task) for way in WAYS]
    print_table(pd.DataFrame(rows), machine=machine)


if __name__ == "__main__":
    main()
