"""Who is drawn with whom: people alike in their labels, so that these come out even among them."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genosynth.data.labels import Label, level_codes

MOST_PEOPLE = 4096
LEAST_PEOPLE = 256
MOST_GENOTYPES = 2**23  # a few gigabytes of double precision


def drawn_together(
    label_table: pd.DataFrame, labels: list[Label], *, n_variants: int, seed: int
) -> list[NDArray[np.intp]]:
    """Rows of people who are drawn together, in the order of their labels, those alike at random.

    The trait orders first, then the conditions as listed: of whoever follows one another, cases,
    people of one ancestry, frequencies are then even.
    """
    at_random = np.random.default_rng(seed).random(len(label_table))
    trait_first = sorted(labels, key=lambda label: label.role != "trait")
    ranks = [_rank(label_table[label.name], label) for label in trait_first]
    order = np.lexsort((at_random, *reversed(ranks)))
    size = min(MOST_PEOPLE, max(LEAST_PEOPLE, MOST_GENOTYPES // n_variants))
    return np.split(order, range(size, len(order), size))


def _rank(values: pd.Series, label: Label) -> NDArray[np.float64]:
    """Numbers that put values in order, unknown ones first."""
    if label.kind == "quantitative":
        return values.fillna(-np.inf).to_numpy(float)
    return level_codes(values, label).astype(float)
