"""Composition: are the levels of each condition as frequent as among the training people?

Whoever compares people of the same labels cannot see who is missing: a release without one of the
ancestries passes everywhere else.
"""

import numpy as np
from numpy.typing import NDArray

from genosynth.data.genotypes import Genotypes
from genosynth.data.labels import Label, level_codes
from genosynth.evaluation.agreement import ratio
from genosynth.evaluation.comparison import Comparison
from genosynth.evaluation.estimates import SHARE, Estimate, leave_out

MIN_PEOPLE = 10  # fewer show nothing

Codes = NDArray[np.intp]


def compare_composition(comparison: Comparison) -> dict[str, Estimate]:
    """Score `composition_distance.NAME` for each condition."""
    return {
        f"composition_distance.{label.name}": _compare(comparison, label)
        for label in comparison.labels
        if label.role == "condition"
    }


def composition_distance(synthetic: Codes, train: Codes) -> float:
    """Share of people who would need another level, from numbers of people (n_classes, n_levels).

    The shares of the classes may have been asked for: train counts as if it had those of the
    synthetic people. Classes are those of the trait, fifths if it is quantitative.

    >>> composition_distance(np.array([[3, 1]]), np.array([[5, 5]]))
    0.25
    """
    of_class = synthetic.sum(axis=1, keepdims=True)
    shares = ratio(train, train.sum(axis=1, keepdims=True), otherwise=0.0)
    differences = synthetic.sum(axis=0) - (of_class * shares).sum(axis=0)
    return float(np.abs(differences).sum() / 2 / of_class.sum())


def _compare(comparison: Comparison, label: Label) -> Estimate:
    shape = (_n_levels(comparison.trait) if comparison.trait else 1, _n_levels(label))
    cells, of_train = (
        _cells(people, label, comparison.trait)
        for people in (comparison.synthetic, comparison.train)
    )
    if min(len(cells), len(of_train)) < MIN_PEOPLE:
        return Estimate(np.nan, n=len(cells))

    def count(chosen: Codes) -> Codes:
        return np.bincount(chosen, minlength=shape[0] * shape[1]).reshape(shape)

    train = count(of_train)
    return leave_out(
        lambda kept: composition_distance(count(cells[kept]), train), len(cells), limits=SHARE
    )


def _n_levels(label: Label) -> int:
    return len(label.levels) or len(label.quantiles) + 1


def _cells(people: Genotypes, label: Label, trait: Label | None) -> Codes:
    """Number of each person's class and level together; people who lack one are left out."""
    levels = level_codes(people.samples[label.name], label)
    classes = np.zeros_like(levels)
    if trait is not None:
        classes = level_codes(people.samples[trait.name], trait)
    known = (levels >= 0) & (classes >= 0)
    return classes[known] * _n_levels(label) + levels[known]
