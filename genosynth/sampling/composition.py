"""Which labels the synthetic people have: the table that every generator draws people for."""

import logging

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genosynth.data.labels import Label, as_levels, level_codes
from genosynth.errors import ConfigError
from genosynth.settings.sampling import SamplingSettings

logger = logging.getLogger(__name__)

LEAST_MERGED = 10  # people behind each value that a quantitative label is drawn from
MERGED_FRACTION = 0.005  # of the people, where that is more
JITTER = 0.025  # in ranks: a value moves within this fraction of the people on either side
MOST_DECIMALS = 4  # a column with more is taken to be continuous


def compose_labels(
    samples_of_train: pd.DataFrame,
    labels: list[Label],
    *,
    settings: SamplingSettings,
    seed: int,
) -> pd.DataFrame:
    """Draw the label table of a synthetic cohort: iid, part and a column for each label.

    Rows are label tuples of training people whose trait is known, so that trait and conditions stay
    joined, unknown conditions included; quantitative values are smoothed. With size and composition
    matched each tuple is used once; otherwise tuples of a class are used equally often.

    Raises:
        ConfigError: the composition asks for a class that nobody in train belongs to.
    """
    generator = np.random.default_rng(seed)
    known = samples_of_train[[label.name for label in labels]]
    trait = next((label for label in labels if label.role == "trait"), None)
    classes = np.zeros(len(known), np.intp)
    if trait is not None:
        known = known[known[trait.name].notna()]
        classes = level_codes(known[trait.name], trait)
    size = len(known) if settings.size == "matched" else settings.size
    wanted = _class_shares(classes, trait, settings)
    drawn = known.iloc[_draw_rows(classes, wanted, size, generator)].reset_index(drop=True)
    for label in labels:
        if label.kind == "quantitative":
            drawn[label.name] = smooth_values(drawn[label.name], known[label.name], generator)
        elif label.kind == "categorical":
            drawn[label.name] = as_levels(drawn[label.name])
    drawn.insert(0, "iid", [f"syn{number + 1}" for number in range(size)])
    drawn.insert(1, "part", "synthetic")
    logger.info("composed the labels of %d people from %d in train", size, len(known))
    return drawn


def _class_shares(
    classes: NDArray[np.intp], trait: Label | None, settings: SamplingSettings
) -> dict[int, float]:
    """Share of each class of the trait in the synthetic cohort; quintiles where it is a number."""
    present, n_people = np.unique(classes, return_counts=True)
    composition = settings.composition
    if composition == "balanced":
        return dict.fromkeys(present.tolist(), 1 / len(present))
    if isinstance(composition, dict) and trait is not None and trait.name in composition:
        cases = composition[trait.name]
        return {0: 1 - cases, 1: cases}
    return dict(zip(present.tolist(), (n_people / len(classes)).tolist(), strict=True))


def _draw_rows(
    classes: NDArray[np.intp],
    shares: dict[int, float],
    size: int,
    generator: np.random.Generator,
) -> NDArray[np.intp]:
    """Rows (size,) in random order, each class in its share and its rows equally often."""
    ends = np.round(np.cumsum([0, *shares.values()]) * size).astype(int)
    drawn = [
        _deal(np.flatnonzero(classes == level), n, generator)
        for level, n in zip(shares, np.diff(ends), strict=True)
        if n > 0
    ]
    return generator.permutation(np.concatenate(drawn))


def _deal(rows: NDArray[np.intp], n: int, generator: np.random.Generator) -> NDArray[np.intp]:
    """Deal `n` rows from shuffled decks, so that no row is used twice before all were used once."""
    if len(rows) == 0:
        raise ConfigError(
            "sampling.composition asks for a class of the trait that nobody in train belongs to"
        )
    decks = [generator.permutation(rows) for _ in range(-(-n // len(rows)))]
    return np.concatenate(decks)[:n]


def smooth_values(
    drawn: pd.Series, known: pd.Series, generator: np.random.Generator
) -> NDArray[np.float64]:
    """Replace values by ones that belong to nobody but keep their distribution and rough rank.

    An exact laboratory value identifies a person. A value's rank is jittered and looked up in the
    quantile function of the known values, interpolated between means of neighbouring people; an
    extreme value is thus the mean of the most extreme ones. Decimals are those of the column.
    """
    people = np.sort(known.dropna().to_numpy(float))
    n_merged = max(LEAST_MERGED, round(MERGED_FRACTION * len(people)))
    merged = np.array_split(people, max(1, len(people) // n_merged))
    ends = np.cumsum([len(values) for values in merged]) / len(people)
    middles = (ends + np.array([0, *ends[:-1]])) / 2

    values = drawn.to_numpy(float)
    rank = (np.searchsorted(people, values) + np.searchsorted(people, values, "right")) / 2
    rank = rank / len(people) + generator.uniform(-JITTER, JITTER, len(values))
    reflected = 1 - np.abs(1 - np.abs(rank))
    smooth = np.interp(reflected, middles, [values.mean() for values in merged])
    return np.where(np.isnan(values), np.nan, _rounded_like(people, smooth))


def _rounded_like(people: NDArray[np.float64], values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Round to as many decimals as the people's values have, if these are few."""
    for decimals in range(MOST_DECIMALS + 1):
        if np.allclose(people, np.round(people, decimals), rtol=0, atol=1e-9):
            return np.round(values, decimals)
    return values
