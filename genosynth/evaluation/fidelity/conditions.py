"""Conditions: can what was asked for be read from the genotypes, as well as in real people?

A model is fitted to the training people and reads the condition of the people to be judged. Their
score has no best value of its own. It should be that of held-out people: less says that a condition
was asked for in vain, more that it is exaggerated; real sex cannot be read from autosomes at all.
The trait is read in the same way by the scores of utility that are learnt from train and tested on
synthetic people (`trts_…`).
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from genosynth.data.genotypes import Genotypes
from genosynth.data.labels import Label, level_codes
from genosynth.evaluation.agreement import pearson
from genosynth.evaluation.comparison import Comparison, filled, rounded_means
from genosynth.evaluation.estimates import CORRELATION, SHARE, Estimate, leave_out
from genosynth.evaluation.fidelity.structure import Components
from genosynth.evaluation.roc import auc
from genosynth.evaluation.utility.predictors import fit_ridge

MIN_PEOPLE = 10  # of a level or with a value; fewer teach and show nothing
MAX_FITTED = 50_000  # people a ridge regression learns from: memory

Codes = NDArray[np.intp]
Values = NDArray[np.float64]


def compare_conditions(
    comparison: Comparison, components: Components, *, seed: int
) -> dict[str, Estimate]:
    """Score each condition under `condition_auc.NAME` or, if quantitative, `condition_r2.NAME`.

    components: of the training people; what levels are read from.
    """
    found = {}
    for label in comparison.labels:
        if label.role == "condition" and label.kind == "quantitative":
            found[f"condition_r2.{label.name}"] = _read_values(comparison, label, seed=seed)
        elif label.role == "condition":
            found[f"condition_auc.{label.name}"] = _read_levels(comparison, label, components)
    return found


def level_probabilities(
    train: Genotypes, label: Label, components: Components
) -> Callable[[NDArray[np.int8]], Values]:
    """Learn the levels of a label from the components of training people.

    Gives a function: counts (n, n_variants) → probabilities (n, n_levels), which are 0 for a level
    of fewer than MIN_PEOPLE training people, and NaN where fewer than two levels have as many.
    """
    codes = level_codes(train.samples[label.name], label)
    n_of = np.bincount(codes[codes >= 0], minlength=label.n_features)
    taught = np.flatnonzero(n_of >= MIN_PEOPLE)
    if len(taught) < 2 or not components.axes.shape[1]:
        return lambda counts: np.full((len(counts), label.n_features), np.nan)
    scores = components.project(train.counts)
    scale = scores.std(axis=0)
    known = np.isin(codes, taught)
    model = LogisticRegression(max_iter=1000).fit(scores[known] / scale, codes[known])

    def read(counts: NDArray[np.int8]) -> Values:
        probabilities = np.zeros((len(counts), label.n_features))
        probabilities[:, taught] = model.predict_proba(components.project(counts) / scale)
        return probabilities

    return read


def macro_auc(probabilities: Values, codes: Codes) -> float:
    """Mean area of each level against the others, over the levels that some but not all have.

    >>> macro_auc(np.array([[0.9, 0.1], [0.6, 0.4], [0.7, 0.3]]), np.array([0, 1, 1]))
    1.0
    """
    areas = [
        auc(probabilities[:, code], codes == code)
        for code in np.unique(codes)
        if not (codes == code).all()
    ]
    return float(np.mean(areas)) if areas else float("nan")


def _read_levels(comparison: Comparison, label: Label, components: Components) -> Estimate:
    codes = level_codes(comparison.synthetic.samples[label.name], label)
    judged = comparison.synthetic.take(codes >= 0)
    codes = codes[codes >= 0]
    if len(codes) < MIN_PEOPLE:
        return Estimate(float("nan"), n=len(codes))
    read = level_probabilities(comparison.train, label, components)
    probabilities = read(judged.counts)
    return leave_out(
        lambda kept: macro_auc(probabilities[kept], codes[kept]), len(codes), limits=SHARE
    )


def _read_values(comparison: Comparison, label: Label, *, seed: int) -> Estimate:
    fill = rounded_means(comparison.train.counts)
    known = {}
    for name in ("train", "synthetic"):
        people: Genotypes = getattr(comparison, name)
        values = people.samples[label.name].to_numpy(float)
        rows = np.random.default_rng(seed).permutation(np.flatnonzero(np.isfinite(values)))
        rows = np.sort(rows[:MAX_FITTED])
        known[name] = filled(people.counts[rows], fill), values[rows]
    counts, values = known["synthetic"]
    if min(len(values), len(known["train"][1])) < MIN_PEOPLE:
        return Estimate(float("nan"), n=len(values))
    scores = fit_ridge(*known["train"], seed=seed)(counts)

    def signed_r2(kept: NDArray[np.bool_]) -> float:
        r = float(pearson(scores[kept], values[kept]))
        return r * abs(r)

    return leave_out(signed_r2, len(values), limits=CORRELATION)
