"""People with known structure: AR(1) haplotypes, two chromosomes, labels that act on genotypes."""

import numpy as np
import pandas as pd
from scipy.special import ndtri

from genosynth.data.genotypes import MISSING, Genotypes
from genosynth.data.labels import Label, describe_label

N_VARIANTS = 40  # on each of two chromosomes
NEIGHBOUR = 0.8  # correlation of the normal values behind neighbouring variants of a haplotype


def chained_people(
    n_people: int, *, kind: str, seed: int = 1, effect: float = 0.15, missing: float = 0.01
) -> tuple[Genotypes, list[Label]]:
    """Two haplotypes a person; the trait shifts every third variant, ancestry all of them."""
    generator = np.random.default_rng(seed)
    ancestry = generator.choice(["north", "south"], n_people, p=[0.7, 0.3])
    trait = generator.normal(size=n_people)
    trait = (trait > 0.8).astype(float) if kind == "binary" else np.exp(0.3 * trait) * 4
    centred = (trait - trait.mean()) / trait.std()

    n_variants = 2 * N_VARIANTS
    frequency = generator.uniform(0.1, 0.9, n_variants)
    drift = generator.normal(0, 0.3, n_variants) * (ancestry == "south")[:, None]
    shift = drift + effect * centred[:, None] * (np.arange(n_variants) % 3 == 0)
    haplotypes = [chain(n_people, generator) + shift > -ndtri(frequency) for _ in range(2)]
    counts = np.sum(haplotypes, axis=0).astype(np.int8)
    counts[generator.random(counts.shape) < missing] = MISSING

    samples = pd.DataFrame({"iid": [f"person{i:06d}" for i in range(n_people)], "part": "train"})
    samples["trait"] = trait
    samples["ancestry"] = ancestry
    samples.loc[generator.random(n_people) < 0.02, "ancestry"] = None
    return Genotypes(counts, samples, variants()), [
        describe_label(samples["trait"], role="trait", kind=kind),
        describe_label(samples["ancestry"], role="condition", kind="categorical"),
    ]


def chain(n_people: int, generator: np.random.Generator) -> np.ndarray:
    """Stationary AR(1) along each chromosome (n_people, n_variants), started afresh on each."""
    values = generator.normal(size=(n_people, 2 * N_VARIANTS))
    for site in range(1, 2 * N_VARIANTS):
        if site != N_VARIANTS:
            values[:, site] *= np.sqrt(1 - NEIGHBOUR**2)
            values[:, site] += NEIGHBOUR * values[:, site - 1]
    return values


def variants() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "chromosome": np.repeat([1, 2], N_VARIANTS),
            "position_bp": np.tile(np.arange(N_VARIANTS) * 1000 + 1, 2),
            "id": [f"v{number}" for number in range(2 * N_VARIANTS)],
            "ref": "A",
            "alt": "G",
        }
    )


def dosages(counts: np.ndarray) -> np.ndarray:
    """Missing calls replaced by the variant's mean."""
    known = np.where(counts >= 0, counts, np.nan).astype(float)
    return np.where(np.isnan(known), np.nanmean(known, axis=0), known)


def effect_slope(synthetic: np.ndarray, real: np.ndarray, trait: np.ndarray) -> float:
    """Regression through the origin of synthetic on real effects of the trait."""
    centred = trait - trait.mean()
    of_synthetic, of_real = dosages(synthetic).T @ centred, dosages(real).T @ centred
    return float(of_synthetic @ of_real / (of_real @ of_real))
