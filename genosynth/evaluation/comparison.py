"""Who is compared with whom: one loader for every metric and every generator.

Two questions, two real sets. Against *train* a generator is compared with what it was fitted to;
train is fixed and the synthetic people are the sample. Against *holdout* it is compared with fresh
people from the same population. Reference rows (`source` in their sample table) are real people:
where some of them are also held out, nobody is compared with themselves (`apart`).
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genosynth.data.genotypes import (
    MISSING,
    VARIANT_KEYS,
    Genotypes,
    load_genotypes,
    person_keys,
)
from genosynth.data.labels import Label, level_codes, load_labels
from genosynth.errors import ArtifactMismatch

logger = logging.getLogger(__name__)

CHUNK = 2**22  # genotypes at a time where counts become floats: 16 MB of them


@dataclass(frozen=True)
class Comparison:
    """The training people, the held-out people, and the synthetic people to be judged."""

    train: Genotypes
    holdout: Genotypes
    synthetic: Genotypes
    labels: list[Label]

    @property
    def trait(self) -> Label | None:
        """The label that effects and predictions are about."""
        return next((label for label in self.labels if label.role == "trait"), None)


@dataclass(frozen=True)
class Sides:
    """As many synthetic as held-out people, nobody on both sides, labels in equal shares."""

    synthetic: Genotypes
    holdout: Genotypes

    @property
    def n(self) -> int:
        """People on each side."""
        return len(self.holdout.samples)


def load_comparison(
    genotypes: str | Path, *, labels: str | Path, synthetic: str | Path
) -> Comparison:
    """Read the real people of a panel and one synthetic cohort.

    A condition without a column in the synthetic cohort (releases made elsewhere) is left out of
    the labels: nobody could be paired by it.

    Raises:
        ArtifactMismatch: the two folders do not show the same variants and trait.
    """
    real, made = load_genotypes(genotypes), load_genotypes(synthetic)
    if not real.variants[VARIANT_KEYS].equals(made.variants[VARIANT_KEYS]):
        raise ArtifactMismatch(
            f"{synthetic}: its variants are not those of {genotypes}. "
            "Draw it again: snakemake --forcerun with the rule that samples it"
        )
    return Comparison(
        real.part("train"),
        real.part("test"),
        made.take(np.arange(len(made.samples))),
        labels=load_shared_labels(labels, made, path=synthetic),
    )


def load_shared_labels(
    labels: str | Path, synthetic: Genotypes, *, path: str | Path
) -> list[Label]:
    """Read the labels of real people that synthetic ones, read from `path`, have a column of.

    Raises:
        ArtifactMismatch: the trait is not among them.
    """
    shared = []
    for label in load_labels(labels):
        if label.name in synthetic.samples:
            shared.append(label)
        elif label.role == "trait":
            raise ArtifactMismatch(
                f"{path}/samples.tsv: no column {label.name}, the trait in {labels}. "
                "Draw it again: snakemake --forcerun with the rule that samples it"
            )
        else:
            logger.warning("%s: no %s; people are paired without it", path, label.name)
    return shared


def apart(comparison: Comparison) -> tuple[Genotypes, Genotypes]:
    """Give synthetic and held-out people without anyone who is on both sides.

    Held-out people who are also the source of a synthetic row go to the two sides in turn, so that
    real people are judged as one half against the other.
    """
    synthetic, holdout = comparison.synthetic, comparison.holdout
    if "source" not in synthetic.samples:
        return synthetic, holdout
    sources, held = synthetic.samples["source"], person_keys(holdout.samples)
    shared = held[held.isin(sources)]
    return (
        synthetic.take(~sources.isin(shared.iloc[1::2]).to_numpy()),
        holdout.take(~held.isin(shared.iloc[0::2]).to_numpy()),
    )


def equal_sides(comparison: Comparison, *, n_max: int, seed: int) -> Sides:
    """Draw as many synthetic as held-out people, at most n_max a side.

    Each group of people (trait × conditions) has the same number on both sides: a composition that
    was asked for is not a fault of the genotypes. Missing calls are made alike as well: synthetic
    people, who have none, get those of the held-out person drawn with them.
    """
    synthetic, holdout = apart(comparison)
    rng = np.random.default_rng(seed)
    groups = label_groups([synthetic.samples, holdout.samples], comparison.labels)
    pairs = np.concatenate(
        [np.zeros((0, 2), np.intp)]
        + [_random_pairs(groups, code, rng) for code in np.unique(groups[1])]
    )
    pairs = rng.permutation(pairs)[:n_max]
    drawn, held = synthetic.take(pairs[:, 0]), holdout.take(pairs[:, 1])
    if not (synthetic.counts == MISSING).any():
        drawn = replace(drawn, counts=np.where(held.counts == MISSING, held.counts, drawn.counts))
    return Sides(drawn, held)


def some_strangers(comparison: Comparison, *, n_max: int, seed: int) -> Genotypes:
    """At most n_max held-out people who are not on the synthetic side, whatever their labels."""
    holdout = apart(comparison)[1]
    drawn = np.random.default_rng(seed).permutation(len(holdout.samples))[:n_max]
    return holdout.take(np.sort(drawn))


def label_groups(tables: list[pd.DataFrame], labels: list[Label]) -> list[NDArray[np.intp]]:
    """Number the groups of people with the same labels (quantitative ones cut at quantiles)."""
    everyone = pd.concat(tables, ignore_index=True)
    codes = np.zeros((len(everyone), 1 + len(labels)), np.intp)
    for column, label in enumerate(labels):
        codes[:, 1 + column] = level_codes(everyone[label.name], label)
    groups = np.unique(codes, axis=0, return_inverse=True)[1].reshape(-1)
    return np.split(groups, np.cumsum([len(table) for table in tables])[:-1])


def chunks(counts: NDArray[np.int8]) -> Iterator[NDArray[np.int8]]:
    """People in chunks small enough to become floats."""
    n_people = max(1, CHUNK // max(1, counts.shape[1]))
    for start in range(0, len(counts), n_people):
        yield counts[start : start + n_people]


def rounded_means(counts: NDArray[np.int8]) -> NDArray[np.int8]:
    """Mean ALT copies of the called people at each variant, rounded; 0 where nobody is called."""
    called = counts != MISSING
    total = np.where(called, counts, 0).sum(axis=0)
    return np.asarray(np.rint(total / np.maximum(called.sum(axis=0), 1)), np.int8)


def filled(counts: NDArray[np.int8], values: NDArray[np.int8]) -> NDArray[np.int8]:
    """Put a value for each variant in the place of missing calls, for models that need numbers."""
    return np.asarray(np.where(counts == MISSING, values, counts), np.int8)


def _random_pairs(
    groups: list[NDArray[np.intp]], code: int, rng: np.random.Generator
) -> NDArray[np.intp]:
    left, right = (rng.permutation(np.flatnonzero(side == code)) for side in groups)
    n_pairs = min(len(left), len(right))
    return np.stack([left[:n_pairs], right[:n_pairs]], axis=1)
