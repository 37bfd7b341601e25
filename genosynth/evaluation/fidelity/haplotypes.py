"""Joint genotype frequencies of three neighbouring variants, beyond what each shows alone."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genosynth.data.genotypes import MISSING
from genosynth.evaluation.agreement import finite_pearson, ratio
from genosynth.evaluation.comparison import Comparison, chunks
from genosynth.evaluation.estimates import Estimate, block_jackknife, genome_blocks

N_CELLS = 27  # genotypes 0, 1, 2 of three variants, unphased


def compare_haplotypes(comparison: Comparison) -> dict[str, Estimate]:
    """Correlate the excess f_abc − f_a f_b f_c of synthetic and training people over windows.

    The correlation of the raw frequencies f_abc is near 1 by the marginals alone.
    """
    starts = window_starts(comparison.train.variants)
    blocks = genome_blocks(comparison.train.variants)
    train = excess_frequencies(comparison.train.counts, starts)
    synthetic = excess_frequencies(comparison.synthetic.counts, starts)
    estimate = block_jackknife(
        lambda keep: finite_pearson(synthetic[keep].ravel(), train[keep].ravel()),
        blocks[starts],
        blocks[starts + 2],
        limits=(-1.0, 1.0),
    )
    return {"haplotype_pearson": estimate}


def window_starts(variants: pd.DataFrame) -> NDArray[np.intp]:
    """First variants of the windows of three that lie on one chromosome."""
    chromosome = variants["chromosome"].to_numpy()
    return np.flatnonzero(chromosome[:-2] == chromosome[2:])


def excess_frequencies(counts: NDArray[np.int8], starts: NDArray[np.intp]) -> NDArray[np.float64]:
    """f_abc − f_a f_b f_c of people called at all three, (n_windows, 27); NaN without any."""
    totals = np.zeros(len(starts) * N_CELLS)
    for chunk in chunks(counts):
        left, middle, right = (chunk[:, starts + offset].astype(np.intp) for offset in range(3))
        called = (left != MISSING) & (middle != MISSING) & (right != MISSING)
        cells = (left * 9 + middle * 3 + right) + np.arange(len(starts)) * N_CELLS
        totals += np.bincount(cells[called], minlength=len(totals))
    cube = totals.reshape(-1, 3, 3, 3)
    n = cube.sum(axis=(1, 2, 3), keepdims=True)
    joint = ratio(cube, n)
    first, second, third = (joint.sum(axis=axes) for axes in ((2, 3), (1, 3), (1, 2)))
    expected = np.einsum("wa,wb,wc->wabc", first, second, third)
    return np.asarray((joint - expected).reshape(-1, N_CELLS))
