"""Membership by shadow models: train the whole generator again and again on halves of a cohort.

    python -m benchmarks.shadow_models results/demo/disease/genotypes [--generator copula]
                                       [--people 1000] [--models 16] [--same-panel]

A random pool of training people is halved anew for each pair of models; each model chooses its
panel from its half by a GWAS of its own (benchmarks.shadow_panels), is fitted to it and draws as
many people. Each release is then attacked by statistics of the released rows, as they are, and by
their likelihood ratio given the other models as shadows (LiRA). Default settings; on the CPU.
Training a generator on few people is where memory shows. With --same-panel all models keep the
panel of the run, which all training people chose: what is left is the memory of the generator.
"""

import argparse
import logging
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.machine import describe_machine, print_table
from benchmarks.shadow_panels import WholeGenome
from genosynth.data.genotypes import Genotypes, load_genotypes
from genosynth.data.labels import Label, load_labels
from genosynth.devices import choose_device, n_cores, use_threads
from genosynth.evaluation.estimates import Estimate
from genosynth.evaluation.privacy.attacker import attacker_view
from genosynth.evaluation.privacy.membership import ATTACKS
from genosynth.evaluation.privacy.shadow_attack import halves, likelihood_ratios, score_models
from genosynth.progress import progress
from genosynth.sampling.classical import ClassicalModel, sample_classical
from genosynth.sampling.composition import compose_labels
from genosynth.sampling.diffusion import sample_diffusion
from genosynth.sampling.unknown import complete_labels
from genosynth.settings.copula import CopulaSettings
from genosynth.settings.diffusion import DiffusionSettings
from genosynth.settings.independent import IndependentSettings
from genosynth.settings.sampling import SamplingSettings
from genosynth.settings.vae import VaeSettings
from genosynth.training.copula import fit_copula
from genosynth.training.denoiser import train_denoiser
from genosynth.training.independent import fit_independent
from genosynth.training.latents import encode_latents
from genosynth.training.vae import train_vae

Draw = Callable[[Genotypes, list[Label], int], Genotypes]
STATISTICS = ("mia_nearest", "mia_af_lrt", "mia_sequence")


def draw_independent(train: Genotypes, labels: list[Label], seed: int) -> Genotypes:
    table = labels_of(train, labels, seed)
    model = fit_independent(train, labels, settings=IndependentSettings())
    return draw_classical(model, table, train.variants, seed)


def draw_copula(train: Genotypes, labels: list[Label], seed: int) -> Genotypes:
    table = labels_of(train, labels, seed)
    model = fit_copula(train, labels, settings=CopulaSettings(), seed=seed)
    return draw_classical(model, table, train.variants, seed)


def draw_classical(
    model: ClassicalModel, table: pd.DataFrame, variants: pd.DataFrame, seed: int
) -> Genotypes:
    counts = np.empty((len(table), len(variants)), np.int8)
    sample_classical(model, table, seed=seed, out=counts)
    return Genotypes(counts, table, variants)


def draw_latent_diffusion(train: Genotypes, labels: list[Label], seed: int) -> Genotypes:
    table, cpu = labels_of(train, labels, seed), choose_device("cpu")
    with tempfile.TemporaryDirectory() as scratch:
        resume = Path(scratch) / "resume.pt"
        run = {"seed": seed, "device": cpu, "resume": resume}
        vae = train_vae(train, labels, settings=VaeSettings(), **run).model
        latents = encode_latents(vae, train, labels)
        resume.unlink()
        flow = train_denoiser(latents, labels, settings=DiffusionSettings(), **run).model
    known = complete_labels(table, train.samples, labels, seed=seed)
    settings = SamplingSettings()
    drawn = sample_diffusion(vae, flow, known, labels, settings=settings, seed=seed, device=cpu)
    return Genotypes(drawn.counts, table, train.variants)


GENERATORS: dict[str, Draw] = {
    "latent_diffusion": draw_latent_diffusion,
    "copula": draw_copula,
    "independent": draw_independent,
}


def labels_of(train: Genotypes, labels: list[Label], seed: int) -> pd.DataFrame:
    """Labels of as many synthetic people."""
    return compose_labels(train.samples, labels, settings=SamplingSettings(), seed=seed)


@dataclass(frozen=True)
class Pipeline:
    """From training people to their release: the people's panel, a generator fitted to it.

    genome: of the cohort; None: everybody keeps the panel of the genotypes they come with.
    """

    draw: Draw
    labels: list[Label]
    genome: WholeGenome | None

    def release(
        self, pool: Genotypes, reference: Genotypes, members: np.ndarray, *, seed: int
    ) -> tuple[Genotypes, Genotypes, Genotypes]:
        """Release of the members of a pool, and pool and reference at the released variants."""
        if self.genome is not None:
            (trait,) = (label.name for label in self.labels if label.role == "trait")
            people = pool.take(members).samples
            with tempfile.TemporaryDirectory() as scratch:
                panel = self.genome.choose_panel(people, trait=trait, scratch=Path(scratch))
            pool, reference = (
                self.genome.genotypes(panel, side.samples) for side in (pool, reference)
            )
        return self.draw(pool.take(members), self.labels, seed), pool, reference


def attack(
    release: Genotypes, pool: Genotypes, reference: Genotypes, labels: list[Label]
) -> np.ndarray:
    """Statistics of everybody in the pool, (len(STATISTICS), n_people)."""
    view = attacker_view(
        pool, synthetic=release, reference=reference, train=pool.samples, labels=labels
    )
    return np.stack([ATTACKS[name](view) for name in STATISTICS])


def tabulate(statistics: np.ndarray, is_member: np.ndarray) -> pd.DataFrame:
    """Success of each statistic (len(STATISTICS), n_models, n_people), with and without shadows."""
    rows = []
    for name, plain in zip(STATISTICS, statistics, strict=True):
        ways = {"as it is": plain, "likelihood ratio": likelihood_ratios(plain, is_member)}
        for how, scores in ways.items():
            success = score_models(scores, is_member, name=name).values()
            rows.append((name, how, *map(with_interval, success)))
    return pd.DataFrame(rows, columns=["statistic", "how", "AUC", "found at 1 % false alarms"])


def with_interval(found: Estimate) -> str:
    return f"{found.value:.3f} ({found.ci_low:.3f}–{found.ci_high:.3f})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("genotypes", type=Path)
    parser.add_argument("--generator", choices=GENERATORS, default="latent_diffusion")
    parser.add_argument("--people", type=int, default=1000)
    parser.add_argument("--models", type=int, default=16)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--same-panel", action="store_true", help="that of the run, for all models")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.WARNING)
    labels = load_labels(arguments.genotypes.parent / "labels.json")
    if not arguments.same_panel and not any(label.role == "trait" for label in labels):
        parser.error("without a trait no GWAS chooses a panel: --same-panel")
    machine = describe_machine("torch", "numpy")
    use_threads(n_cores())
    real = load_genotypes(arguments.genotypes)
    train, reference = real.part("train"), real.part("reference")
    rng = np.random.default_rng(arguments.seed)
    pool = train.take(np.sort(rng.permutation(len(train.samples))[: arguments.people]))
    is_member = halves(arguments.models, len(pool.samples), seed=arguments.seed)
    genome = (
        None if arguments.same_panel else WholeGenome(arguments.genotypes.parents[1] / "cohort")
    )
    pipeline = Pipeline(GENERATORS[arguments.generator], labels, genome)
    releases = (
        pipeline.release(pool, reference, members, seed=arguments.seed + number)
        for number, members in enumerate(progress(is_member, what="models", total=len(is_member)))
    )
    found = np.stack([attack(*release, labels) for release in releases], axis=1)
    n_people, n_variants = pool.counts.shape
    print(
        f"{arguments.generator}, {arguments.models} models of {n_people // 2:,} of {n_people:,} "
        f"people × {n_variants:,} SNPs, {'one panel' if genome is None else 'each its own panel'}\n"
    )
    print_table(tabulate(found, is_member), machine=machine)


if __name__ == "__main__":
    main()
