"""What a sweep of the sampler shows: tables of guidance, of steps, and of unknown labels.

Beside each number stands what it would be if nothing were wrong: chance alone, or real people.
"""

import logging
import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

from genosynth.data.genotypes import Genotypes
from genosynth.data.labels import Label
from genosynth.data.sweep import Draw, Sweep
from genosynth.evaluation.association import compare_with_train
from genosynth.evaluation.comparison import Comparison, equal_sides, filled, rounded_means
from genosynth.evaluation.effects import estimate_effects
from genosynth.evaluation.estimates import (
    DISTANCE,
    N_GROUPS,
    SHARE,
    Estimate,
    in_group,
    jackknife,
    leave_out,
)
from genosynth.evaluation.fidelity.allele_frequency import alt_frequency, genotype_frequencies
from genosynth.evaluation.fidelity.conditions import level_probabilities
from genosynth.evaluation.fidelity.correlations import co_moments
from genosynth.evaluation.fidelity.linkage import kept_variants
from genosynth.evaluation.fidelity.structure import (
    Components,
    fit_components,
    frechet_distance,
    unlinked_variants,
)
from genosynth.evaluation.utility.measures import MEASURES
from genosynth.evaluation.utility.predictors import Scorer, fit_prs

logger = logging.getLogger(__name__)

N_BOOTSTRAP = 200  # resamples of held-out people, for the interval of r²

GUIDANCE_COLUMNS = ["guidance", "effect_slope", "effect_slope_low", "effect_slope_high"]
GUIDANCE_COLUMNS += ["prs_shift", "prs_shift_real", "af_rmse", "af_rmse_chance"]
GUIDANCE_COLUMNS += ["tstr", "tstr_low", "tstr_high", "trtr", "n", "seconds_per_1000"]
STEPS_COLUMNS = ["steps", "latent_error", "energy_distance", "energy_low", "energy_high"]
STEPS_COLUMNS += ["pca_distance", "pca_low", "pca_high", "pca_real", "n", "seconds_per_1000"]
MASKED_COLUMNS = ["measure", "condition", "level", "value", "ci_low", "ci_high", "expected", "n"]

Values = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Yardstick:
    """Real people whom the draws are held against; components: of train, to see structure in."""

    train: Genotypes
    holdout: Genotypes
    labels: list[Label]
    components: Components
    seed: int

    @property
    def trait(self) -> Label | None:
        """The label that guidance is about."""
        return next((label for label in self.labels if label.role == "trait"), None)


def measure_sweep(
    sweep: Sweep, real: Genotypes, labels: list[Label], *, seed: int
) -> dict[str, pd.DataFrame]:
    """Make the tables `guidance`, `steps` and `masked`; what was not swept has no rows."""
    train = real.part("train")
    kept = kept_variants(len(real.variants))
    unlinked = unlinked_variants(
        co_moments(train.counts, kept).correlations(), kept, n_variants=len(real.variants)
    )
    components = fit_components(train, used=unlinked)
    yardstick = Yardstick(train, real.part("test"), labels, components, seed)
    tables = {
        "guidance": guidance_table(sweep, yardstick),
        "steps": steps_table(sweep, yardstick),
        "masked": masked_table(sweep, yardstick),
    }
    logger.info("measured the sweep: %s rows", {name: len(each) for name, each in tables.items()})
    return tables


def guidance_table(sweep: Sweep, yardstick: Yardstick) -> pd.DataFrame:
    """Effects, frequencies and prediction at each guidance."""
    trait = yardstick.trait
    if trait is None:
        return pd.DataFrame(columns=GUIDANCE_COLUMNS)
    effects = estimate_effects(yardstick.train, trait.name)
    score = PolygenicScore(yardstick.train, trait)
    real_shift = score.shift(sweep.asked)
    trtr = _prediction(sweep.asked, score, yardstick)
    rows = []
    for guidance, draw in sweep.guidance.items():
        slope = compare_with_train(draw.people, effects, trait.name)["effect_slope"]
        tstr = _prediction(draw.people, score, yardstick)
        rows.append(
            (
                *(guidance, slope.value, slope.ci_low, slope.ci_high),
                *(score.shift(draw.people), real_shift),
                *frequency_error(draw.people, yardstick.train),
                *(tstr.value, tstr.ci_low, tstr.ci_high, trtr.value),
                *_size_and_seconds(draw),
            )
        )
    return pd.DataFrame(rows, columns=GUIDANCE_COLUMNS)


def steps_table(sweep: Sweep, yardstick: Yardstick) -> pd.DataFrame:
    """Latents and ancestry at each number of steps."""
    finest = sweep.steps[max(sweep.steps)].latents
    spread = sweep.latents.std(axis=0)
    pca_real = _pca_distance(sweep.asked, yardstick)
    rows = []
    for steps, draw in sweep.steps.items():
        error = math.sqrt((((draw.latents - finest) / spread) ** 2).mean())
        energy = energy_distance(draw.latents / spread, sweep.latents / spread)
        pca = _pca_distance(draw.people, yardstick)
        rows.append(
            (
                *(steps, error, energy.value, energy.ci_low, energy.ci_high),
                *(pca.value, pca.ci_low, pca.ci_high, pca_real.value),
                *_size_and_seconds(draw),
            )
        )
    return pd.DataFrame(rows, columns=STEPS_COLUMNS)


def masked_table(sweep: Sweep, yardstick: Yardstick) -> pd.DataFrame:
    """Hold people of unknown labels against all training people: frequencies and composition."""
    if sweep.masked is None:
        return pd.DataFrame(columns=MASKED_COLUMNS)
    people, train = sweep.masked.people, yardstick.train
    n = len(people.samples)
    error, chance = frequency_error(people, train)
    none = math.nan
    rows: list[tuple[object, ...]] = [("af_rmse", none, none, error, none, none, chance, n)]
    for label in yardstick.labels:
        if label.role != "condition" or not label.levels:
            continue
        read = level_probabilities(train, label, yardstick.components)
        shares, expected = read(people.counts), read(train.counts).mean(axis=0)
        for column, level in enumerate(label.levels):
            own = shares[:, column]
            found = Estimate.around(own.mean(), own.std() / math.sqrt(n), n=n, limits=SHARE)
            interval = (found.value, found.ci_low, found.ci_high)
            rows.append(("share", label.name, level, *interval, expected[column], n))
    return pd.DataFrame(rows, columns=MASKED_COLUMNS)


def frequency_error(people: Genotypes, train: Genotypes) -> tuple[float, float]:
    """Typical error of ALT frequencies against train, and what drawing so many people causes."""
    own, target = (alt_frequency(genotype_frequencies(each)) for each in (people, train))
    called = np.isfinite(own) & np.isfinite(target)
    variance = target * (1 - target) / (2 * len(people.samples))
    return (
        math.sqrt(((own - target)[called] ** 2).mean()),
        math.sqrt(variance[called].mean()),
    )


class PolygenicScore:
    """A score with the training people's single-variant effects."""

    def __init__(self, train: Genotypes, trait: Label) -> None:
        """Learn from the training people whose trait is known."""
        self.trait = trait
        self.fill = rounded_means(train.counts)
        self.score = self.learn(train)
        self.spread = float(self.score(filled(train.counts, self.fill)).std())

    def learn(self, people: Genotypes) -> Scorer:
        """Give a score with the effects of other people."""
        counts, values = self.known(people)
        return fit_prs(counts, values, seed=0)

    def known(self, people: Genotypes) -> tuple[NDArray[np.int8], Values]:
        """Genotypes without missing calls, and trait, of the people whose trait is known."""
        values = people.samples[self.trait.name].to_numpy(float)
        rows = np.flatnonzero(np.isfinite(values))
        return filled(people.counts[rows], self.fill), values[rows]

    def shift(self, people: Genotypes) -> float:
        """How far the trait moves the score, in standard deviations of the training people's.

        From controls to cases, or by one standard deviation of a quantitative trait.
        """
        counts, values = self.known(people)
        scores = self.score(counts)
        unit = 1.0 if self.trait.kind == "binary" else self.trait.sd
        covariance = float(((scores - scores.mean()) * (values - values.mean())).mean())
        variance = float(values.var()) * self.spread
        return unit * covariance / variance if variance > 0 else math.nan


# Székely & Rizzo 2013, the unbiased form: 0 on average for two samples of one distribution.
def energy_distance(left: Values, right: Values) -> Estimate:
    """2 E|X − Y| − E|X − X′| − E|Y − Y′| of two samples (n, n_dimensions), as many people each."""
    groups = np.stack([in_group(len(left), group) for group in range(N_GROUPS)]).astype(float)
    pairs = ((left, right), (left, left), (right, right))
    between, of_left, of_right = (groups @ cdist(*pair) @ groups.T for pair in pairs)

    def distance(kept: Mask) -> dict[str, float]:
        n = groups[kept].sum()
        total, inner = (sums[kept][:, kept].sum() for sums in (between, of_left + of_right))
        return {"energy": float(2 * total / n**2 - inner / (n * (n - 1)))}

    without = [distance(np.arange(N_GROUPS) != group) for group in range(N_GROUPS)]
    everyone = distance(np.ones(N_GROUPS, bool))
    return jackknife(everyone, without, counted={"energy": len(left)})["energy"]


def _prediction(people: Genotypes, score: PolygenicScore, yardstick: Yardstick) -> Estimate:
    """How well a polygenic score learnt from these people predicts held-out people."""
    counts, values = score.known(yardstick.holdout)
    measure = MEASURES["auc" if score.trait.kind == "binary" else "r2"]
    scores = score.learn(people)(counts)[None]
    return measure(scores, values, n_bootstrap=N_BOOTSTRAP, seed=yardstick.seed).of(1)


def _pca_distance(people: Genotypes, yardstick: Yardstick) -> Estimate:
    """Distance to as many held-out people with the same labels, in the space of ancestry."""
    comparison = Comparison(yardstick.train, yardstick.holdout, people, yardstick.labels)
    sides = equal_sides(comparison, n_max=len(people.samples), seed=yardstick.seed)
    left, right = (
        yardstick.components.project(side.counts) for side in (sides.synthetic, sides.holdout)
    )
    return leave_out(
        lambda kept: frechet_distance(left[kept], right[kept]), sides.n, limits=DISTANCE
    )


def _size_and_seconds(draw: Draw) -> tuple[int, float]:
    n = len(draw.people.samples)
    return n, 1000 * draw.seconds / n
