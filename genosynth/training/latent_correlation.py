"""What correlations of latent normal values make of the dosages cut from them."""

import numpy as np
from numpy.typing import NDArray

N_TERMS = 24  # of the series: exact to 1e-3 of the covariance up to |ρ| = 0.9
CHUNK_OF_PAIRS = 50000  # bounds memory


def hermite_coefficients(
    thresholds: NDArray[np.float64], group_share: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Coefficients (n_terms, n_groups, n_variants) of dosage in normalised Hermite polynomials.

    Term m is √share · Σ_a φ(t_a) He_{m−1}(t_a) / √m!. Two dosages whose latent values correlate by
    ρ have covariance Σ_m ρ^m Σ_groups h_m h'_m: the tetrachoric series (Pearson 1900), summed over
    thresholds and groups.
    """
    density = np.exp(-(thresholds**2) / 2) / np.sqrt(2 * np.pi)
    before, polynomial = np.zeros_like(thresholds), density  # He_m / √m!, times the density
    terms = []
    for m in range(1, N_TERMS + 1):
        terms.append(polynomial.sum(axis=1) * np.sqrt(group_share / m)[:, None])
        following = (thresholds * polynomial - np.sqrt(m - 1) * before) / np.sqrt(m)
        before, polynomial = polynomial, following
    return np.stack(terms)


def pair_series(
    coefficients: NDArray[np.float64], first: NDArray[np.intp], second: NDArray[np.intp]
) -> NDArray[np.float32]:
    """Series (n_terms, n_pairs) of the dosage covariance of pairs in powers 1, 2, … of ρ."""
    series = np.empty((len(coefficients), len(first)), np.float32)
    for start in range(0, len(first), CHUNK_OF_PAIRS):
        pairs = slice(start, start + CHUNK_OF_PAIRS)
        series[:, pairs] = np.einsum(
            "mgp,mgp->mp", coefficients[:, :, first[pairs]], coefficients[:, :, second[pairs]]
        )
    return series


def value_and_slope(
    series: NDArray[np.float32], latent: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Covariance (n_pairs,) at these latent correlations, and its derivative (Horner's rule)."""
    value, slope = np.zeros_like(latent), np.zeros_like(latent)
    for term in series[::-1]:
        slope = slope * latent + value
        value = value * latent + term
    return value * latent, slope * latent + value
