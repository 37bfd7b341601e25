"""Joint genotype frequencies of three neighbouring variants, beyond what each shows alone."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genosynth.data.genotypes import MISSING
from genosynth.evaluation.agreement import finite_pearson, ratio
from genosynth.evaluation.comparison import Comparison, chunks
from genosynth.evaluation.estimates import CORRELATION, N_GROUPS, Estimate, in_group, jackknife

N_CELLS = 27  # genotypes 0, 1, 2 of three variants, unphased

Cells = NDArray[np.float64]  # (n_windows, 27)


def compare_haplotypes(comparison: Comparison) -> dict[str, Estimate]:
    """Correlate the excess f_abc − f_a f_b f_c of synthetic and training people over windows.

    The correlation of the raw frequencies f_abc is near 1 by the marginals alone.
    """
    starts = window_starts(comparison.train.variants)
    counts = comparison.synthetic.counts
    train = excess_frequencies(count_cells(comparison.train.counts, starts))
    whole = count_cells(counts, starts)

    def statistic(cells: Cells) -> dict[str, float]:
        synthetic = excess_frequencies(cells)
        return {"haplotype_pearson": finite_pearson(synthetic.ravel(), train.ravel())}

    groups = (counts[in_group(len(counts), group)] for group in range(N_GROUPS))
    usable = np.isfinite(excess_frequencies(whole) + train).all(axis=1)
    return jackknife(
        statistic(whole),
        [statistic(whole - count_cells(group, starts)) for group in groups],
        counted={"haplotype_pearson": int(usable.sum())},
        limits={"haplotype_pearson": CORRELATION},
    )


def window_starts(variants: pd.DataFrame) -> NDArray[np.intp]:
    """First variants of the windows of three that lie on one chromosome."""
    chromosome = variants["chromosome"].to_numpy()
    return np.flatnonzero(chromosome[:-2] == chromosome[2:])


def count_cells(counts: NDArray[np.int8], starts: NDArray[np.intp]) -> Cells:
    """Count people with each combination of three genotypes, among those called at all three."""
    totals = np.zeros(len(starts) * N_CELLS)
    first_cells = np.arange(len(starts)) * N_CELLS
    for chunk in chunks(counts):
        left, middle, right = (chunk[:, starts + offset].astype(np.intp) for offset in range(3))
        called = (left != MISSING) & (middle != MISSING) & (right != MISSING)
        cells = left * 9 + middle * 3 + right + first_cells
        totals += np.bincount(cells[called], minlength=len(totals))
    return totals.reshape(-1, N_CELLS)


def excess_frequencies(cells: Cells) -> Cells:
    """f_abc − f_a f_b f_c of each window; NaN where nobody is called."""
    cube = cells.reshape(-1, 3, 3, 3)
    joint = ratio(cube, cube.sum(axis=(1, 2, 3), keepdims=True))
    first, second, third = (joint.sum(axis=axes) for axes in ((2, 3), (1, 3), (1, 2)))
    expected = np.einsum("wa,wb,wc->wabc", first, second, third)
    return np.asarray((joint - expected).reshape(-1, N_CELLS))
