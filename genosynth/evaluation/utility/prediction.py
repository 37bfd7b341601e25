"""Utility: does a model learnt from synthetic people predict held-out people as well?

Three arms: trained on synthetic, tested on real (TSTR); trained on real, tested on real (TRTR);
trained on real, tested on synthetic (TRTS). Models see dosages only, as many people of each class,
and choose their settings among the people they are fitted to. Missing calls become the rounded mean
of the training people everywhere. The measure is the AUC for a binary trait; for a quantitative one
the squared correlation of prediction and value, negative where the correlation is. Polygenic scores
made elsewhere learn nothing: they are read in synthetic and in held-out people.

Augmentation adds synthetic people to all training people, everybody, or those of the rarer class
until classes are equal. What equal classes do of themselves is a control: the same training people,
those of the rarer class as often as would be needed.

TRTS shows how separable the release is. It lies above TRTR even where nothing is exaggerated: the
generator learnt from the same people as the model, chance effects included (the winner's curse). So
it is set against a control with just these effects, train with each variant dealt anew within the
class, and for the polygenic score alone. Its class means are the same in both. Its variance is β'Rβ
with LD R and β'β in the control; marginal effects β being R times the joint ones, that is on
average tr R³ against tr R², which is never larger: LD widens the score and lowers the AUC, so the
control errs on the lenient side. Weights fitted jointly undo LD and have no such bound.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
from scipy.special import expit, logit

from genosynth.data.labels import Label, level_codes
from genosynth.errors import ArtifactMismatch
from genosynth.evaluation.comparison import Comparison
from genosynth.evaluation.estimates import Estimate, Evaluation, ScoreSheet, share_estimate
from genosynth.evaluation.roc import roc_points
from genosynth.evaluation.utility.arms import TRTR, TSTR, Pupil, gather_people
from genosynth.evaluation.utility.measures import (
    arm_scores,
    augmentation,
    balancing,
    calibration,
    carried_over,
    excess,
    measure_arms,
    precision_scores,
)
from genosynth.evaluation.utility.predictors import (
    Fit,
    Values,
    fit_logistic,
    fit_prs,
    fit_ridge,
    fit_trees,
    given_weights,
)
from genosynth.settings.evaluation import EvaluationSettings

logger = logging.getLogger(__name__)

DRAWN = {"synthetic": TSTR, "real": TRTR}  # arms of figures, by what they learn from
N_TENTHS = 10  # of held-out people behind a calibration curve

Scoring = Callable[[Pupil], dict[str, Estimate]]


@dataclass(frozen=True)
class Model:
    """A model and what is scored of it."""

    fit: Fit
    scorings: tuple[Scoring, ...]


@dataclass(frozen=True)
class Subject:
    """How traits of one kind are predicted; by: the measure; drawn: the model behind figures."""

    by: str
    drawn: str
    models: dict[str, Model]


_areas, _r2 = partial(arm_scores, by="auc"), partial(arm_scores, by="r2")
SUBJECTS = {
    "binary": Subject(
        "auc",
        "logistic",
        {
            "prs": Model(fit_prs, (_areas, partial(excess, by="auc"), precision_scores)),
            "logistic": Model(
                fit_logistic,
                (
                    *(_areas, precision_scores, calibration),
                    *(partial(augmentation, by="auc"), balancing),
                ),
            ),
            "xgboost": Model(
                partial(fit_trees, objective="binary:logistic"),
                (_areas, precision_scores, calibration),
            ),
        },
    ),
    "quantitative": Subject(
        "r2",
        "ridge",
        {
            "prs": Model(fit_prs, (_r2, partial(excess, by="r2"))),
            "ridge": Model(fit_ridge, (_r2, partial(augmentation, by="r2"))),
            "xgboost": Model(partial(fit_trees, objective="reg:squarederror"), (_r2,)),
        },
    ),
}


def evaluate_utility(
    comparison: Comparison,
    *,
    polygenic_scores: pd.DataFrame | None = None,
    settings: EvaluationSettings,
    seed: int,
) -> Evaluation:
    """Predict the trait of held-out people from synthetic and from training people.

    polygenic_scores: score, id, weight of an ALT allele; scores made elsewhere.

    Raises:
        ArtifactMismatch: the panel has no trait.
    """
    trait = comparison.trait
    if trait is None:
        raise ArtifactMismatch("labels.json names no trait: prediction needs one")
    subject = SUBJECTS[trait.kind]
    sets = gather_people(comparison, trait, seed=seed)
    sheet = ScoreSheet()

    def score(name: str, model: Model) -> Pupil:
        pupil = Pupil(
            model.fit,
            sets,
            is_binary=trait.kind == "binary",
            n_bootstrap=settings.n_bootstrap,
            seed=seed,
        )
        for scoring in model.scorings:
            found = scoring(pupil)
            sheet.enter({f"{metric}.{name}": estimate for metric, estimate in found.items()})
        n_fitted = len(sets["train"].trait)
        logger.info("predicted %s by %s, %d people an arm", trait.name, name, n_fitted)
        return pupil

    pupils = {name: score(name, model) for name, model in subject.models.items()}
    elsewhere = models_of_scores(polygenic_scores, comparison.train.variants, by=subject.by)
    for name, model in elsewhere.items():  # apart: a user may call a score what a model is called
        score(name, model)
    drawn = pupils[subject.drawn]
    groups = compare_groups(drawn, comparison.labels, by=subject.by)
    figures = {
        "roc": draw_roc(drawn),
        "calibration": draw_calibration(drawn),
        "utility_groups": groups,
        "utility_classes": compare_classes(drawn),
    }
    return Evaluation(sheet.scores, figures)


def models_of_scores(
    polygenic_scores: pd.DataFrame | None, variants: pd.DataFrame, *, by: str
) -> dict[str, Model]:
    """Models that have nothing to learn, one for each score made elsewhere."""
    if polygenic_scores is None:
        return {}
    weights = polygenic_scores.pivot_table(index="id", columns="score", values="weight")
    weights = weights.reindex(variants["id"]).fillna(0.0)
    return {
        str(name): Model(
            partial(given_weights, weights=column.to_numpy(float)), (partial(carried_over, by=by),)
        )
        for name, column in weights.items()
    }


def draw_roc(pupil: Pupil) -> pd.DataFrame:
    """ROC curves of both arms on held-out people; no rows where there is nothing to draw."""
    is_case = pupil.judged(TSTR).trait == 1
    curves = [pd.DataFrame({"trained_on": [], "fpr": [], "tpr": []})]
    for name, own in _log_odds(pupil).items():
        fpr, tpr = roc_points(own, is_case)
        curves.append(pd.DataFrame({"trained_on": name, "fpr": fpr, "tpr": tpr}))
    return pd.concat(curves[1:] or curves)


def draw_calibration(pupil: Pupil) -> pd.DataFrame:
    """Cases among tenths of held-out people, by the risk that each arm foretells them."""
    is_case = pupil.judged(TSTR).trait == 1
    rows = []
    for name, own in _log_odds(pupil).items():
        tenths = np.array_split(np.argsort(own, kind="stable"), N_TENTHS)
        for number, tenth in enumerate(tenths, 1):
            found = share_estimate(int(is_case[tenth].sum()), len(tenth))
            observed = (found.value, found.ci_low, found.ci_high)
            rows.append((name, number, found.n, expit(own[tenth]).mean(), *observed))
    columns = ["trained_on", "tenth", "n", "predicted", "observed", "observed_low", "observed_high"]
    return pd.DataFrame(rows, columns=columns)


def compare_classes(pupil: Pupil) -> pd.DataFrame:
    """How many of each class are found, and how many of those called so belong to it, by arm.

    A case is called whose predicted risk is larger than the share of cases among those learnt from.
    """
    is_case = pupil.judged(TSTR).trait == 1
    rows = []
    for name, own in _log_odds(pupil).items():
        called_case = own > logit(pupil.learnt_from(DRAWN[name]).trait.mean())
        for level, belongs, called in (
            ("case", is_case, called_case),
            ("control", ~is_case, ~called_case),
        ):
            right = int((belongs & called).sum())
            for measure, n in (("sensitivity", belongs.sum()), ("precision", called.sum())):
                found = share_estimate(right, int(n))
                rows.append((name, level, measure, found.value, found.ci_low, found.ci_high, n))
    columns = ["trained_on", "class", "measure", "value", "value_low", "value_high", "n"]
    return pd.DataFrame(rows, columns=columns)


def _log_odds(pupil: Pupil) -> dict[str, Values]:
    """Scores of held-out people by what an arm learnt from; none where there is nothing to draw."""
    scores = pupil.scores(*DRAWN.values())
    if not pupil.is_binary or np.isnan(scores).any() or not scores.shape[1]:
        return {}
    return dict(zip(DRAWN, scores, strict=True))


def compare_groups(pupil: Pupil, labels: list[Label], *, by: str) -> pd.DataFrame:
    """Score both arms and their gap within each level of each condition that has levels.

    Levels with too few held-out people (`Pupil.is_enough`) have no row.
    """
    columns = ["condition", "level", "n", "tstr", "trtr", "gap", "gap_low", "gap_high"]
    judged = pupil.judged(TSTR)
    rows = []
    for label in labels:
        if label.role != "condition" or not label.levels:
            continue
        codes = level_codes(judged.samples[label.name], label)
        for code, level in enumerate(label.levels):
            if not pupil.is_enough(judged.trait[codes == code]):
                continue
            found = measure_arms(pupil, TSTR, TRTR, by=by, among=codes == code)
            gap = found.of(1, -1)
            values = (*found.values, gap.value, gap.ci_low, gap.ci_high)
            rows.append((label.name, level, found.n, *values))
    return pd.DataFrame(rows, columns=columns)
