"""Association: does each variant act on the trait as it does in the training people?

The same plain model on all sides (`effects.py`), without covariates. Synthetic people carry the
information of the training people: their z-scores rank variants, they are no evidence.
"""

import logging
import math

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genosynth.data.genotypes import Genotypes
from genosynth.errors import ArtifactMismatch
from genosynth.evaluation.agreement import finite_pearson, ratio, slope_through_origin
from genosynth.evaluation.comparison import Comparison, apart
from genosynth.evaluation.effects import Effects, effects_and_left_out, estimate_effects
from genosynth.evaluation.estimates import (
    CORRELATION,
    SHARE,
    Estimate,
    Evaluation,
    ScoreSheet,
    jackknife,
)
from genosynth.evaluation.known_truth import compare_with_truth

logger = logging.getLogger(__name__)

SIGNIFICANT_Z = 1.96
TOP = 0.1
MEDIAN_CHI2 = 0.4549  # of one degree of freedom

Values = NDArray[np.float64]


def evaluate_association(comparison: Comparison, *, truth: pd.Series | None = None) -> Evaluation:
    """Compare effects in synthetic people with those in training and in held-out people.

    truth: of a simulated cohort, the effect of each causal variant on the trait, by id.

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
    if truth is not None:
        known = truth.reindex(comparison.train.variants["id"]).to_numpy(float)
        effects = effects_and_left_out(comparison.synthetic, trait)
        sheet.enter(compare_with_truth(effects, train, known))
    logger.info("scored association with %s: %d metrics", trait, len(sheet.scores))
    sets = {"train": train}
    sets |= {
        name: estimate_effects(people, trait)
        for name, people in (("holdout", comparison.holdout), ("synthetic", comparison.synthetic))
    }
    return Evaluation(sheet.scores, {"effects": _effect_table(comparison.train.variants, sets)})


def compare_with_train(synthetic: Genotypes, train: Effects, trait: str) -> dict[str, Estimate]:
    """Score size, rank, direction and inflation of effects against the training people's."""
    found = effects_and_left_out(synthetic, trait)
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
    left, right = (list(effects_and_left_out(people, trait)) for people in (synthetic, holdout))
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
