"""Ancestry: does what synthetic people teach of populations hold for real people?

Classifiers of a condition's levels, such as populations, learn from components of synthetic people
and are asked about held-out ones. And two populations as cases and controls: are the variants that
tell synthetic ones apart those that tell real ones apart?
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

from genosynth.data.genotypes import MISSING, Genotypes
from genosynth.data.labels import Label, level_codes
from genosynth.evaluation.agreement import ratio
from genosynth.evaluation.comparison import Sides, chunks
from genosynth.evaluation.estimates import SHARE, Estimate, leave_out
from genosynth.evaluation.fidelity.structure import Components

MIN_PEOPLE = 10  # of a level; fewer show nothing
N_BOOTSTRAP = 100  # draws of people behind the intervals of overlaps
TOP_PERCENT = (10, 20, 30)  # of the variants

Codes = NDArray[np.intp]
Values = NDArray[np.float64]

CLASSIFIERS: dict[str, Callable[[int], LogisticRegression | LinearSVC | RandomForestClassifier]] = {
    "logistic": lambda seed: LogisticRegression(max_iter=1000),
    "svm": lambda seed: LinearSVC(random_state=seed),
    "forest": lambda seed: RandomForestClassifier(100, random_state=seed),
}


def compare_ancestry(
    sides: Sides, strangers: Genotypes, labels: list[Label], components: Components, *, seed: int
) -> dict[str, Estimate]:
    """Score `structure_accuracy.NAME.MODEL` and `structure_overlap.NAME.PERCENT`.

    For each categorical condition; sex shows what guessing reaches. strangers: held-out people of
    every level, those included that synthetic people do not have; components: of train.
    """
    found: dict[str, Estimate] = {}
    for label in labels:
        if label.role != "condition" or label.kind != "categorical":
            continue
        levels = _commonest_levels(strangers, label)
        accuracies = _accuracies(sides.synthetic, strangers, label, levels, components, seed=seed)
        found |= {f"structure_accuracy.{label.name}.{k}": v for k, v in accuracies.items()}
        overlaps = compare_overlaps(sides, label, levels[:2], seed=seed)
        found |= {f"structure_overlap.{label.name}.{k}": v for k, v in overlaps.items()}
    return found


def _commonest_levels(people: Genotypes, label: Label) -> Codes:
    """Levels of at least MIN_PEOPLE people, the commonest first."""
    codes = _codes(people, label)
    n_of = np.bincount(codes[codes >= 0], minlength=label.n_features)
    commonest = np.argsort(-n_of, kind="stable")
    return commonest[n_of[commonest] >= MIN_PEOPLE]


def _codes(people: Genotypes, label: Label) -> Codes:
    return level_codes(people.samples[label.name], label)


def _accuracies(
    teachers: Genotypes,
    asked: Genotypes,
    label: Label,
    levels: Codes,
    components: Components,
    *,
    seed: int,
) -> dict[str, Estimate]:
    """Balanced accuracy on held-out people of each classifier that synthetic people taught.

    A level that nobody taught is never guessed; if there is one alone, guessing is all there is.
    """
    if len(levels) < 2 or not components.axes.shape[1]:
        return {name: Estimate(np.nan) for name in CLASSIFIERS}
    known = [np.isin(_codes(people, label), levels) for people in (teachers, asked)]
    teachers, asked = teachers.take(known[0]), asked.take(known[1])
    lessons, truth = _codes(teachers, label), _codes(asked, label)
    if len(np.unique(lessons)) < 2:
        return dict.fromkeys(CLASSIFIERS, balanced_accuracy(truth, np.full_like(truth, levels[0])))
    taught, questions = (components.project(people.counts) for people in (teachers, asked))
    scale = taught.std(axis=0)
    found = {}
    for name, build in CLASSIFIERS.items():
        model = build(seed).fit(taught / scale, lessons)
        guessed = np.asarray(model.predict(questions / scale))
        found[name] = balanced_accuracy(truth, guessed)
    return found


def balanced_accuracy(truth: Codes, guessed: Codes) -> Estimate:
    """Estimate the mean share of each level's people that are guessed right."""

    def mean_recall(kept: NDArray[np.bool_]) -> float:
        n_of = np.bincount(truth[kept])
        n_right = np.bincount(truth[kept & (truth == guessed)], minlength=len(n_of))
        return float((n_right[n_of > 0] / n_of[n_of > 0]).mean())

    return leave_out(mean_recall, len(truth), limits=SHARE)


def compare_overlaps(
    sides: Sides, label: Label, levels: Codes, *, seed: int
) -> dict[str, Estimate]:
    """Share of the variants that differ most between two levels, found again.

    Intervals draw people of each level on each side anew (Poisson weights).
    """
    names = [str(percent) for percent in TOP_PERCENT]
    people = (sides.synthetic, sides.holdout)
    groups = [each.take(_codes(each, label) == level) for each in people for level in levels]
    if len(levels) < 2 or min(len(group.samples) for group in groups) < MIN_PEOPLE:
        return {name: Estimate(np.nan) for name in names}
    alleles = [count_alleles(group, seed=seed + i) for i, group in enumerate(groups)]
    ranks = [_ranks(differences(*pair)) for pair in (alleles[:2], alleles[2:])]
    n_variants = ranks[0].shape[1]
    found = {}
    for name, percent in zip(names, TOP_PERCENT, strict=True):
        n_top = max(1, round(n_variants * percent / 100))
        shared = ((ranks[0] < n_top) & (ranks[1] < n_top)).sum(axis=1) / n_top
        found[name] = Estimate.around(shared[0], shared[1:].std(), n=n_top, limits=SHARE)
    return found


def _ranks(strengths: Values) -> NDArray[np.intp]:
    """Rank of each variant, 0 for the strongest; ties in their order."""
    return np.argsort(np.argsort(-strengths, axis=1, kind="stable"), axis=1)


def count_alleles(people: Genotypes, *, seed: int) -> Values:
    """ALT alleles and called alleles (2, 1 + N_BOOTSTRAP, n_variants): first of all people."""
    shape = (1 + N_BOOTSTRAP, people.counts.shape[1])
    rng = np.random.default_rng(seed)
    n_alt, n_called = np.zeros((2, *shape))
    for chunk in chunks(people.counts):
        weights = rng.poisson(1, (len(chunk), shape[0])).T.astype(np.float32)
        weights[0] = 1
        n_alt += weights @ np.maximum(chunk, 0).astype(np.float32)
        n_called += 2 * (weights @ (chunk != MISSING).astype(np.float32))
    return np.stack([n_alt, n_called])


def differences(left: Values, right: Values) -> Values:
    """|z| of ALT frequencies of two groups (n_draws, n_variants); 0 where one has no calls."""
    alt, n = np.stack([left, right], axis=1)  # (2, n_draws, n_variants) each
    p = ratio(alt, n, otherwise=0.0)
    pooled = ratio(alt.sum(axis=0), n.sum(axis=0), otherwise=0.0)
    variance = pooled * (1 - pooled) * ratio(n.sum(axis=0), n.prod(axis=0), otherwise=0.0)
    return np.nan_to_num(np.abs(ratio(p[0] - p[1], np.sqrt(variance))))
