"""Association: does each variant act on the trait as it does in the training people?

The same plain model everywhere: effect = Cov(g, y) / Var(y), for a binary trait the difference of
mean dosage between cases and controls, without covariates on any side, over the people called at
the variant whose trait is known. Synthetic people carry the information of the training people:
their z-scores rank variants, they are no evidence.
"""

import logging
import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genosynth.data.genotypes import MISSING, Genotypes
from genosynth.errors import ArtifactMismatch
from genosynth.evaluation.agreement import finite_pearson, ratio, slope_through_origin
from genosynth.evaluation.comparison import Comparison, apart, chunks
from genosynth.evaluation.estimates import (
    CORRELATION,
    N_GROUPS,
    SHARE,
    Estimate,
    Evaluation,
    ScoreSheet,
    in_group,
    jackknife,
)

logger = logging.getLogger(__name__)

SIGNIFICANT_Z = 1.96
TOP = 0.1
MEDIAN_CHI2 = 0.4549  # of one degree of freedom

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


def evaluate_association(comparison: Comparison) -> Evaluation:
    """Compare effects in synthetic people with those in training and in held-out people.

    Raises:
        ArtifactMismatch: the panel has no trait.
    """
    if comparison.trait is None:
        raise ArtifactMismatch("labels.json names no trait: association needs one")
    trait = comparison.trait.name
    sheet = ScoreSheet()
    train = estimate_effects(comparison.train, trait)
    sheet.enter(compare_with_train(comparison.synthetic, train, trait))
    sheet.enter(compare_with_holdout(*apart(comparison), trait))
    logger.info("scored association with %s: %d metrics", trait, len(sheet.scores))
    sets = {"train": train}
    sets |= {
        name: estimate_effects(people, trait)
        for name, people in (("holdout", comparison.holdout), ("synthetic", comparison.synthetic))
    }
    return Evaluation(sheet.scores, {"effects": _effect_table(comparison.train.variants, sets)})


def compare_with_train(synthetic: Genotypes, train: Effects, trait: str) -> dict[str, Estimate]:
    """Score size, rank, direction and inflation of effects against the training people's."""
    found = _effects_and_left_out(synthetic, trait)
    effects = next(found)
    usable = int((np.isfinite(effects.size) & np.isfinite(train.size)).sum())
    telling = int((np.abs(train.z) > SIGNIFICANT_Z).sum())
    whole = effect_statistics(effects, train)
    return jackknife(
        whole,
        [effect_statistics(each, train) for each in found],
        counted=dict.fromkeys(whole, usable) | {"sign_concordance": telling},
        limits={
            "effect_pearson": CORRELATION,
            "sign_concordance": SHARE,
            "top_overlap_10pct": SHARE,
        },
    )


def compare_with_holdout(
    synthetic: Genotypes, holdout: Genotypes, trait: str
) -> dict[str, Estimate]:
    """Score the size of effects against those of held-out people, who are a sample as well."""
    left, right = (list(_effects_and_left_out(people, trait)) for people in (synthetic, holdout))
    slopes = [
        {"effect_slope_holdout": slope_through_origin(one.size, other.size)}
        for one, other in zip(left, right, strict=True)
    ]
    usable = int((np.isfinite(left[0].size) & np.isfinite(right[0].size)).sum())
    return jackknife(slopes[0], slopes[1:], counted={"effect_slope_holdout": usable})


def effect_statistics(synthetic: Effects, train: Effects) -> dict[str, float]:
    """Compare two sets of effects in all ways that are scored."""
    telling = np.abs(train.z) > SIGNIFICANT_Z  # false for NaN
    same_sign = (np.sign(synthetic.size) == np.sign(train.size))[telling]
    at_size_of_train = train.weight / synthetic.weight if synthetic.weight else math.nan
    return {
        "effect_slope": slope_through_origin(synthetic.size, train.size),
        "effect_pearson": finite_pearson(synthetic.z, train.z),
        "sign_concordance": float(same_sign.mean()) if len(same_sign) else math.nan,
        "top_overlap_10pct": _top_overlap(synthetic.z, train.z),
        "lambda_gc_difference": (_lambda_gc(synthetic.z) - 1) * at_size_of_train
        - (_lambda_gc(train.z) - 1),
    }


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


def _effects_and_left_out(people: Genotypes, trait: str) -> Iterator[Effects]:
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


def _top_overlap(synthetic: Values, train: Values) -> float:
    usable = np.isfinite(synthetic) & np.isfinite(train)
    n_top = math.ceil(TOP * usable.sum())
    if not n_top:
        return math.nan
    in_synthetic, in_train = (
        np.argsort(-np.abs(z[usable]), kind="stable")[:n_top] for z in (synthetic, train)
    )
    return float(np.isin(in_synthetic, in_train).mean())


def _lambda_gc(z: Values) -> float:
    usable = z[np.isfinite(z)]
    return float(np.median(usable**2)) / MEDIAN_CHI2 if len(usable) else math.nan


def _effect_table(variants: pd.DataFrame, sets: dict[str, Effects]) -> pd.DataFrame:
    """Effects in standard deviations of the training people, for the scatter plot."""
    per_sd = ratio(sets["train"].trait_sd, sets["train"].dosage_sd)
    sizes = {name: effects.size * per_sd for name, effects in sets.items()}
    return pd.DataFrame({"id": variants["id"]} | sizes)
