"""The independent-sites generator: genotype frequencies given the labels, no LD."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genosynth.models.folder import load_folder, save_folder
from genosynth.models.frequencies import GenotypeFrequencies
from genosynth.seeds import person_normals


@dataclass(frozen=True)
class IndependentModel:
    """Every variant drawn on its own, given the labels."""

    frequencies: GenotypeFrequencies

    def sample(
        self, people: pd.DataFrame, *, person_ids: NDArray[np.intp], seed: int
    ) -> NDArray[np.int8]:
        """ALT copies (n_people, n_variants) of people with these labels."""
        noise = person_normals(seed, person_ids, self.frequencies.n_variants)
        return self.frequencies.counts(noise, people)

    def nats(self, counts: NDArray[np.int8], people: pd.DataFrame) -> NDArray[np.float64]:
        """Negative log-likelihood (n_people,) of ALT copies (n_people, n_variants)."""
        nats: NDArray[np.float64] = self.frequencies.nats(counts, people).sum(axis=1)
        return nats


def save_independent(
    model: IndependentModel, folder: str | Path, *, variants: pd.DataFrame
) -> None:
    """Write a model folder, all or nothing."""
    frequencies = model.frequencies
    save_folder(
        folder,
        frequencies.arrays(),
        generator="independent",
        labels=frequencies.labels,
        variants=variants,
    )


def load_independent(folder: str | Path, *, variants: pd.DataFrame) -> IndependentModel:
    """Read what `save_independent` wrote.

    Raises:
        ArtifactMismatch: it was fitted to another panel.
    """
    labels, arrays = load_folder(folder, generator="independent", variants=variants)
    return IndependentModel(GenotypeFrequencies(labels, **arrays))
