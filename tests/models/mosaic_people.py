"""People of one dense region: haplotypes copied from a few founders, as in Li & Stephens 2003."""

import numpy as np
import pandas as pd

from genosynth.data.genotypes import Genotypes
from genosynth.models.clusters import HaplotypeClusters

N_SITES, N_FOUNDERS = 40, 6
RECOMBINATION, MUTATION = 0.03, 0.01  # probabilities at each site


def mosaic_people(n_people: int, *, seed: int) -> Genotypes:
    """The founders are the same for every seed; who copies whom differs."""
    of_founders, generator = founders(), np.random.default_rng(seed)
    copied = generator.integers(N_FOUNDERS, size=(n_people, 2))
    counts = np.empty((n_people, N_SITES), np.int8)
    for site in range(N_SITES):
        switches = generator.random(copied.shape) < RECOMBINATION
        copied = np.where(switches, generator.integers(N_FOUNDERS, size=copied.shape), copied)
        alleles = of_founders[copied, site] ^ (generator.random(copied.shape) < MUTATION)
        counts[:, site] = alleles.sum(axis=1)
    variants = pd.DataFrame(
        {
            "chromosome": 1,
            "position_bp": np.arange(N_SITES) * 1000 + 1,
            "id": [f"v{number}" for number in range(N_SITES)],
            "ref": "A",
            "alt": "G",
        }
    )
    people = [f"person{number:06d}" for number in range(n_people)]
    return Genotypes(counts, pd.DataFrame({"iid": people, "part": "train"}), variants)


def true_mosaic() -> HaplotypeClusters:
    """The model behind `mosaic_people`: each founder is a cluster."""
    alt = np.where(founders(), 1 - MUTATION, MUTATION).T
    stay = np.where(np.arange(N_SITES) == 0, 0, 1 - RECOMBINATION)
    return HaplotypeClusters(stay, np.full((1, *alt.shape), 1 / N_FOUNDERS), alt)


def founders() -> np.ndarray:
    """ALT alleles (n_founders, n_sites)."""
    return np.random.default_rng(0).random((N_FOUNDERS, N_SITES)) < 0.4
