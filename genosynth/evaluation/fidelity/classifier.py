"""Classifier two-sample test: can boosting tell synthetic people from held-out people?

Boosting on a thousand columns at once is weak, so it looks through several views: all variants with
the trait and the conditions; principal components of held-out people; one large chromosome. People
are dealt to five parts. In each of five rounds classifiers are fitted to three parts, the view is
chosen on the fourth, and the fifth is judged; each person is judged once, so that choosing the
strongest view does not bias its area upwards. AUC .5: nobody can tell. The areas of the five rounds
are averaged, and their intervals (DeLong) widened, because rounds share the people they learn from.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
import xgboost
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from genosynth.data.labels import Label, encode_labels
from genosynth.evaluation.comparison import Sides, filled, rounded_means
from genosynth.evaluation.estimates import SHARE, Estimate
from genosynth.evaluation.fidelity.structure import fit_components
from genosynth.evaluation.roc import auc, aucs

N_PARTS = 5
N_CHROMOSOMES = 3
MIN_PEOPLE = 100  # a side; fewer say nothing
PENALTIES = (0.1, 1.0, 10.0)  # of the linear classifier, for each variant
BOOSTING = {
    "objective": "binary:logistic",
    "eval_metric": "logloss",
    "tree_method": "hist",
    "max_bin": 64,  # dosages have three values; this is for components and labels
    "max_depth": 4,
    "eta": 0.1,
    "subsample": 0.8,  # of people, not of columns: linked variants must meet in a tree to be told
    "nthread": 1,  # rounds run side by side instead: trees this small gain nothing from threads
}
N_TREES = 200  # fixed: near .5 the loss of a few hundred people would stop at once, and see nothing
VIEWS_OF = {"c2st_auc.all": ("all",), "c2st_auc.pcs": ("pcs",)}

Features = NDArray[np.float32]  # (n_people, n_features)


@dataclass(frozen=True)
class Judged:
    """One round's scores of the people it judged: larger means more synthetic."""

    is_synthetic: NDArray[np.bool_]
    scores: dict[str, NDArray[np.float64]]  # for each metric


@dataclass(frozen=True)
class Mixture:
    """Synthetic and held-out people together: what the classifiers see of them."""

    sides: Sides
    counts: NDArray[np.int8]
    labels: NDArray[np.float32]
    is_synthetic: NDArray[np.bool_]
    part: NDArray[np.intp]
    components_from: NDArray[np.bool_]  # variants that enter the components


def compare_by_classifier(
    sides: Sides,
    *,
    labels: list[Label],
    components_from: NDArray[np.bool_],
    seed: int,
    n_threads: int,
) -> dict[str, Estimate]:
    """Score how well synthetic and held-out people are told apart, by view and by the strongest."""
    metrics = ["c2st_auc", *VIEWS_OF, "c2st_auc.chr", "c2st_auc_linear"]
    if sides.n < MIN_PEOPLE:
        return {metric: Estimate(float("nan"), n=sides.n) for metric in metrics}
    mixture = _mix(sides, labels, components_from=components_from, seed=seed)
    with ThreadPoolExecutor(n_threads) as pool:
        rounds = list(pool.map(partial(_judge, mixture, seed=seed), range(N_PARTS)))
    return {metric: _mean_area(rounds, metric, n=sides.n) for metric in metrics}


def _mix(
    sides: Sides, labels: list[Label], *, components_from: NDArray[np.bool_], seed: int
) -> Mixture:
    people = [sides.synthetic, sides.holdout]
    rng = np.random.default_rng(seed)
    counts = np.concatenate([side.counts for side in people])
    return Mixture(
        sides,
        filled(counts, rounded_means(counts)),  # both sides have the same missing calls
        np.concatenate([encode_labels(side.samples, labels) for side in people]),
        is_synthetic=np.repeat([True, False], sides.n),
        part=np.concatenate([rng.permutation(sides.n) % N_PARTS for _ in people]),
        components_from=components_from,
    )


def _judge(mixture: Mixture, number: int, *, seed: int) -> Judged:
    judging = mixture.part == number
    choosing = mixture.part == (number + 1) % N_PARTS
    fitting = ~judging & ~choosing
    target = mixture.is_synthetic
    chosen_on, scores = {}, {}
    for view, features in _views(mixture, fitting).items():
        booster = _boost(features[fitting], target[fitting], seed=seed)
        chosen_on[view] = auc(booster.inplace_predict(features[choosing]), target[choosing])
        scores[view] = booster.inplace_predict(features[judging]).astype(float)
    chromosomes = tuple(view for view in scores if view not in ("all", "pcs"))
    views_of = VIEWS_OF | {"c2st_auc.chr": chromosomes, "c2st_auc": tuple(scores)}
    by_metric = {
        metric: scores[max(views, key=lambda view: chosen_on[view])]
        for metric, views in views_of.items()
    }
    linear = _linear_scores(mixture, fitting=fitting, choosing=choosing)
    return Judged(target[judging], by_metric | {"c2st_auc_linear": linear[judging]})


def _views(mixture: Mixture, fitting: NDArray[np.bool_]) -> dict[str, Features]:
    counts = mixture.counts.astype(np.float32)
    # Components of the people to be judged, of train or of synthetic people would betray real ones.
    own = mixture.sides.holdout.take(fitting[~mixture.is_synthetic])
    components = fit_components(own, used=mixture.components_from)
    views = {
        "all": np.hstack([counts, mixture.labels]),
        "pcs": components.project(mixture.counts).astype(np.float32),
    }
    stretches = largest_stretches(mixture.sides.holdout.variants)
    return views | {f"chr {i}": counts[:, columns] for i, columns in enumerate(stretches)}


def largest_stretches(variants: pd.DataFrame) -> list[NDArray[np.intp]]:
    """Variants of the three largest chromosomes; where there are fewer, thirds of the panel."""
    sizes = variants["chromosome"].value_counts()
    if len(sizes) < N_CHROMOSOMES:
        return np.array_split(np.arange(len(variants)), N_CHROMOSOMES)
    chromosome = variants["chromosome"].to_numpy()
    return [np.flatnonzero(chromosome == name) for name in sizes.index[:N_CHROMOSOMES]]


def _boost(features: Features, target: NDArray[np.bool_], *, seed: int) -> xgboost.Booster:
    data = xgboost.QuantileDMatrix(features, target, max_bin=BOOSTING["max_bin"])
    return xgboost.train(BOOSTING | {"seed": seed}, data, num_boost_round=N_TREES)


def _linear_scores(
    mixture: Mixture, *, fitting: NDArray[np.bool_], choosing: NDArray[np.bool_]
) -> NDArray[np.float64]:
    target = mixture.is_synthetic
    counts = mixture.counts.astype(np.float32)
    spread = counts[fitting].std(axis=0)
    scaled = (counts - counts[fitting].mean(axis=0)) / np.where(spread > 0, spread, 1)
    candidates = []
    for penalty in PENALTIES:
        model = LogisticRegression(C=1 / (penalty * scaled.shape[1]), max_iter=1000)
        candidates.append(model.fit(scaled[fitting], target[fitting]).decision_function(scaled))
    return max(candidates, key=lambda scores: auc(scores[choosing], target[choosing]))


# Rounds are fitted to partly the same people, so their areas depend on each other: the correction
# of Nadeau and Bengio 2003. Among cohorts without a difference the areas spread that much.
def _mean_area(rounds: list[Judged], metric: str, *, n: int) -> Estimate:
    judged = [aucs(each.scores[metric][None], each.is_synthetic) for each in rounds]
    area = float(np.mean([each.areas[0] for each in judged]))
    variance = float(np.mean([each.covariance[0, 0] for each in judged]))
    judged_per_fitted = 1 / (N_PARTS - 2)
    error = (variance * (1 / N_PARTS + judged_per_fitted)) ** 0.5
    return Estimate.around(area, error, n=n, limits=SHARE)
