"""Common factors of variants on different chromosomes: population structure and kinship."""

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh

N_ROUNDS = 5


def spanning_factors(
    correlation: NDArray[np.float64],
    across: NDArray[np.bool_],
    *,
    noise_edge: float,
    max_factors: int,
) -> NDArray[np.float64]:
    """Loadings (n_factors, n_variants) that explain the correlations of `across` pairs only.

    Principal factors: the other pairs, whose LD must not count, are filled with what the factors
    say, in rounds. Eigenvalues λ up to `noise_edge` are noise; larger ones shrink to √(λ² − edge²),
    which is best in squared error for a signal in symmetric noise (Nadakuditi 2014).
    """
    n_variants = len(correlation)
    by_factors = np.zeros_like(correlation)
    loadings = np.zeros((0, n_variants))
    for _ in range(N_ROUNDS if max_factors else 0):
        values, vectors = eigh(
            np.where(across, correlation, by_factors),
            subset_by_index=(max(n_variants - max_factors, 0), n_variants - 1),
        )
        stand_out = values > noise_edge
        strength = (values[stand_out] ** 2 - noise_edge**2) ** 0.25
        loadings = (vectors[:, stand_out] * strength).T
        by_factors = loadings.T @ loadings
    return loadings


def largest_eigenvalue(correlation: NDArray[np.float64], across: NDArray[np.bool_]) -> float:
    """Of the correlations of `across` pairs."""
    last = len(correlation) - 1
    largest = eigh(
        np.where(across, correlation, 0), eigvals_only=True, subset_by_index=(last, last)
    )
    return float(largest[0])


def shuffled_across(
    counts: NDArray[np.int8],
    group: NDArray[np.intp],
    chromosomes: NDArray[np.int64],
    generator: np.random.Generator,
) -> NDArray[np.int8]:
    """Shuffle people within their groups, each chromosome apart: LD stays, structure goes."""
    shuffled = np.empty_like(counts)
    members = np.argsort(group, kind="stable")
    for chromosome in np.unique(chromosomes):
        source = np.empty(len(group), np.intp)
        source[members] = np.lexsort((generator.random(len(group)), group))
        columns = np.flatnonzero(chromosomes == chromosome)
        shuffled[:, columns] = counts[source[:, None], columns]
    return shuffled
