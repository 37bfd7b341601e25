"""The Gaussian copula generator: genotype frequencies given the labels, joined by normal noise."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genosynth.models.folder import load_folder, save_folder
from genosynth.models.frequencies import GenotypeFrequencies
from genosynth.seeds import person_normals


@dataclass(frozen=True)
class CopulaModel:
    """Variants joined by correlated latent noise of unit variance, the same for every group.

    loadings: (n_factors, n_variants) factors that span chromosomes: structure no label tells.
    roots: for each chromosome, or block of one, (n_block, n_block), root @ root.T is the covariance
        of what the factors leave: LD.
    """

    frequencies: GenotypeFrequencies
    loadings: NDArray[np.float64]
    roots: tuple[NDArray[np.float64], ...]

    def sample(
        self, people: pd.DataFrame, *, person_ids: NDArray[np.intp], seed: int
    ) -> NDArray[np.int8]:
        """ALT copies (n_people, n_variants) of people with these labels."""
        n_factors, n_variants = self.loadings.shape
        normals = person_normals(seed, person_ids, n_factors + n_variants)
        noise = normals[:, :n_factors] @ self.loadings
        start = 0
        for root in self.roots:
            block = slice(start, start := start + len(root))
            noise[:, block] += normals[:, n_factors:][:, block] @ root.T
        return self.frequencies.counts(noise, people)


def save_copula(model: CopulaModel, folder: str | Path, *, variants: pd.DataFrame) -> None:
    """Write a model folder, all or nothing."""
    frequencies = model.frequencies
    roots = {f"root_{number}": root for number, root in enumerate(model.roots)}
    save_folder(
        folder,
        {**frequencies.arrays(), **roots, "loadings": model.loadings},
        generator="copula",
        labels=frequencies.labels,
        variants=variants,
    )


def load_copula(folder: str | Path, *, variants: pd.DataFrame) -> CopulaModel:
    """Read what `save_copula` wrote.

    Raises:
        ArtifactMismatch: it was fitted to another panel.
    """
    labels, arrays = load_folder(folder, generator="copula", variants=variants)
    loadings = arrays.pop("loadings")
    n_roots = sum(name.startswith("root_") for name in arrays)
    roots = tuple(arrays.pop(f"root_{number}") for number in range(n_roots))
    return CopulaModel(GenotypeFrequencies(labels, **arrays), loadings, roots)
