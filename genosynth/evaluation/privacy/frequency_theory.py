"""What allele frequencies are expected to give away, though a generator remembers nobody.

Training people pull the released frequencies to themselves. How far an attacker gets by that is
known in closed form from the numbers of people and of independent variants.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from genosynth.data.genotypes import MISSING
from genosynth.evaluation.agreement import ratio
from genosynth.evaluation.privacy.attacker import Stratum

N_PEOPLE = 2048  # whose genotypes measure linkage disequilibrium
BLOCK = 1024

Counts = NDArray[np.int8]
Mask = NDArray[np.bool_]
Values = NDArray[np.float64]


@dataclass(frozen=True)
class FrequencyTheory:
    """The likelihood ratio of allele frequencies against a faithful generator.

    m_effective: independent variants. The others are people of each class, (n_classes,); of a
    release of another size they may be fractions, and infinite.
    """

    m_effective: float
    n_targets: Values
    n_train: Values
    n_synthetic: Values
    n_reference: Values

    # Sankararaman et al. 2009: training people pull the released frequencies by 1/2n each; what
    # hides the pull is sampling noise of training people, release and reference panel.
    def separations(self) -> Values:
        """d′ between members and others of each class (n_classes,)."""
        people = np.stack([self.n_train, self.n_synthetic, self.n_reference])
        noise = (1 / (2 * people)).sum(axis=0)
        return np.asarray(np.sqrt(2 * self.m_effective / noise) / (2 * self.n_train))

    def auc(self) -> float:
        """AUC, the mean over the targets; NaN without any."""
        return float(self._mean(ndtr(self.separations() / np.sqrt(2))[:, None])[0])

    def rates(self, false_alarms: Values) -> Values:
        """True positive rates (n,) at false positive ones (n,), which hold in each class."""
        return self._mean(ndtr(self.separations()[:, None] + ndtri(false_alarms)))

    def resized(self, *, rows: float = 1.0, variants: float = 1.0) -> "FrequencyTheory":
        """The same with so many times the rows released, and the independent variants."""
        return replace(
            self, n_synthetic=rows * self.n_synthetic, m_effective=variants * self.m_effective
        )

    def against_any_reference(self) -> "FrequencyTheory":
        """The same for an attacker whose reference panel has no end."""
        return replace(self, n_reference=np.full_like(self.n_reference, np.inf))

    def _mean(self, values: Values) -> Values:
        """Mean over targets of values by class (n_classes, n)."""
        total = self.n_targets.sum()
        return np.asarray(self.n_targets @ values / total if total else values[0] * np.nan)


def theory_of(
    strata: list[Stratum], m_effective: float, *, among: Mask | None = None
) -> FrequencyTheory:
    """Count the people of each class; `among` the targets only these."""
    counted = among if among is not None else np.True_
    return FrequencyTheory(
        m_effective,
        n_targets=np.array([(each.targets & counted).sum() for each in strata], float),
        n_train=np.array([max(each.n_train, 1) for each in strata], float),
        n_synthetic=np.array([each.synthetic.sum() for each in strata], float),
        n_reference=np.array([each.reference.sum() for each in strata], float),
    )


def effective_variants(counts: Counts, groups: NDArray[np.intp]) -> float:
    """Independent variants that would give an attack as much: m² / Σ r², bias taken off.

    r is the correlation of two variants within groups; the sum of r² over pairs of variants equals
    one over pairs of people, which is cheap for large panels. NaN without variation.
    """
    every = slice(None, None, -(-len(counts) // N_PEOPLE) or 1)
    standard = _standardised(counts[every], groups[every])
    n, m = standard.shape
    degrees = n - len(np.unique(groups[every]))
    if degrees < 2 or not m:
        return float("nan")
    blocks = [standard[start : start + BLOCK] for start in range(0, n, BLOCK)]
    squares = sum(
        float(((left @ right.T) ** 2).sum(dtype=np.float64)) for left in blocks for right in blocks
    )
    by_chance = m * (m - 1) / degrees  # of pairs of different variants
    return float(m**2 / max(squares / n**2 - by_chance, m))


def _standardised(counts: Counts, groups: NDArray[np.intp]) -> NDArray[np.float32]:
    """Dosages of mean 0 in each group and variance 1; a missing call lies at the mean."""
    called = counts != MISSING
    dosage = np.where(called, counts, 0).astype(np.float32)
    for group in np.unique(groups):
        rows = groups == group
        mean = ratio(dosage[rows].sum(axis=0), called[rows].sum(axis=0), otherwise=0.0)
        dosage[rows] -= mean * called[rows]
    spread = np.sqrt((dosage**2).mean(axis=0, dtype=np.float64))
    varies = spread > 1e-6
    return np.asarray(dosage[:, varies] / spread[varies].astype(np.float32))
