"""Values with their intervals, and how long each took.

Intervals are 95 % and lie around the value: other people could have been drawn from the same
generator, and, where held-out people are the measure, other people held out. Train is the target
and stays as it is. Where resampling is one matrix product it is a bootstrap; elsewhere a jackknife
leaves out a twentieth of the people at a time. Percentiles of resamples would not do: a distance
such as an RMSE grows when noise is added twice.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import betaincinv, stdtrit  # scipy.stats takes half a second to import

from genosynth.scores import Score

CONFIDENCE = 0.95
N_GROUPS = 20  # of people, left out one at a time
ANY = (-math.inf, math.inf)
SHARE = (0.0, 1.0)
CORRELATION = (-1.0, 1.0)
DISTANCE = (0.0, math.inf)


@dataclass(frozen=True)
class Estimate:
    """A value, its interval, and the number of things it rests on."""

    value: float
    ci_low: float = math.nan
    ci_high: float = math.nan
    n: int = 0

    @classmethod
    def around(
        cls,
        value: float,
        standard_error: float,
        *,
        n: int,
        degrees: float = math.inf,
        limits: tuple[float, float] = ANY,
    ) -> "Estimate":
        """Lay a t interval around a value, within what the value can be."""
        reach = float(stdtrit(min(degrees, 1e9), (1 + CONFIDENCE) / 2)) * standard_error
        low, high = np.clip([value - reach, value + reach], *limits)
        return cls(float(value), float(low), float(high), int(n))


class ScoreSheet:
    """Scores in the order they are entered, with the seconds since the entry before."""

    def __init__(self) -> None:
        """Start the clock."""
        self.scores: list[Score] = []
        self._since = perf_counter()

    def enter(self, estimates: dict[str, Estimate]) -> None:
        """Enter estimates that were computed together."""
        now = perf_counter()
        for metric, estimate in estimates.items():
            interval = (estimate.value, estimate.ci_low, estimate.ci_high)
            self.scores.append(Score(metric, *interval, estimate.n, now - self._since))
        self._since = now


@dataclass(frozen=True)
class Evaluation:
    """Scores of one group and the tables behind its figures."""

    scores: list[Score]
    figures: dict[str, pd.DataFrame]


def share_estimate(n_hits: int, n: int) -> Estimate:
    """Estimate a share, with the interval of Clopper and Pearson 1934."""
    if n == 0:
        return Estimate(math.nan)
    tail = (1 - CONFIDENCE) / 2
    low = betaincinv(n_hits, n - n_hits + 1, tail) if n_hits else 0.0
    high = betaincinv(n_hits + 1, n - n_hits, 1 - tail) if n_hits < n else 1.0
    return Estimate(n_hits / n, float(low), float(high), n)


def at_least_binomial(share: Estimate) -> Estimate:
    """Widen the interval of a share to what as many independent hits and misses have."""
    if math.isnan(share.value):
        return share
    alone = share_estimate(round(share.value * share.n), share.n)
    low, high = np.nanmin([share.ci_low, alone.ci_low]), np.nanmax([share.ci_high, alone.ci_high])
    return Estimate(share.value, max(float(low), 0.0), min(float(high), 1.0), share.n)


def share_difference(n_hits: int, n_other_hits: int, *, n: int, n_other: int) -> Estimate:
    """Estimate the difference of two shares, with the interval of Agresti and Caffo 2000."""
    if not min(n, n_other):
        return Estimate(math.nan)
    trials = np.array([n + 2, n_other + 2])
    shares = np.array([n_hits + 1, n_other_hits + 1]) / trials
    around = Estimate.around(
        shares[0] - shares[1], math.sqrt((shares * (1 - shares) / trials).sum()), n=n
    )
    return Estimate(n_hits / n - n_other_hits / n_other, around.ci_low, around.ci_high, n)


def jackknife(
    whole: Mapping[str, float],
    left_out: Sequence[Mapping[str, float]],
    *,
    counted: Mapping[str, int],
    limits: Mapping[str, tuple[float, float]] | None = None,
) -> dict[str, Estimate]:
    """Estimate statistics from their values for everybody and without each group of people."""
    estimates = {}
    for name, value in whole.items():
        others = np.array([without[name] for without in left_out])
        error = math.sqrt((len(others) - 1) * others.var()) if len(others) > 1 else math.nan
        estimates[name] = Estimate.around(
            value,
            error,
            n=counted[name],
            degrees=len(others) - 1,
            limits=(limits or {}).get(name, ANY),
        )
    return estimates


def leave_out(
    statistic: Callable[[NDArray[np.bool_]], float], n: int, *, limits: tuple[float, float] = ANY
) -> Estimate:
    """Estimate one statistic of `n` people, given a mask of those who count, by jackknife."""
    found = jackknife(
        {"": statistic(np.ones(n, bool))},
        [{"": statistic(~in_group(n, group))} for group in range(N_GROUPS)],
        counted={"": n},
        limits={"": limits},
    )
    return found[""]


def in_group(n_people: int, group: int) -> NDArray[np.bool_]:
    """Mask of the people that belong to a group of the jackknife."""
    return np.asarray(np.arange(n_people) % N_GROUPS == group)
