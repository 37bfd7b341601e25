"""What the default generator costs: training on a panel, and drawing people.

    python -m benchmarks.training results/demo/disease/genotypes [--drawn 8400]

Each stage runs in a process of its own, as in the workflow, on the CPU with default settings;
seconds leave out starting Python and importing packages.
"""

import argparse
import multiprocessing
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from benchmarks.machine import describe_machine, peak_megabytes, print_table
from genosynth.data.genotypes import filled_on_disk, load_genotypes
from genosynth.data.labels import load_labels
from genosynth.devices import choose_device, n_cores, use_threads
from genosynth.models.weights import (
    load_denoiser,
    load_latents,
    load_vae,
    save_denoiser,
    save_latents,
    save_vae,
)
from genosynth.sampling.composition import compose_labels
from genosynth.sampling.diffusion import sample_diffusion
from genosynth.settings.diffusion import DiffusionSettings
from genosynth.settings.sampling import SamplingSettings
from genosynth.settings.vae import VaeSettings
from genosynth.training.denoiser import train_denoiser
from genosynth.training.latents import encode_latents
from genosynth.training.vae import train_vae

SEED = 1
CPU = choose_device("cpu")


@dataclass(frozen=True)
class Files:
    """Where the stages read and write, and how many people they draw."""

    genotypes: Path
    scratch: Path
    n_drawn: int = 8400

    @property
    def labels(self) -> Path:
        """Written beside the genotypes by rule extract_genotypes."""
        return self.genotypes.parent / "labels.json"


def fit_vae(files: Files) -> None:
    train = load_genotypes(files.genotypes).part("train")
    trained = train_vae(
        train,
        load_labels(files.labels),
        settings=VaeSettings(),
        seed=SEED,
        device=CPU,
        resume=files.scratch / "vae.pt",
    )
    save_vae(trained.model, files.scratch / "vae.safetensors", variants=train.variants)


def encode(files: Files) -> None:
    train = load_genotypes(files.genotypes).part("train")
    vae = load_vae(files.scratch / "vae.safetensors", variants=train.variants)
    latents = encode_latents(vae, train, load_labels(files.labels))
    save_latents(latents, files.scratch / "latents.safetensors")


def fit_denoiser(files: Files) -> None:
    trained = train_denoiser(
        load_latents(files.scratch / "latents.safetensors"),
        load_labels(files.labels),
        settings=DiffusionSettings(),
        seed=SEED,
        device=CPU,
        resume=files.scratch / "denoiser.pt",
    )
    save_denoiser(trained.model, files.scratch / "denoiser.safetensors")


def sample(files: Files) -> None:
    genotypes, labels = load_genotypes(files.genotypes), load_labels(files.labels)
    settings = SamplingSettings(size=files.n_drawn)
    samples_of_train = genotypes.samples[genotypes.samples["part"] == "train"]
    table = compose_labels(samples_of_train, labels, settings=settings, seed=SEED)
    with filled_on_disk(files.scratch / "synthetic", table, genotypes.variants) as counts:
        sample_diffusion(
            load_vae(files.scratch / "vae.safetensors", variants=genotypes.variants),
            load_denoiser(files.scratch / "denoiser.safetensors"),
            table,
            labels,
            settings=settings,
            seed=SEED,
            device=CPU,
            out=counts,
        )


STAGES: dict[str, Callable[[Files], None]] = {
    "train the VAE": fit_vae,
    "encode latents": encode,
    "train the latent flow": fit_denoiser,
    "sample people": sample,
}


@dataclass(frozen=True)
class Cost:
    """Time and memory of a stage."""

    seconds: float
    peak_mb: float


def measure(stage: str, files: Files) -> Cost:
    """Run a stage in this process, which has run nothing else."""
    use_threads(n_cores())
    start = time.perf_counter()
    STAGES[stage](files)
    return Cost(time.perf_counter() - start, peak_megabytes())


def measure_apart(stage: str, files: Files) -> Cost:
    """Run a stage in a fresh process, so that peak memory is its own."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(measure, stage, files).result()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("genotypes", type=Path)
    parser.add_argument("--drawn", type=int, default=Files.n_drawn, help="people to draw")
    arguments = parser.parse_args()
    machine = describe_machine("torch", "numpy")
    people = load_genotypes(arguments.genotypes)
    n_train = int((people.samples["part"] == "train").sum())
    with tempfile.TemporaryDirectory() as scratch:
        files = Files(arguments.genotypes.resolve(), Path(scratch), arguments.drawn)
        costs = {stage: measure_apart(stage, files) for stage in STAGES}
    *training, sampling = costs.values()
    rows = [(stage, f"{cost.seconds:.1f}", f"{cost.peak_mb:.0f}") for stage, cost in costs.items()]
    print(f"{n_train:,} training people × {people.counts.shape[1]:,} SNPs, default settings\n")
    print_table(pd.DataFrame(rows, columns=["stage", "seconds", "peak MB"]), machine=machine)
    print(
        f"\nTraining: {sum(cost.seconds for cost in training):.0f} s. "
        f"{arguments.drawn:,} people drawn, {arguments.drawn / sampling.seconds:,.0f} a second."
    )


if __name__ == "__main__":
    main()
