"""Privacy of one synthetic cohort: nearness to training people, and attacks on its rows."""

import logging

import numpy as np

from genosynth.data.genotypes import Genotypes
from genosynth.evaluation.comparison import Comparison, apart
from genosynth.evaluation.estimates import Evaluation, ScoreSheet
from genosynth.evaluation.privacy.adversarial_accuracy import compare_adversarial_accuracy
from genosynth.evaluation.privacy.attribute_inference import infer_attributes
from genosynth.evaluation.privacy.closer_to_train import compare_closeness
from genosynth.evaluation.privacy.kinship import compare_kinship
from genosynth.evaluation.privacy.membership import attack_membership
from genosynth.evaluation.privacy.nearest_record import compare_nearness, distance_table, nearest
from genosynth.settings.privacy import PrivacySettings

logger = logging.getLogger(__name__)


def evaluate_privacy(
    comparison: Comparison, *, reference: Genotypes, settings: PrivacySettings, seed: int
) -> Evaluation:
    """Measure whether synthetic people are nearer to training people than held-out people are.

    At most `n_compared` synthetic and held-out people search among all training people, so that a
    copy of any of them is found. Then the rows are attacked.
    reference: the attacker's own people, whom nothing else may see.
    """
    rng = np.random.default_rng(seed)
    disjoint, strangers = apart(comparison)
    train = comparison.train.counts
    synthetic, holdout = (
        _draw(people, settings.n_compared, rng) for people in (disjoint, strangers)
    )
    sheet = ScoreSheet()
    near_synthetic = nearest(synthetic, train)
    near_holdout = nearest(holdout, train)
    sheet.enter(compare_nearness(near_synthetic, near_holdout, seed=seed))
    closeness = compare_closeness(
        near_synthetic, n_train=len(train), synthetic=synthetic, holdout=holdout
    )
    sheet.enter(closeness)
    logger.info("found the nearest training person of %d synthetic people", len(synthetic))

    n = min(len(train), len(holdout), len(synthetic))
    equal = (_draw(comparison.train, n, rng), holdout[:n], synthetic[:n])
    sheet.enter(compare_adversarial_accuracy(*equal, n_subsamples=settings.n_subsamples, seed=seed))
    sheet.enter(compare_kinship(synthetic, holdout, train))
    membership = attack_membership(
        comparison, reference=reference, n_attacked=settings.n_compared, seed=seed
    )
    sheet.enter(membership.estimates)
    sheet.enter(infer_attributes(comparison, n_attacked=settings.n_compared, seed=seed))
    logger.info("scored privacy: %d metrics", len(sheet.scores))
    histogram = distance_table(near_synthetic, near_holdout)
    figures = {"nearest": histogram, "membership_roc": membership.curves}
    figures |= {"exposure": membership.exposure, "release_size": membership.sizes}
    return Evaluation(sheet.scores, figures)


def _draw(people: Genotypes, n_max: int, rng: np.random.Generator) -> np.ndarray:
    return people.counts[rng.permutation(len(people.counts))[:n_max]]
