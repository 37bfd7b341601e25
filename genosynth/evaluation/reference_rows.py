"""Reference rows: real people, as they are or spoilt on purpose, scored as if synthetic."""

import logging
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from genosynth.data.genotypes import MISSING, Genotypes, person_keys
from genosynth.data.labels import Label
from genosynth.evaluation.comparison import label_groups
from genosynth.evaluation.fidelity.allele_frequency import genotype_frequencies

logger = logging.getLogger(__name__)

RESAMPLED = 0.1  # share of the genotypes of a copied person that are drawn anew
GOLDEN = (5**0.5 - 1) / 2
N_FEW, N_OF_EACH = 50, 20  # people whom an overfitted generator repeats, and how often


def make_reference_row(real: Genotypes, *, name: str, labels: list[Label], seed: int) -> Genotypes:
    """Give the people of one reference row in the form of synthetic people, with their `source`.

    real_train and real_holdout are real people as they are, missing calls included; train_copy is
    what a leaking generator would release, train_few what one would that was fitted to few people
    for too long; label_shuffled is what one would that is deaf to the trait.
    """
    people = ROWS[name](real, labels, seed)
    columns = people.samples[[label.name for label in labels]]
    numbers = np.arange(1, len(people.samples) + 1)
    samples = columns.assign(source=person_keys(people.samples), part="synthetic")
    samples.insert(0, "iid", [f"syn{number}" for number in numbers])
    logger.info("made %s of %s people", name, f"{len(samples):,}")
    return Genotypes(people.counts, samples, people.variants)


def train_copy(real: Genotypes, seed: int) -> Genotypes:
    """Training people with a tenth of their genotypes, and all missing ones, drawn anew.

    A new genotype is drawn from the training people's genotype frequencies at its variant.
    """
    people = real.part("train")
    return _copied(people, np.arange(len(people.samples)), np.random.default_rng(seed))


def train_few(real: Genotypes, seed: int) -> Genotypes:
    """A few training people over and over, each time another tenth of their genotypes drawn anew.

    Averages over all training people do not show that somebody is released.
    """
    people = real.part("train")
    rng = np.random.default_rng(seed)
    few = np.sort(rng.permutation(len(people.samples))[:N_FEW])
    return _copied(people, np.tile(few, N_OF_EACH), rng)


def label_shuffled(real: Genotypes, labels: list[Label], seed: int) -> Genotypes:
    """Training people, their values of the trait dealt anew among them; conditions stay.

    All that genotypes and conditions are, and nothing of what they say of the trait. People of the
    same value and conditions get their even share of all values: chance would leave some of the
    effects, along the few directions in which a panel with structure varies most.
    """
    people = real.part("train")
    rng = np.random.default_rng(seed)
    n_people = len(people.samples)
    (group,) = label_groups([people.samples], labels)
    order = np.lexsort((rng.random(n_people), group))
    # multiples of the golden ratio lie evenly in every run of them
    rank = np.argsort(np.argsort((np.arange(n_people) * GOLDEN + rng.random()) % 1))
    dealt = {}
    for label in labels:
        if label.role == "trait":
            values = np.empty(n_people)
            values[order] = np.sort(people.samples[label.name].to_numpy(float))[rank]
            dealt[label.name] = values
    return replace(people, samples=people.samples.assign(**dealt))


def _copied(people: Genotypes, rows: NDArray[np.intp], rng: np.random.Generator) -> Genotypes:
    cumulated = np.nan_to_num(genotype_frequencies(people)).cumsum(axis=0)  # (3, n_variants)
    counts = np.empty((len(rows), people.counts.shape[1]), np.int8)
    for i, person in enumerate(people.counts[rows]):
        anew = _draw(cumulated, rng)
        redrawn = (rng.random(len(person)) < RESAMPLED) | (person == MISSING)
        counts[i] = np.where(redrawn, anew, person)
    samples = people.samples.iloc[rows].reset_index(drop=True)
    return Genotypes(counts, samples, people.variants)


def _draw(cumulated: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.int8]:
    """One person from cumulated genotype frequencies; 0 at a variant nobody is called at."""
    above = rng.random(cumulated.shape[1]) >= cumulated[:2]
    return np.asarray((above & (cumulated[2] > 0)).sum(axis=0, dtype=np.int8))


ROWS: dict[str, Callable[[Genotypes, list[Label], int], Genotypes]] = {
    "real_train": lambda real, labels, seed: real.part("train"),
    "real_holdout": lambda real, labels, seed: real.part("test"),
    "train_copy": lambda real, labels, seed: train_copy(real, seed),
    "train_few": lambda real, labels, seed: train_few(real, seed),
    "label_shuffled": label_shuffled,
}
