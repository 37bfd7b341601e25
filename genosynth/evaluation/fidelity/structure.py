"""Population structure: Fst and distance in a space of principal components, against holdout."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse.linalg import eigsh

from genosynth.data.genotypes import MISSING, Genotypes
from genosynth.evaluation.agreement import ratio
from genosynth.evaluation.comparison import Sides, chunks
from genosynth.evaluation.estimates import DISTANCE, N_GROUPS, Estimate, in_group, jackknife
from genosynth.evaluation.fidelity.allele_frequency import alt_frequency, genotype_frequencies

N_COMPONENTS = 10
PRUNED_R2 = 0.2  # of two variants in stronger LD the later one does not enter the PCA
N_SHOWN = 1500  # people of each set in the scatter plot


@dataclass(frozen=True)
class Components:
    """Principal axes and the scaling of dosages before they are projected."""

    mean: NDArray[np.float64]  # (n_variants,)
    scale: NDArray[np.float64]  # (n_variants,), 0 for a variant that is left out
    axes: NDArray[np.float64]  # (n_variants, n_components)

    def project(self, counts: NDArray[np.int8]) -> NDArray[np.float64]:
        """Scores of people, (n_samples, n_components); a missing call lies at the mean."""
        pieces = [self.standardise(chunk) @ self.axes for chunk in chunks(counts)]
        return np.concatenate([np.zeros((0, self.axes.shape[1])), *pieces])

    def standardise(self, counts: NDArray[np.int8]) -> NDArray[np.float32]:
        """Dosages in Hardy–Weinberg standard deviations from the mean."""
        centred = np.where(counts == MISSING, 0, counts - self.mean)
        return (centred * self.scale).astype(np.float32)


def fit_components(
    people: Genotypes, *, used: NDArray[np.bool_], n_components: int = N_COMPONENTS
) -> Components:
    """Principal components of the dosages of the variants in a mask."""
    mean = 2 * alt_frequency(genotype_frequencies(people))
    variance = mean * (1 - mean / 2)  # 2pq
    used = used & (variance > 0)  # false for NaN, too: a variant nobody is called at
    n_components = min(n_components, int(used.sum()) - 1, len(people.samples) - 1)
    scale = ratio(1.0, np.sqrt(np.where(used, variance, 0)), otherwise=0.0)
    empty = Components(np.nan_to_num(mean), scale, np.zeros((len(mean), 0)))
    if n_components < 1:
        return empty
    covariance = np.zeros((int(used.sum()),) * 2)
    for chunk in chunks(people.counts):
        standard = empty.standardise(chunk)[:, used]
        covariance += standard.T @ standard
    start = np.full(len(covariance), len(covariance) ** -0.5)  # eigsh would draw one at random
    axes = np.zeros((len(mean), n_components))
    axes[used] = eigsh(covariance / len(people.samples), k=n_components, v0=start)[1][:, ::-1]
    return Components(empty.mean, scale, axes)


def pruned(correlation: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Keep, in genomic order, each variant with r² ≤ 0.2 to all those kept before it."""
    linked = correlation**2 > PRUNED_R2
    kept = np.zeros(len(linked), bool)
    for j in range(len(linked)):
        kept[j] = not (linked[j, :j] & kept[:j]).any()
    return kept


def unlinked_variants(
    correlation: NDArray[np.float64], kept: NDArray[np.intp], *, n_variants: int
) -> NDArray[np.bool_]:
    """Mask of a panel's variants in linkage equilibrium.

    correlation: of the variants at the positions `kept`; the others count as linked.
    """
    unlinked = np.zeros(n_variants, bool)
    unlinked[kept[pruned(correlation)]] = True
    return unlinked


def compare_structure(sides: Sides, components: Components) -> dict[str, Estimate]:
    """Score the distance in PC space and Fst; components come from the training people."""
    synthetic, holdout = (
        components.project(side.counts) for side in (sides.synthetic, sides.holdout)
    )

    def statistics(kept: NDArray[np.bool_]) -> dict[str, float]:
        left, right = (side.take(kept) for side in (sides.synthetic, sides.holdout))
        return {
            "pca_distance": frechet_distance(synthetic[kept], holdout[kept]),
            "fst": hudson_fst(
                alt_frequency(genotype_frequencies(left)),
                alt_frequency(genotype_frequencies(right)),
                n_left=_n_called(left),
                n_right=_n_called(right),
            ),
        }

    called = [_n_called(side) > 0 for side in (sides.synthetic, sides.holdout)]
    return jackknife(
        statistics(np.ones(sides.n, bool)),
        [statistics(~in_group(sides.n, group)) for group in range(N_GROUPS)],
        counted={"pca_distance": sides.n, "fst": int((called[0] & called[1]).sum())},
        limits={"pca_distance": DISTANCE},
    )


def frechet_distance(left: NDArray[np.float64], right: NDArray[np.float64]) -> float:
    """‖μ₁−μ₂‖² + tr(Σ₁ + Σ₂ − 2(Σ₁Σ₂)^½), divided by tr Σ₂; NaN without people or variance."""
    if min(len(left), len(right)) < 2 or not left.shape[1]:
        return float("nan")
    first, second = (np.atleast_2d(np.cov(side, rowvar=False)) for side in (left, right))
    shift = left.mean(axis=0) - right.mean(axis=0)
    # the product of two covariances has real eigenvalues ≥ 0
    shared = np.sqrt(np.maximum(np.linalg.eigvals(first @ second).real, 0)).sum()
    total = float(np.trace(second))
    return float((shift @ shift + np.trace(first + second) - 2 * shared) / total)


# Hudson, Slatkin and Maddison 1992, as ratio of sums (Bhatia et al. 2013): expectation 0 for two
# samples of one population.
def hudson_fst(
    left: NDArray[np.float64],
    right: NDArray[np.float64],
    *,
    n_left: NDArray[np.intp] | int,
    n_right: NDArray[np.intp] | int,
) -> float:
    """Fst of two groups from their ALT frequencies, NaN where nobody is called.

    n_left, n_right: people called at each variant, (n_variants,), or at all of them.
    """
    noise = left * (1 - left) / (2 * n_left - 1) + right * (1 - right) / (2 * n_right - 1)
    excess = float(np.nansum((left - right) ** 2 - noise))
    between = float(np.nansum(left * (1 - right) + right * (1 - left)))
    return excess / between if between > 0 else float("nan")


def _n_called(people: Genotypes) -> NDArray[np.intp]:
    return np.asarray((people.counts != MISSING).sum(axis=0))


def component_table(sides: Sides, components: Components) -> pd.DataFrame:
    """First two PC scores of held-out and synthetic people, for the scatter plot."""
    sets = {"holdout": sides.holdout, "synthetic": sides.synthetic}
    shown = {name: people.take(np.arange(min(sides.n, N_SHOWN))) for name, people in sets.items()}
    tables = []
    for name, people in shown.items():
        scores = np.zeros((len(people.samples), 2))
        projected = components.project(people.counts)[:, :2]
        scores[:, : projected.shape[1]] = projected
        tables.append(pd.DataFrame({"set": name, "pc1": scores[:, 0], "pc2": scores[:, 1]}))
    return pd.concat(tables, ignore_index=True)
