"""Ancestry: does what synthetic people teach of populations hold for real people?

Classifiers of a condition's levels, such as populations, learn from components of synthetic people
and are asked about held-out ones. And two populations as cases and controls: are the variants that
tell synthetic ones apart those that tell real ones apart?
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score
from sklearn.svm import LinearSVC

from genosynth.data.genotypes import MISSING, Genotypes
from genosynth.data.labels import Label, level_codes
from genosynth.evaluation.agreement import ratio
from genosynth.evaluation.comparison import Sides
from genosynth.evaluation.estimates import SHARE, Estimate, leave_out
from genosynth.evaluation.fidelity.allele_frequency import alt_frequency, genotype_frequencies
from genosynth.evaluation.fidelity.structure import Components

MIN_PEOPLE = 10  # of a level on either side; fewer teach and show nothing
TOP_PERCENT = (10, 20, 30)  # of the variants

Codes = NDArray[np.intp]
Values = NDArray[np.float64]

CLASSIFIERS: dict[str, Callable[[int], LogisticRegression | LinearSVC | RandomForestClassifier]] = {
    "logistic": lambda seed: LogisticRegression(max_iter=1000),
    "svm": lambda seed: LinearSVC(random_state=seed),
    "forest": lambda seed: RandomForestClassifier(100, random_state=seed),
}


def compare_ancestry(
    sides: Sides, labels: list[Label], components: Components, *, seed: int
) -> dict[str, Estimate]:
    """Score `structure_accuracy.NAME.MODEL` and `structure_overlap.NAME.PERCENT`.

    For each categorical condition; sex shows what guessing reaches. components: of train.
    """
    found: dict[str, Estimate] = {}
    for label in labels:
        if label.role != "condition" or label.kind != "categorical":
            continue
        codes = [
            level_codes(people.samples[label.name], label)
            for people in (sides.synthetic, sides.holdout)
        ]
        shared = _levels_of_both(codes, n_levels=label.n_features)
        accuracies = _accuracies(sides, codes, shared, components, seed=seed)
        found |= {f"structure_accuracy.{label.name}.{k}": v for k, v in accuracies.items()}
        overlaps = _overlaps(sides, codes, shared)
        found |= {f"structure_overlap.{label.name}.{k}": v for k, v in overlaps.items()}
    return found


def _levels_of_both(codes: list[Codes], *, n_levels: int) -> Codes:
    """Levels with enough people on both sides, the commonest first."""
    n_of = np.stack([np.bincount(each[each >= 0], minlength=n_levels) for each in codes])
    enough = np.flatnonzero((n_of >= MIN_PEOPLE).all(axis=0))
    return enough[np.argsort(-n_of.sum(axis=0)[enough], kind="stable")]


def _accuracies(
    sides: Sides, codes: list[Codes], levels: Codes, components: Components, *, seed: int
) -> dict[str, Estimate]:
    """Balanced accuracy on held-out people of each classifier that synthetic people taught."""
    if len(levels) < 2 or not components.axes.shape[1]:
        return {name: Estimate(np.nan) for name in CLASSIFIERS}
    scores = [components.project(each.counts) for each in (sides.synthetic, sides.holdout)]
    scale = scores[0].std(axis=0)
    known = [np.isin(each, levels) for each in codes]
    (taught, asked), (lesson, truth) = (
        [np.asarray(each[k]) for each, k in zip(which, known, strict=True)]
        for which in (scores, codes)
    )
    found = {}
    for name, build in CLASSIFIERS.items():
        guessed = np.asarray(build(seed).fit(taught / scale, lesson).predict(asked / scale))
        accuracy = partial(_balanced_accuracy, truth, guessed)
        found[name] = leave_out(accuracy, len(truth), limits=SHARE)
    return found


def _balanced_accuracy(
    truth: NDArray[Any], guessed: NDArray[Any], kept: NDArray[np.bool_]
) -> float:
    return float(balanced_accuracy_score(truth[kept], guessed[kept]))


def _overlaps(sides: Sides, codes: list[Codes], levels: Codes) -> dict[str, Estimate]:
    """Share of the variants that differ most between the two commonest levels, found again."""
    names = [str(percent) for percent in TOP_PERCENT]
    if len(levels) < 2:
        return {name: Estimate(np.nan) for name in names}
    strengths = [
        _differences(people.take(own == levels[0]), people.take(own == levels[1]))
        for people, own in zip((sides.synthetic, sides.holdout), codes, strict=True)
    ]
    n_variants = len(strengths[0])
    found = {}
    for name, percent in zip(names, TOP_PERCENT, strict=True):
        n_top = max(1, round(n_variants * percent / 100))
        first, second = (set(np.argsort(-each, kind="stable")[:n_top]) for each in strengths)
        found[name] = Estimate(len(first & second) / n_top, n=n_top)
    return found


def _differences(left: Genotypes, right: Genotypes) -> Values:
    """|z| of ALT frequencies of two groups (n_variants,); 0 where one has no calls."""
    frequencies = np.stack([alt_frequency(genotype_frequencies(each)) for each in (left, right)])
    n = np.stack([2 * (each.counts != MISSING).sum(axis=0) for each in (left, right)])  # alleles
    pooled = ratio((np.nan_to_num(frequencies) * n).sum(axis=0), n.sum(axis=0), otherwise=0.0)
    variance = pooled * (1 - pooled) * ratio(n.sum(axis=0), n.prod(axis=0), otherwise=0.0)
    return np.nan_to_num(np.abs(ratio(frequencies[0] - frequencies[1], np.sqrt(variance))))
