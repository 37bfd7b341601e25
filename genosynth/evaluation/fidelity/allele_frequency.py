"""Marginals: allele and genotype frequencies of synthetic people against the training people.

Train is the target and stays as it is; the intervals resample the synthetic people (Poisson
weights of mean 1, which is the bootstrap for large n and lets people be read in chunks).
"""

from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genosynth.data.genotypes import Genotypes
from genosynth.evaluation.agreement import pearson, ratio
from genosynth.evaluation.comparison import Comparison, chunks
from genosynth.evaluation.estimates import Estimate

Frequencies = NDArray[np.float64]  # (…, 3, n_variants): shares of people with 0, 1, 2 ALT copies


def compare_frequencies(
    comparison: Comparison, *, n_bootstrap: int, seed: int
) -> dict[str, Estimate]:
    """Score the marginals; variants without a call on either side are left out."""
    train = genotype_frequencies(comparison.train)
    synthetic = genotype_frequencies(comparison.synthetic, n_resamples=n_bootstrap, seed=seed)
    called = np.isfinite(train).all(0) & np.isfinite(synthetic).all((0, 1))
    estimates = {}
    for metric, (statistic, limits) in MARGINALS.items():
        values = statistic(synthetic[..., called], train[..., called])
        estimates[metric] = Estimate.around(
            values[0], values[1:].std(), n=int(called.sum()), limits=limits
        )
    return estimates


def genotype_frequencies(
    genotypes: Genotypes, *, n_resamples: int | None = None, seed: int = 0
) -> Frequencies:
    """Shares of the called people with 0, 1 and 2 ALT copies, (3, n_variants); NaN if uncalled.

    n_resamples: give (1 + n_resamples, 3, n_variants), first of the people as they are.
    """
    rng = np.random.default_rng(seed)
    shape = (1 + (n_resamples or 0), 3, genotypes.counts.shape[1])
    totals = np.zeros(shape)
    for chunk in chunks(genotypes.counts):
        weights = rng.poisson(1, (shape[0], len(chunk))).astype(np.float32)
        weights[0] = 1
        carriers = chunk[:, None, :] == np.arange(3)[:, None]  # (n_people, 3, n_variants)
        flat = carriers.reshape(len(chunk), -1).astype(np.float32)
        totals += (weights @ flat).reshape(shape)
    called = totals.sum(axis=1, keepdims=True)
    shares = ratio(totals, called)
    return shares[0] if n_resamples is None else shares


def alt_frequency(frequencies: Frequencies) -> NDArray[np.float64]:
    """Frequency of the ALT allele, (…, n_variants)."""
    return np.asarray(frequencies[..., 1, :] / 2 + frequencies[..., 2, :])


def frequency_table(comparison: Comparison) -> pd.DataFrame:
    """ALT frequencies of the three sets, for the scatter plot."""
    sets = {"train": comparison.train, "holdout": comparison.holdout}
    sets |= {"synthetic": comparison.synthetic}
    columns = {name: alt_frequency(genotype_frequencies(people)) for name, people in sets.items()}
    return pd.DataFrame({"id": comparison.train.variants["id"]} | columns)


def _af_pearson(synthetic: Frequencies, train: Frequencies) -> NDArray[np.float64]:
    return pearson(alt_frequency(synthetic), alt_frequency(train))


def _af_rmse(synthetic: Frequencies, train: Frequencies) -> NDArray[np.float64]:
    return _rms(alt_frequency(synthetic) - alt_frequency(train), axes=(-1,))


def _genotype_rmse(synthetic: Frequencies, train: Frequencies) -> NDArray[np.float64]:
    return _rms(synthetic - train, axes=(-2, -1))


def _heterozygosity_slope(synthetic: Frequencies, train: Frequencies) -> NDArray[np.float64]:
    expected = train[1]
    total = float((expected**2).sum())
    return np.asarray(synthetic[:, 1] @ expected / (total or np.nan))


def _rms(differences: NDArray[np.float64], *, axes: tuple[int, ...]) -> NDArray[np.float64]:
    if not differences.shape[-1]:
        return np.full(len(differences), np.nan)
    return np.asarray(np.sqrt((differences**2).mean(axis=axes)))


Marginal = Callable[[Frequencies, Frequencies], NDArray[np.float64]]
MARGINALS: dict[str, tuple[Marginal, tuple[float, float]]] = {
    "af_pearson": (_af_pearson, (-1.0, 1.0)),
    "af_rmse": (_af_rmse, (0.0, np.inf)),
    "genotype_frequency_rmse": (_genotype_rmse, (0.0, np.inf)),
    "heterozygosity_slope": (_heterozygosity_slope, (0.0, np.inf)),
}
