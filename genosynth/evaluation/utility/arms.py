"""Who learns and who is judged: sets of people, and arms that pair them."""

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genosynth.data.genotypes import Genotypes
from genosynth.data.labels import Label
from genosynth.evaluation.comparison import Comparison, apart, filled, rounded_means
from genosynth.evaluation.utility.predictors import Fit, Rows, Scorer, Values

MAX_FITTED = 50_000  # people of each source: memory, and more change no conclusion
MIN_IN_CLASS = 10  # people; with fewer nothing is learnt or judged
N_ALIKE = 20  # people whose quantitative trait counts as the same in `shuffled`


@dataclass(frozen=True)
class People:
    """People whose trait is known, as a model sees them; samples: their labels.

    who: the person that each row is; None: nobody is there twice.
    """

    counts: NDArray[np.int8]  # without missing calls
    trait: Values
    samples: pd.DataFrame
    who: Rows | None = None

    def take(self, rows: Rows) -> "People":
        """Give the people of these rows; the caller knows whether one is there twice."""
        return People(self.counts[rows], self.trait[rows], self.samples.iloc[rows])


class Arm(NamedTuple):
    """Names of the set a model is fitted to and of the set it is judged on."""

    fitted: str
    judged: str


TSTR = Arm("synthetic", "holdout")
TRTR = Arm("train", "holdout")
TRTS = Arm("train", "synthetic")
CONTROL = Arm("train", "shuffled")
REAL = Arm("all_train", "holdout")
AUGMENTED = Arm("augmented", "holdout")
BALANCED = Arm("balanced", "holdout")
REWEIGHTED = Arm("reweighted", "holdout")


def gather_people(comparison: Comparison, trait: Label, *, seed: int) -> dict[str, People]:
    """Give every set that an arm names; people without a known trait are left out.

    synthetic, train: equal in number and classes; holdout: all who are not also synthetic;
    shuffled: `train` as a sampler of single variants would draw it; all_train: everybody trained
    on; augmented: these and all synthetic people; balanced, reweighted: see `fill_up`, for a binary
    trait alone.
    """
    fill = rounded_means(comparison.train.counts)
    synthetic, holdout = apart(comparison)
    sources = {"synthetic": synthetic, "train": comparison.train, "holdout": holdout}
    known = {name: _rows_of_known_trait(people, trait) for name, people in sources.items()}
    is_binary = trait.kind == "binary"
    rng = np.random.default_rng(seed)

    def as_seen(name: str, chosen: Rows) -> People:
        rows = known[name][chosen]
        samples = sources[name].samples.iloc[rows].reset_index(drop=True)
        counts = filled(sources[name].counts[rows], fill)
        return People(counts, samples[trait.name].to_numpy(float), samples)

    values = [
        sources[name].samples[trait.name].to_numpy(float)[known[name]]
        for name in ("synthetic", "train")
    ]
    equal = equal_classes(*values, is_binary=is_binary, rng=rng)
    most = _at_most(MAX_FITTED, len(known["train"]), rng)
    train = as_seen("train", equal[1])
    sets = {
        "synthetic": as_seen("synthetic", equal[0]),
        "train": train,
        "holdout": as_seen("holdout", np.arange(len(known["holdout"]))),
        "all_train": train if np.array_equal(equal[1], most) else as_seen("train", most),
    }
    added = as_seen("synthetic", _at_most(MAX_FITTED, len(known["synthetic"]), rng))
    is_any = len(added.trait) >= MIN_IN_CLASS  # or there is nothing to learn beside train
    sets["augmented"] = _together(sets["all_train"], added) if is_any else added
    sets["shuffled"] = shuffle_variants(sets["train"], is_binary=is_binary, rng=rng)
    if is_binary:
        sets["balanced"], sets["reweighted"] = fill_up(sets["all_train"], added, rng=rng)
    return sets


def fill_up(train: People, synthetic: People, *, rng: np.random.Generator) -> tuple[People, People]:
    """Add to the rarer class until both are equal: synthetic people, or its own people again.

    As many either way, as far as there are synthetic ones: what the first gains over the second is
    no matter of weights. Nobody at all where fewer than MIN_IN_CLASS can be added or said again.
    """
    rarer = float((train.trait == 1).mean() < 0.5)
    own, offered = (np.flatnonzero(people.trait == rarer) for people in (train, synthetic))
    n_added = min(len(train.trait) - 2 * len(own), len(offered))
    if min(n_added, len(own)) < MIN_IN_CLASS:
        nobody = train.take(np.zeros(0, np.intp))
        return nobody, nobody
    filled_up = _together(train, synthetic.take(rng.permutation(offered)[:n_added]))
    again = np.resize(rng.permutation(own), n_added)  # each as often, but for the last round
    said_again = _together(train, train.take(again))
    return filled_up, replace(said_again, who=np.r_[np.arange(len(train.trait)), again])


def equal_classes(
    synthetic: Values, train: Values, *, is_binary: bool, rng: np.random.Generator
) -> tuple[Rows, Rows]:
    """Choose as many people of each class on both sides; a quantitative trait is one class."""
    classes = [side if is_binary else np.zeros(len(side)) for side in (synthetic, train)]
    chosen: list[list[Rows]] = [[], []]
    for value in np.unique(classes[0]):
        members = [np.flatnonzero(side == value) for side in classes]
        most = MAX_FITTED * max(len(members[1]), 1) // max(len(train), 1)
        n = min(len(members[0]), len(members[1]), most)
        for side in range(2):
            chosen[side].append(rng.permutation(members[side])[:n])
    left, right = (np.sort(np.concatenate([np.zeros(0, np.intp), *side])) for side in chosen)
    return left, right


def shuffle_variants(people: People, *, is_binary: bool, rng: np.random.Generator) -> People:
    """Deal each variant anew among people of the same class, or of about the same value.

    Effects stay those of these people, chance and all; nobody is whole and no LD is left. For a
    quantitative trait those alike are neighbours in rank, which leaves one part in N_ALIKE of LD.
    """
    rank = np.argsort(np.argsort(people.trait, kind="stable"))
    alike = people.trait if is_binary else rank // N_ALIKE
    counts = people.counts.copy()
    for value in np.unique(alike):
        members = np.flatnonzero(alike == value)
        counts[members] = rng.permuted(counts[members], axis=0)
    return People(counts, people.trait, people.samples)


class Pupil:
    """One model in all arms: fitted to a set, and scoring a set, at most once."""

    def __init__(
        self, fit: Fit, sets: dict[str, People], *, is_binary: bool, n_bootstrap: int, seed: int
    ) -> None:
        """Learn nothing yet; n_bootstrap: resamples behind intervals that need them."""
        self.is_binary, self.n_bootstrap, self.seed = is_binary, n_bootstrap, seed
        self._fit, self._sets = fit, sets
        self._fitted: dict[int, Scorer] = {}  # by identity: one set can have two names
        self._scores: dict[Arm, Values] = {}

    def judged(self, arm: Arm) -> People:
        """Give the people whom this arm scores."""
        return self._sets[arm.judged]

    def learnt_from(self, arm: Arm) -> People:
        """Give the people whom this arm is fitted to."""
        return self._sets[arm.fitted]

    def scores(self, *arms: Arm) -> Values:
        """Scores of the same judged people in each arm, (n_arms, n_judged).

        NaN where a class of those fitted to or judged has fewer than MIN_IN_CLASS people.
        """
        for arm in arms:
            if arm not in self._scores:
                self._scores[arm] = self._score(arm)
        return np.stack([self._scores[arm] for arm in arms])

    def is_enough(self, trait: Values) -> bool:
        """Whether something can be learnt from, or judged on, people with these values."""
        n = np.bincount(trait.astype(int), minlength=2).min() if self.is_binary else len(trait)
        return bool(n >= MIN_IN_CLASS)

    def _score(self, arm: Arm) -> Values:
        fitted, judged = self._sets[arm.fitted], self._sets[arm.judged]
        if not (self.is_enough(fitted.trait) and self.is_enough(judged.trait)):
            return np.full(len(judged.trait), np.nan)
        if id(fitted) not in self._fitted:
            self._fitted[id(fitted)] = self._fit(
                fitted.counts, fitted.trait, seed=self.seed, who=fitted.who
            )
        return self._fitted[id(fitted)](judged.counts)


def _rows_of_known_trait(people: Genotypes, trait: Label) -> Rows:
    return np.flatnonzero(np.isfinite(people.samples[trait.name].to_numpy(float)))


def _at_most(most: int, n_people: int, rng: np.random.Generator) -> Rows:
    return np.arange(n_people) if n_people <= most else np.sort(rng.permutation(n_people)[:most])


def _together(*groups: People) -> People:
    return People(
        np.concatenate([each.counts for each in groups]),
        np.concatenate([each.trait for each in groups]),
        pd.concat([each.samples for each in groups], ignore_index=True),
    )
