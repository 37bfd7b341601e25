"""Association: does each variant act on the trait as it does in the training people?

The same plain model everywhere: effect = Cov(g, y) / Var(y), for a binary trait the difference of
mean dosage between cases and controls, without covariates on any side, over the people called at
the variant whose trait is known. Synthetic people carry the information of the training people:
their z-scores rank variants, they are no evidence. Intervals leave out chromosomes (or stretches).
"""

import logging
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genosynth.data.genotypes import MISSING, Genotypes
from genosynth.errors import ArtifactMismatch
from genosynth.evaluation.agreement import finite_pearson, ratio, slope_through_origin
from genosynth.evaluation.comparison import Comparison, apart, chunks
from genosynth.evaluation.estimates import (
    Estimate,
    Evaluation,
    ScoreSheet,
    block_jackknife,
    genome_blocks,
)

logger = logging.getLogger(__name__)

SIGNIFICANT_Z = 1.96
TOP = 0.1
MEDIAN_CHI2 = 0.4549  # of one degree of freedom

Values = NDArray[np.float64]


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
    train, synthetic = (
        estimate_effects(people, trait) for people in (comparison.train, comparison.synthetic)
    )
    others, strangers = apart(comparison)
    disjoint, holdout = (estimate_effects(people, trait) for people in (others, strangers))
    blocks = genome_blocks(comparison.train.variants)
    sheet.enter(compare_effects(synthetic, train, blocks))
    slope = block_jackknife(
        lambda keep: slope_through_origin(disjoint.size[keep], holdout.size[keep]), blocks
    )
    sheet.enter({"effect_slope_holdout": slope})
    logger.info("scored association with %s: %d metrics", trait, len(sheet.scores))
    table = _effect_table(comparison.train.variants["id"], train, holdout, synthetic)
    return Evaluation(sheet.scores, {"effects": table})


def compare_effects(
    synthetic: Effects, train: Effects, blocks: NDArray[np.intp]
) -> dict[str, Estimate]:
    """Score size, rank, direction and inflation of effects against the training people's."""
    telling = np.abs(train.z) > SIGNIFICANT_Z  # false for NaN
    at_size_of_train = train.weight / synthetic.weight if synthetic.weight else math.nan
    same_sign = np.sign(synthetic.size) == np.sign(train.size)
    statistics: dict[str, Callable[[NDArray[np.bool_]], float]] = {
        "effect_slope": lambda keep: slope_through_origin(synthetic.size[keep], train.size[keep]),
        "effect_pearson": lambda keep: finite_pearson(synthetic.z[keep], train.z[keep]),
        "sign_concordance": lambda keep: _mean(same_sign[keep & telling]),
        "top_overlap_10pct": lambda keep: _top_overlap(synthetic.z[keep], train.z[keep]),
        "lambda_gc_difference": lambda keep: (
            (_lambda_gc(synthetic.z[keep]) - 1) * at_size_of_train - (_lambda_gc(train.z[keep]) - 1)
        ),
    }
    limits = {"effect_pearson": (-1.0, 1.0), "sign_concordance": (0.0, 1.0)}
    limits |= {"top_overlap_10pct": (0.0, 1.0)}
    estimates = {
        metric: block_jackknife(statistic, blocks, limits=limits.get(metric, (-math.inf, math.inf)))
        for metric, statistic in statistics.items()
    }
    usable = int((np.isfinite(synthetic.size) & np.isfinite(train.size)).sum())
    counted = {metric: usable for metric in statistics} | {"sign_concordance": int(telling.sum())}
    return {
        metric: Estimate(estimate.value, estimate.ci_low, estimate.ci_high, counted[metric])
        for metric, estimate in estimates.items()
    }


def estimate_effects(people: Genotypes, trait: str) -> Effects:
    """Effect of each variant on a trait of these people, from called genotypes and known values."""
    values = people.samples[trait].to_numpy(float)
    known = np.flatnonzero(np.isfinite(values))
    unit = float(values[known].std()) or 1.0 if len(known) else 1.0
    centred = (values[known] - values[known].sum() / max(len(known), 1)) / unit
    powers = np.stack([np.ones(len(known)), centred, centred**2])
    of_trait = np.zeros((3, people.counts.shape[1]))  # Σ1, Σy, Σy² over the people called
    of_dosage = np.zeros((3, people.counts.shape[1]))  # Σg, Σgy, Σg²
    counts, start = people.counts[known], 0
    for chunk in chunks(counts):
        weights = powers[:, start : start + len(chunk)]
        dosage = np.maximum(chunk, 0).astype(float)
        of_trait += weights @ (chunk != MISSING).astype(float)
        of_dosage += np.vstack([weights[:2] @ dosage, (dosage**2).sum(axis=0)])
        start += len(chunk)
    weight = float((centred**2).sum()) * unit**2
    return _effects(of_trait, of_dosage, unit=unit, weight=weight)


def _effects(of_trait: Values, of_dosage: Values, *, unit: float, weight: float) -> Effects:
    n, sum_y, sum_yy = of_trait
    sum_g, sum_gy, sum_gg = of_dosage
    with np.errstate(divide="ignore", invalid="ignore"):  # no people, or no variation: NaN
        covariance = sum_gy / n - sum_y / n * sum_g / n
        trait_variance = sum_yy / n - (sum_y / n) ** 2
        dosage_variance = sum_gg / n - (sum_g / n) ** 2
        varies = trait_variance > 1e-12
        size = np.where(varies, covariance / trait_variance, np.nan)
        r = covariance / np.sqrt(trait_variance * dosage_variance)
        z = r * np.sqrt((n - 2) / (1 - r**2))
    z = np.where(varies & (dosage_variance <= 1e-12), 0.0, z)
    return Effects(size / unit, z, np.sqrt(np.maximum(dosage_variance, 0)), unit, weight)


def _mean(values: NDArray[np.bool_]) -> float:
    return float(values.mean()) if len(values) else math.nan


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


def _effect_table(
    ids: pd.Series, train: Effects, holdout: Effects, synthetic: Effects
) -> pd.DataFrame:
    """Effects in standard deviations of the training people, for the scatter plot."""
    per_sd = ratio(train.trait_sd, train.dosage_sd)
    sets = {"train": train, "holdout": holdout, "synthetic": synthetic}
    return pd.DataFrame({"id": ids} | {name: each.size * per_sd for name, each in sets.items()})
