"""People of unknown labels: each is drawn as one of those the label may be, not as their average.

Given no ancestry, a model whose effects are linear draws everybody halfway between ancestries. A
cohort of people of unknown ancestry is a mixture instead, so an unknown label is drawn first.
"""

import logging

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genosynth.data.labels import Label, as_levels, level_codes
from genosynth.seeds import derive_seed, person_uniforms

logger = logging.getLogger(__name__)

Codes = NDArray[np.intp]  # (n_people, n_labels), −1 where unknown


def complete_labels(
    label_table: pd.DataFrame, samples_of_train: pd.DataFrame, labels: list[Label], *, seed: int
) -> pd.DataFrame:
    """Fill unknown labels with those of a training person alike in the known ones.

    Donors are training people all of whose labels are known; quantitative labels are alike in one
    stratum. A known label that no donor shares, beside those before it, is passed over. Without
    donors, labels stay unknown. A person's donor depends on (seed, row) alone.
    """
    codes, codes_of_train = (_codes(each, labels) for each in (label_table, samples_of_train))
    donors = np.flatnonzero((codes_of_train >= 0).all(axis=1))
    incomplete = np.flatnonzero((codes < 0).any(axis=1))
    if not len(donors) or not len(incomplete):
        return label_table
    dice = person_uniforms(derive_seed(seed, "unknown labels"), incomplete, 1)[:, 0]
    chosen = np.empty(len(incomplete), np.intp)
    for pattern in np.unique(codes[incomplete], axis=0):
        asking = (codes[incomplete] == pattern).all(axis=1)
        alike = donors[_alike(codes_of_train[donors], pattern)]
        chosen[asking] = alike[(dice[asking] * len(alike)).astype(np.intp)]
    completed = label_table.copy()
    for column, label in enumerate(labels):
        own, given = (_plain(each[label.name], label) for each in (label_table, samples_of_train))
        unknown = codes[incomplete, column] < 0
        own[incomplete[unknown]] = given[chosen[unknown]]
        completed[label.name] = own
    logger.info("drew unknown labels of %d people", len(incomplete))
    return completed


def _codes(samples: pd.DataFrame, labels: list[Label]) -> Codes:
    columns = [level_codes(samples[label.name], label) for label in labels]
    return np.stack(columns, axis=1) if columns else np.zeros((len(samples), 0), np.intp)


def _alike(donors: Codes, pattern: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Mask of the donors who have the known labels of a pattern, as many of the first as any do."""
    alike = np.ones(len(donors), bool)
    for column in np.flatnonzero(pattern >= 0):
        narrower = alike & (donors[:, column] == pattern[column])
        if narrower.any():
            alike = narrower
    return alike


def _plain(values: pd.Series, label: Label) -> NDArray[np.object_] | NDArray[np.float64]:
    """Values that can be mixed: text for levels, numbers otherwise."""
    if label.kind == "categorical":
        return np.array(as_levels(values), object)
    return np.array(values, float)
