"""Small cohorts of known truth: two populations, haplotypes with LD, a trait."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import norm

from genosynth.data.genotypes import Genotypes
from genosynth.data.labels import Label

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
        latent = np.empty_like(noise)
        for j, rho in enumerate(decay):
            latent[:, j] = np.sqrt(1 - rho**2) * noise[:, j] + (rho and rho * latent[:, j - 1])
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
    """Destroy LD and keep everything else: each column permuted within disease status."""
    rng = np.random.default_rng(seed)
    counts = people.counts.copy()
    status = people.samples["disease"].to_numpy()
    for rows in (np.flatnonzero(status == 0), np.flatnonzero(status == 1)):
        for j in range(counts.shape[1]):
            counts[rows, j] = counts[rng.permutation(rows), j]
    return Genotypes(counts, people.samples, people.variants)
