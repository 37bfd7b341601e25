"""The latent covariance of neighbours whose dosages correlate as those of real people do."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from genosynth.training.latent_correlation import value_and_slope

MOST_LINKED = 2048  # variants of one matrix: fitting holds two dozen of them in double precision
REACH = 100  # variants on either side of a cut whose correlations it would sever
MAX_ITERATIONS = 40
TOLERANCE = 1e-6  # relative decrease of the loss at which fitting stops
LEAST_EIGENVALUE = 1e-4  # of the matrix that fitting starts from


@dataclass(frozen=True)
class LinkageTarget:
    """What the latent covariance of one block must explain, pair by pair (first < second).

    variance: (n_variants,) its diagonal.
    first, second: (n_pairs,) variants of each pair.
    correlations: (n_pairs,) of dosages, the target.
    series: (n_terms, n_pairs) dosage correlation in powers of the latent correlation.
    fixed, scale: (n_pairs,) the latent correlation is fixed + scale · covariance.
    """

    variance: NDArray[np.float64]
    first: NDArray[np.intp]
    second: NDArray[np.intp]
    correlations: NDArray[np.float32]
    series: NDArray[np.float32]
    fixed: NDArray[np.float32]
    scale: NDArray[np.float32]


def blocks_of_neighbours(correlations: NDArray[np.float64]) -> list[slice]:
    """Blocks of at most `MOST_LINKED` variants of a chromosome, cut where they are linked least.

    correlations: (n_variants, n_variants). A block is at least half as long, unless it is the last.
    """
    blocks, start = [], 0
    while len(correlations) - start > MOST_LINKED:
        cuts = range(start + MOST_LINKED // 2, start + MOST_LINKED + 1)
        severed = [
            np.square(correlations[max(cut - REACH, start) : cut, cut : cut + REACH]).sum()
            for cut in cuts
        ]
        blocks.append(slice(start, cuts[int(np.argmin(severed))]))
        start = blocks[-1].stop
    return [*blocks, slice(start, len(correlations))]


def fit_root(target: LinkageTarget) -> NDArray[np.float64]:
    """Root of the covariance matrix that comes closest to the target in least squares.

    Fitting the root (Burer & Monteiro 2003) keeps the covariance positive at no cost. The usual
    recipe, inverting each pair and repairing the matrix afterwards, loses a third of the LD of a
    dense region, since pairs with an absent haplotype ask for latent correlations near ±1.
    """
    start = _starting_root(target)
    fitted = minimize(
        lambda root: _loss(root.reshape(start.shape), target),
        start.ravel(),
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": MAX_ITERATIONS, "ftol": TOLERANCE},
    )
    return _scaled(fitted.x.reshape(start.shape), target.variance)


def _starting_root(target: LinkageTarget) -> NDArray[np.float64]:
    """First order of the series, with positive eigenvalues."""
    latent = np.clip(target.correlations / target.series[0], -1, 1)
    covariance = np.diag(target.variance)
    covariance[target.first, target.second] = (latent - target.fixed) / target.scale
    values, vectors = np.linalg.eigh(covariance, UPLO="U")
    root: NDArray[np.float64] = vectors * np.sqrt(np.maximum(values, LEAST_EIGENVALUE))
    return root


def _scaled(root: NDArray[np.float64], variance: NDArray[np.float64]) -> NDArray[np.float64]:
    """The root, its rows scaled to these variances."""
    scaled: NDArray[np.float64] = root * np.sqrt(variance / (root**2).sum(axis=1))[:, None]
    return scaled


def _loss(root: NDArray[np.float64], target: LinkageTarget) -> tuple[float, NDArray[np.float64]]:
    """Sum of squared errors of dosage correlations, and its gradient (flat)."""
    scaled = _scaled(root, target.variance)
    covariance = (scaled @ scaled.T)[target.first, target.second].astype(np.float32)
    values, slopes = value_and_slope(target.series, target.fixed + target.scale * covariance)
    errors = values - target.correlations

    gradient = np.zeros((len(root), len(root)))
    gradient[target.first, target.second] = 2 * errors * slopes * target.scale
    by_scaled = (gradient + gradient.T) @ scaled
    unit = root / np.linalg.norm(root, axis=1, keepdims=True)
    along = (by_scaled * unit).sum(axis=1, keepdims=True) * unit  # the scaling undoes this part
    by_root = (by_scaled - along) * np.sqrt(target.variance / (root**2).sum(axis=1))[:, None]
    return float(np.square(errors, dtype=np.float64).sum()), by_root.ravel()
