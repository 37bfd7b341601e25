"""What the evaluation of one synthetic cohort costs, by group of scores.

    python -m benchmarks.evaluation_costs [--people 20000] [--variants 2048]

As many synthetic as training people, and held-out and reference people in the shares of the default
split, all drawn from one population with LD, two ancestries and a disease. Each group runs in a
process of its own, as in the workflow, with default settings; seconds leave out starting Python
and importing packages.
"""

import argparse
import multiprocessing
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.machine import describe_machine, peak_megabytes, print_table
from genosynth.data.genotypes import Genotypes, load_genotypes, save_genotypes
from genosynth.data.labels import save_labels
from genosynth.devices import n_cores, use_threads
from genosynth.evaluation.association import evaluate_association
from genosynth.evaluation.comparison import Comparison, load_comparison
from genosynth.evaluation.fidelity.evaluate import evaluate_fidelity
from genosynth.evaluation.privacy.evaluate import evaluate_privacy
from genosynth.evaluation.utility.prediction import evaluate_utility
from genosynth.settings.evaluation import EvaluationSettings
from genosynth.settings.privacy import PrivacySettings
from genosynth.settings.split import SplitSettings
from tests.evaluation.simulated_people import LABELS, population

SEED = 1
N_CHROMOSOMES = 22


def fidelity(comparison: Comparison, reference: Genotypes) -> None:
    evaluate_fidelity(comparison, settings=EvaluationSettings(), seed=SEED, n_threads=n_cores())


def association(comparison: Comparison, reference: Genotypes) -> None:
    evaluate_association(comparison)


def utility(comparison: Comparison, reference: Genotypes) -> None:
    evaluate_utility(comparison, settings=EvaluationSettings(), seed=SEED)


def privacy(comparison: Comparison, reference: Genotypes) -> None:
    evaluate_privacy(comparison, reference=reference, settings=PrivacySettings(), seed=SEED)


GROUPS: dict[str, Callable[[Comparison, Genotypes], None]] = {
    group.__name__: group for group in (fidelity, association, utility, privacy)
}


def save_people(folder: Path, *, n_train: int, n_variants: int) -> None:
    """Write a real and a synthetic cohort as the workflow keeps them."""
    people, split = population(n_variants, n_chromosomes=N_CHROMOSOMES), SplitSettings()
    parts = {
        part: round(n_train * getattr(split, part) / split.train)
        for part in ("train", "test", "reference")
    }
    drawn = [people.people(n, i, part=part) for i, (part, n) in enumerate(parts.items())]
    real = Genotypes(
        np.concatenate([part.counts for part in drawn]),
        pd.concat([part.samples for part in drawn], ignore_index=True),
        drawn[0].variants,
    )
    save_genotypes(real, folder / "genotypes")
    save_genotypes(people.people(n_train, SEED + 9, part="synthetic"), folder / "synthetic")
    save_labels(LABELS, folder / "labels.json")


def measure(group: str, folder: Path) -> tuple[str, float, float]:
    """Evaluate in this process, which has run nothing else: group, seconds, peak megabytes."""
    use_threads(n_cores())
    start = time.perf_counter()
    comparison = load_comparison(
        folder / "genotypes", labels=folder / "labels.json", synthetic=folder / "synthetic"
    )
    GROUPS[group](comparison, load_genotypes(folder / "genotypes").part("reference"))
    return group, time.perf_counter() - start, peak_megabytes()


def measure_apart(group: str, folder: Path) -> tuple[str, float, float]:
    """Evaluate in a fresh process, so that peak memory is its own."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(measure, group, folder).result()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=20_000, help="training and synthetic people")
    parser.add_argument("--variants", type=int, default=2048)
    arguments = parser.parse_args()
    machine = describe_machine("numpy", "torch", "xgboost-cpu")
    with tempfile.TemporaryDirectory() as folder:
        size = {"n_train": arguments.people, "n_variants": arguments.variants}
        save_people(Path(folder), **size)
        costs = [measure_apart(group, Path(folder)) for group in GROUPS]
    rows = [(group, f"{seconds:.0f}", f"{megabytes:.0f}") for group, seconds, megabytes in costs]
    print(f"{arguments.people:,} training and synthetic people × {arguments.variants:,} SNPs\n")
    print_table(pd.DataFrame(rows, columns=["scores", "seconds", "peak MB"]), machine=machine)
    print(f"\nTogether: {sum(seconds for _, seconds, _ in costs):.0f} s.")


if __name__ == "__main__":
    main()
