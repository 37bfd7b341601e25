"""Hardy–Weinberg equilibrium: exact test of each variant, and the share that fails it."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln, logsumexp

from genosynth.evaluation.comparison import Sides
from genosynth.evaluation.estimates import Estimate, share_difference

P_VALUE = 1e-3
CHUNK = 64  # variants at a time


def compare_hardy_weinberg(sides: Sides) -> dict[str, Estimate]:
    """Share of variants out of equilibrium in synthetic people minus that in held-out people."""
    synthetic, holdout = (
        hwe_p_values(genotype_counts(side.counts)) for side in (sides.synthetic, sides.holdout)
    )
    tested = np.isfinite(synthetic) & np.isfinite(holdout)
    failing = [(p_values[tested] < P_VALUE).sum() for p_values in (synthetic, holdout)]
    n = int(tested.sum())
    return {"hwe_excess": share_difference(failing[0], failing[1], n=n, n_other=n)}


def genotype_counts(counts: NDArray[np.int8]) -> NDArray[np.intp]:
    """People with 0, 1 and 2 ALT copies, (n_variants, 3)."""
    return np.stack([(counts == copies).sum(axis=0) for copies in range(3)], axis=1)


def hwe_p_values(counts: NDArray[np.intp]) -> NDArray[np.float64]:
    """Exact p-value of each variant from its genotype counts (n_variants, 3); NaN if uncalled."""
    pieces = [hwe_p_values_of(counts[i : i + CHUNK]) for i in range(0, len(counts), CHUNK)]
    return np.concatenate([np.zeros(0), *pieces])


# Exact test of Wigginton, Cutler and Abecasis 2005: the probability of each number of heterozygotes
# given the allele counts, summed over those no likelier than the one observed.
def hwe_p_values_of(counts: NDArray[np.intp]) -> NDArray[np.float64]:
    """Exact p-values of a few variants, (n_variants, 3) → (n_variants,)."""
    n = counts.sum(axis=1, keepdims=True)
    rare = 2 * counts[:, [0, 2]].min(axis=1, keepdims=True) + counts[:, [1]]
    n_het = (rare % 2) + 2 * np.arange(rare.max(initial=0) // 2 + 1)  # (n_variants, n_outcomes)
    n_rare_hom = (rare - n_het) // 2
    possible = n_rare_hom >= 0
    n_rare_hom = np.maximum(n_rare_hom, 0)
    n_common_hom = np.maximum(n - n_het - n_rare_hom, 0)
    log_weight = n_het * np.log(2) - sum(
        gammaln(part + 1) for part in (n_het, n_rare_hom, n_common_hom)
    )
    log_weight = np.where(possible, log_weight, -np.inf)
    observed = log_weight[np.arange(len(counts)), counts[:, 1] // 2]
    extreme = log_weight <= observed[:, None] + 1e-8  # equal up to rounding
    chosen = np.where(extreme, log_weight, -np.inf)
    p_values = np.exp(logsumexp(chosen, axis=1) - logsumexp(log_weight, axis=1))
    return np.where(n[:, 0] > 0, np.minimum(p_values, 1.0), np.nan)
