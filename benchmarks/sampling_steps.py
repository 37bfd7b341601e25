"""How many steps of the latent sampler are enough: `c2st_auc` and seconds by number of steps.

    python -m benchmarks.sampling_steps results/demo disease [--steps 1 2 4 8 16]

The people of a finished run's first synthetic cohort, drawn again in other numbers of steps with
the same random numbers, against held-out people by the classifiers of the score table, whose
strongest view is `c2st_auc`. Last row: real training people in the place of synthetic ones.
"""

import argparse
import time
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from benchmarks.machine import describe_machine, print_table
from genosynth.data.genotypes import Genotypes, load_genotypes, read_samples
from genosynth.data.labels import Label, load_labels
from genosynth.devices import choose_device, n_cores, use_threads
from genosynth.evaluation.comparison import Comparison, equal_sides
from genosynth.evaluation.estimates import Estimate
from genosynth.evaluation.fidelity.classifier import VIEWS, compare_by_classifier
from genosynth.evaluation.fidelity.correlations import co_moments
from genosynth.evaluation.fidelity.linkage import kept_variants
from genosynth.evaluation.fidelity.structure import unlinked_variants
from genosynth.models.weights import load_denoiser, load_vae
from genosynth.sampling.diffusion import sample_diffusion
from genosynth.sampling.unknown import complete_labels
from genosynth.settings.evaluation import EvaluationSettings
from genosynth.settings.sampling import SamplingSettings

SEED = 1
METRICS = ["c2st_auc", *(f"c2st_auc.{view}" for view in VIEWS)]


@dataclass(frozen=True)
class Run:
    """The folder of a trait in a finished run, its real people and their labels."""

    folder: Path
    real: Genotypes
    labels: list[Label]

    def draw(self, steps: int) -> Genotypes:
        """The first synthetic cohort, but for the number of steps and the seed."""
        train = self.real.samples[self.real.samples["part"] == "train"]
        model = self.folder / "latent_diffusion/model"
        table = read_samples(self.folder / "labels/1.tsv")
        drawn = sample_diffusion(
            load_vae(model / "vae.safetensors", variants=self.real.variants),
            load_denoiser(model / "denoiser.safetensors"),
            complete_labels(table, train, self.labels, seed=SEED),
            self.labels,
            settings=SamplingSettings(steps=steps),
            seed=SEED,
            device=choose_device("cpu"),
        )
        return Genotypes(drawn.counts, table, self.real.variants)


def tell_apart(people: Genotypes, run: Run) -> dict[str, Estimate]:
    """Areas of the classifiers between these people and as many held-out ones of their labels."""
    train, n_variants = run.real.part("train"), len(run.real.variants)
    kept = kept_variants(n_variants)
    correlations = co_moments(train.counts, kept).correlations()
    comparison = Comparison(train, run.real.part("test"), people, run.labels)
    return compare_by_classifier(
        equal_sides(comparison, n_max=EvaluationSettings().n_compared, seed=SEED),
        labels=run.labels,
        components_from=unlinked_variants(correlations, kept, n_variants=n_variants),
        seed=SEED,
        n_threads=n_cores(),
    )


def row(name: str, seconds: str, found: dict[str, Estimate]) -> dict[str, str]:
    areas = {metric: f"{found[metric].value:.3f}" for metric in METRICS}
    low, high = found["c2st_auc"].ci_low, found["c2st_auc"].ci_high
    areas["c2st_auc"] += f" ({low:.3f}–{high:.3f})"
    return {"steps": name, "seconds": seconds, **areas}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("results", type=Path)
    parser.add_argument("trait")
    parser.add_argument("--steps", type=int, nargs="+", default=[1, 2, 4, 8, 16])
    arguments = parser.parse_args()
    machine = describe_machine("torch", "xgboost-cpu")
    use_threads(n_cores())
    folder = arguments.results / arguments.trait
    run = Run(folder, load_genotypes(folder / "genotypes"), load_labels(folder / "labels.json"))
    rows = []
    for steps in arguments.steps:
        start = time.perf_counter()
        people = run.draw(steps)
        seconds = f"{time.perf_counter() - start:.1f}"
        rows.append(row(str(steps), seconds, tell_apart(people, run)))
    rows.append(row("real training people", "–", tell_apart(run.real.part("train"), run)))
    print(f"{len(people.samples):,} people × {len(people.variants):,} SNPs\n")
    print_table(pd.DataFrame(rows), machine=machine)


if __name__ == "__main__":
    main()
