"""Effect of each variant on a trait, by one plain model.

Effect = Cov(g, y) / Var(y), for a binary trait the difference of mean dosage between cases and
controls, without covariates, over the people called at the variant whose trait is known.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genosynth.data.genotypes import MISSING, Genotypes
from genosynth.evaluation.agreement import ratio
from genosynth.evaluation.comparison import chunks
from genosynth.evaluation.estimates import N_GROUPS, in_group

Values = NDArray[np.float64]


@dataclass(frozen=True)
class TraitMoments:
    """Sums over the people called at each variant: of trait and dosage, and of their products.

    y is the trait less its mean over all people, in units of `trait_sd`. Sums of groups of people
    add up, and those of a group can be taken away.
    """

    of_trait: Values  # (3, n_variants): Σ1, Σy, Σy²
    of_dosage: Values  # (3, n_variants): Σg, Σgy, Σg²
    trait_sd: float

    def __sub__(self, part: "TraitMoments") -> "TraitMoments":
        """Give the sums of everybody else."""
        return TraitMoments(
            self.of_trait - part.of_trait, self.of_dosage - part.of_dosage, self.trait_sd
        )


@dataclass(frozen=True)
class Effects:
    """Effect of each variant on the trait in one set of people.

    size: per unit of the trait, NaN where it cannot be computed. z: size over its standard error,
    0 at a variant that does not vary. weight: people times variance of the trait, which χ² grows
    with; for a binary trait 1 / (1/cases + 1/controls).
    """

    size: Values
    z: Values
    dosage_sd: Values
    trait_sd: float
    weight: float

    @property
    def per_allele(self) -> Values:
        """Change of the trait with each ALT allele; NaN at a variant that does not vary."""
        return ratio(self.size * self.trait_sd**2, self.dosage_sd**2)


def estimate_effects(people: Genotypes, trait: str) -> Effects:
    """Effect of each variant on a trait of these people."""
    return effects_of(next(_moments(people, trait, masks=[])))


def effects_of(moments: TraitMoments) -> Effects:
    """Effects from sums."""
    n, sum_y, sum_yy = moments.of_trait
    sum_g, sum_gy, sum_gg = moments.of_dosage
    with np.errstate(divide="ignore", invalid="ignore"):  # no people, or no variation: NaN
        covariance = sum_gy / n - sum_y / n * sum_g / n
        trait_variance = sum_yy / n - (sum_y / n) ** 2
        dosage_variance = sum_gg / n - (sum_g / n) ** 2
        varies = trait_variance > 1e-12
        size = np.where(varies, covariance / trait_variance, np.nan)
        r = covariance / np.sqrt(trait_variance * dosage_variance)
        z = r * np.sqrt((n - 2) / (1 - r**2))
    return Effects(
        size / moments.trait_sd,
        np.where(varies & (dosage_variance <= 1e-12), 0.0, z),
        dosage_sd=np.sqrt(np.maximum(dosage_variance, 0)),
        trait_sd=moments.trait_sd,
        weight=float(np.nan_to_num(n * trait_variance).mean()) * moments.trait_sd**2,
    )


def effects_and_left_out(people: Genotypes, trait: str) -> Iterator[Effects]:
    """Effects of all these people, then without each group of the jackknife."""
    n = len(people.samples)
    moments = _moments(people, trait, masks=[in_group(n, group) for group in range(N_GROUPS)])
    whole = next(moments)
    yield effects_of(whole)
    for group in moments:
        yield effects_of(whole - group)


def _moments(
    people: Genotypes, trait: str, *, masks: list[NDArray[np.bool_]]
) -> Iterator[TraitMoments]:
    """Sums over all people with a known trait, then over those of each mask."""
    values = people.samples[trait].to_numpy(float)
    known = np.isfinite(values)
    trait_sd = (float(values[known].std()) or 1.0) if known.any() else 1.0
    centred = (values - values[known].sum() / max(known.sum(), 1)) / trait_sd
    for mask in [np.ones(len(values), bool), *masks]:
        rows = np.flatnonzero(known & mask)
        of_trait, of_dosage = np.zeros((2, 3, people.counts.shape[1]))
        powers = np.stack([np.ones(len(rows)), centred[rows], centred[rows] ** 2])
        start = 0
        for chunk in chunks(people.counts[rows]):
            weights = powers[:, start : start + len(chunk)]
            dosage = np.maximum(chunk, 0).astype(float)
            of_trait += weights @ (chunk != MISSING).astype(float)
            of_dosage += np.vstack([weights[:2] @ dosage, (dosage**2).sum(axis=0)])
            start += len(chunk)
        yield TraitMoments(of_trait, of_dosage, trait_sd)
