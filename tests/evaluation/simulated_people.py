"""Small cohorts of known truth: two populations, haplotypes with LD, a trait."""

import subprocess
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import norm

from genosynth.data.genotypes import MISSING, Genotypes
from genosynth.data.labels import Label
from genosynth.evaluation.comparison import Comparison

TRAIT = Label("disease", "trait", "binary", levels=("0", "1"))
HEIGHT = Label("height", "trait", "quantitative", quantiles=(-0.84, -0.25, 0.25, 0.84))
ANCESTRY = Label("ancestry", "condition", "categorical", levels=("east", "west"))
LABELS = [TRAIT, ANCESTRY]


@dataclass(frozen=True)
class Population:
    """What people are drawn from: frequencies by population, LD, and effects on the trait."""

    frequencies: NDArray[np.float64]  # (2, n_variants), of the ALT allele
    positions_bp: NDArray[np.intp]
    chromosomes: NDArray[np.intp]
    effects: NDArray[np.float64]

    def people(self, n_samples: int, seed: int, *, part: str = "train") -> Genotypes:
        """Draw people: genotypes, ancestry, a disease of every fourth person, and height."""
        rng = np.random.default_rng(seed)
        west = (rng.random(n_samples) < 0.4).astype(int)
        counts = np.sum([self._haplotypes(west, rng) for _ in range(2)], axis=0, dtype=np.int8)
        spread = np.sqrt(2 * self.frequencies.mean(0) * (1 - self.frequencies.mean(0)))
        value = (counts - 2 * self.frequencies.mean(0)) / spread @ self.effects
        liability = value + rng.standard_normal(n_samples) * np.sqrt(1 - (self.effects**2).sum())
        samples = pd.DataFrame(
            {
                "iid": [f"{part}{seed}_{i}" for i in range(n_samples)],
                "part": part,
                "disease": (liability > 0.674).astype(float),
                "height": liability,
                "ancestry": np.array(["east", "west"])[west],
            }
        )
        return Genotypes(counts, samples, self.variants())

    def variants(self) -> pd.DataFrame:
        """Name the variants."""
        return pd.DataFrame(
            {
                "chromosome": self.chromosomes,
                "position_bp": self.positions_bp,
                "id": [f"rs{i}" for i in range(len(self.positions_bp))],
                "ref": "A",
                "alt": "G",
            }
        )

    def _haplotypes(
        self, population: NDArray[np.intp], rng: np.random.Generator
    ) -> NDArray[np.bool_]:
        # AR(1) along each chromosome: correlation halves every 100 kb
        gap_kb = np.diff(self.positions_bp, prepend=0) / 1000
        new = np.diff(self.chromosomes, prepend=0) != 0
        decay = np.where(new, 0, 0.5 ** (np.abs(gap_kb) / 100))
        noise = rng.standard_normal((len(population), len(decay)), dtype=np.float32)
        latent = np.zeros_like(noise)
        for j, rho in enumerate(decay):
            latent[:, j] = np.sqrt(1 - rho**2) * noise[:, j] + rho * latent[:, j - 1]
        return latent < norm.ppf(self.frequencies)[population].astype(np.float32)


def population(
    n_variants: int = 200, *, n_chromosomes: int = 10, seed: int = 0, fst: float = 0.02
) -> Population:
    """Frequencies by the Balding–Nichols model, a fifth of the variants causal."""
    rng = np.random.default_rng(seed)
    ancestral = rng.uniform(0.1, 0.9, n_variants)
    shape = (1 - fst) / fst
    frequencies = rng.beta(ancestral * shape, (1 - ancestral) * shape, (2, n_variants))
    effects = rng.standard_normal(n_variants) * (rng.random(n_variants) < 0.2)
    chromosomes = np.sort(np.arange(n_variants) % n_chromosomes) + 1
    gaps_bp = rng.integers(5_000, 200_000, n_variants)
    return Population(
        frequencies=frequencies.clip(0.03, 0.97),
        positions_bp=np.concatenate(
            [gaps_bp[chromosomes == c].cumsum() for c in np.unique(chromosomes)]
        ),
        chromosomes=chromosomes,
        effects=effects * np.sqrt(0.5 / (effects**2).sum()),
    )


def shuffled_columns(people: Genotypes, seed: int) -> Genotypes:
    """Destroy LD and keep everything else: each column permuted among cases, among controls."""
    rng = np.random.default_rng(seed)
    counts = people.counts.copy()
    status = people.samples["disease"].to_numpy()
    for rows in (np.flatnonzero(status == 0), np.flatnonzero(status == 1)):
        for column in counts.T:
            column[rows] = column[rng.permutation(rows)]
    return replace(people, counts=counts)


def with_missing_calls(people: Genotypes, seed: int, *, share: float = 0.02) -> Genotypes:
    """Lose some calls at random."""
    lost = np.random.default_rng(seed).random(people.counts.shape) < share
    return replace(people, counts=np.where(lost, np.int8(MISSING), people.counts))


def with_swapped_alleles(people: Genotypes) -> Genotypes:
    """Count the other allele of every second variant."""
    counts = people.counts.copy()
    counts[:, ::2] = np.where(counts[:, ::2] == MISSING, MISSING, 2 - counts[:, ::2])
    return replace(people, counts=counts)


def swapped_alleles(comparison: Comparison) -> Comparison:
    """Count the other allele of every second variant, in all three sets."""
    return replace(
        comparison,
        train=with_swapped_alleles(comparison.train),
        holdout=with_swapped_alleles(comparison.holdout),
        synthetic=with_swapped_alleles(comparison.synthetic),
    )


def shuffled_people(comparison: Comparison, seed: int) -> Comparison:
    """List the people of all three sets in another order."""
    rng = np.random.default_rng(seed)

    def shuffle(people: Genotypes) -> Genotypes:
        return people.take(rng.permutation(len(people.samples)))

    return replace(
        comparison,
        train=shuffle(comparison.train),
        holdout=shuffle(comparison.holdout),
        synthetic=shuffle(comparison.synthetic),
    )


def plink2_table(people: Genotypes, folder: Path, *command: str, suffix: str) -> pd.DataFrame:
    """Run plink2 on these people and read the table it writes."""
    calls = np.array(["0/0", "0/1", "1/1", "./."])[people.counts]  # −1 is the last
    lines = ["##fileformat=VCFv4.2"]
    header = ["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT"]
    lines.append("\t".join([*header, *people.samples["iid"]]))
    variants = people.variants[["chromosome", "position_bp", "id", "ref", "alt"]].astype(str)
    for variant, column in zip(variants.to_numpy(), calls.T, strict=True):
        lines.append("\t".join([*variant, ".", ".", ".", "GT", *column]))
    (folder / "people.vcf").write_text("\n".join(lines) + "\n")
    arguments = ["plink2", "--vcf", "people.vcf", "--double-id", *command, "--out", "people"]
    subprocess.run(arguments, cwd=folder, check=True, capture_output=True)
    return pd.read_csv(folder / f"people.{suffix}", sep="\t")
