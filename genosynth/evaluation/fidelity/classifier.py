"""Classifier two-sample test: can boosting tell synthetic people from held-out people?

Boosting on a thousand columns at once is weak, so it looks through several views: all variants with
the trait and the conditions; principal components of held-out people; blocks of neighbours. Each
block has a booster of its own, and the log odds of all blocks are added: wrong haplotypes are a
little wrong everywhere, and what no block shows alone their sum does. People are dealt to five
parts. In each of five rounds classifiers are fitted to three parts, the view is chosen on the
fourth, and the fifth is judged; each person is judged once, so that choosing the strongest view
does not bias its area upwards. AUC .5: nobody can tell. The areas of the five rounds are averaged,
and their intervals (DeLong) widened, because rounds share the people they learn from.
"""

from collections.abc import Iterable, Iterator
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
VIEWS = ("all", "pcs", "blocks")
LONGEST_BLOCK = 32  # variants; on the demo whole chromosomes show less, shorter blocks little more
N_BLOCKS = 128  # at most, evenly spread over wider panels: bounds time
MIN_PEOPLE = 100  # a side; fewer say nothing
PENALTIES = (0.1, 1.0, 10.0)  # of the linear classifier, for each variant
BOOSTING = {
    "objective": "binary:logistic",
    "eval_metric": "logloss",
    "tree_method": "hist",
    "max_bin": 64,  # dosages have three values; this is for components and labels
    "subsample": 0.8,  # of people, not of columns: linked variants must meet in a tree to be told
    "nthread": 1,  # rounds run side by side instead: trees this small gain nothing from threads
}

Features = NDArray[np.float32]  # (n_people, n_features)


@dataclass(frozen=True)
class Trees:
    """How many trees, and how large. Fixed: losses of a few hundred people would stop at once."""

    n: int
    depth: int
    eta: float  # learning rate


OF_MANY_COLUMNS = Trees(200, depth=4, eta=0.1)
OF_A_BLOCK = Trees(100, depth=6, eta=0.2)  # deep: haplotypes are several variants at once


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
    metrics = ["c2st_auc", *(f"c2st_auc.{view}" for view in VIEWS), "c2st_auc_linear"]
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
    evidence = {
        view: _log_odds(tables, target, fitting=fitting, trees=trees, seed=seed)
        for view, tables, trees in _views(mixture, fitting)
    }
    strongest = max(evidence, key=lambda view: auc(evidence[view][choosing], target[choosing]))
    scores = {"c2st_auc": evidence[strongest]}
    scores |= {f"c2st_auc.{view}": evidence[view] for view in VIEWS}
    scores["c2st_auc_linear"] = _linear_scores(mixture, fitting=fitting, choosing=choosing)
    return Judged(target[judging], {metric: values[judging] for metric, values in scores.items()})


def _views(
    mixture: Mixture, fitting: NDArray[np.bool_]
) -> Iterator[tuple[str, Iterable[Features], Trees]]:
    yield "all", [np.hstack([mixture.counts, mixture.labels])], OF_MANY_COLUMNS
    # Components of the people to be judged, of train or of synthetic people would betray real ones.
    own = mixture.sides.holdout.take(fitting[~mixture.is_synthetic])
    components = fit_components(own, used=mixture.components_from)
    yield "pcs", [components.project(mixture.counts).astype(np.float32)], OF_MANY_COLUMNS
    blocks = neighbours_in_blocks(mixture.sides.holdout.variants)
    yield "blocks", (mixture.counts[:, block].astype(np.float32) for block in blocks), OF_A_BLOCK


def neighbours_in_blocks(variants: pd.DataFrame) -> list[NDArray[np.intp]]:
    """Cut each chromosome into equal blocks; of a wide panel's blocks take N_BLOCKS, evenly."""
    chromosomes = variants.groupby("chromosome", sort=False).indices.values()
    blocks = [
        block
        for columns in chromosomes
        for block in np.array_split(columns, -(-len(columns) // LONGEST_BLOCK))
    ]
    chosen = np.linspace(0, len(blocks) - 1, min(len(blocks), N_BLOCKS)).round().astype(int)
    return [blocks[i] for i in chosen]


def _log_odds(
    tables: Iterable[Features],
    target: NDArray[np.bool_],
    *,
    fitting: NDArray[np.bool_],
    trees: Trees,
    seed: int,
) -> NDArray[np.float64]:
    settings = BOOSTING | {"max_depth": trees.depth, "eta": trees.eta, "seed": seed}
    evidence = np.full(len(target), np.nan)  # of those fitted to, nobody asks
    evidence[~fitting] = 0
    for features in tables:
        fitted = xgboost.QuantileDMatrix(
            features[fitting], target[fitting], max_bin=BOOSTING["max_bin"], nthread=1
        )
        booster = xgboost.train(settings, fitted, num_boost_round=trees.n)
        evidence[~fitting] += booster.inplace_predict(features[~fitting], predict_type="margin")
    return evidence


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
