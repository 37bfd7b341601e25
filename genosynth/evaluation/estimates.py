"""Values with their intervals, and how long each took.

Intervals are 95 %. Where people are resampled, the spread of the resamples is laid around the
value: a distance such as an RMSE grows when noise is added twice, so percentiles of its resamples
would miss it. Where pairs or windows of variants are summed, a block jackknife leaves out one
stretch of the genome at a time.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from genosynth.scores import Score

CONFIDENCE = 0.95
N_BLOCKS = 20  # stretches of the genome where there are too few chromosomes to leave out


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
        limits: tuple[float, float] = (-math.inf, math.inf),
    ) -> "Estimate":
        """Lay a t interval around a value, within what the value can be."""
        reach = float(stats.t.ppf((1 + CONFIDENCE) / 2, degrees)) * standard_error
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
    low = stats.beta.ppf(tail, n_hits, n - n_hits + 1) if n_hits else 0.0
    high = stats.beta.ppf(1 - tail, n_hits + 1, n - n_hits) if n_hits < n else 1.0
    return Estimate(n_hits / n, float(low), float(high), n)


def genome_blocks(variants: pd.DataFrame) -> NDArray[np.intp]:
    """Number the stretches of the genome that the jackknife leaves out, for each variant.

    Chromosomes; where there are fewer than ten, each is cut into runs of neighbouring variants.
    """
    chromosome = variants["chromosome"].to_numpy()
    first = np.r_[True, chromosome[1:] != chromosome[:-1]][: len(chromosome)]
    codes = np.cumsum(first) - 1
    n_chromosomes = int(first.sum())
    if n_chromosomes >= N_BLOCKS // 2 or not n_chromosomes:
        return codes
    n_runs = math.ceil(N_BLOCKS / n_chromosomes)
    size = np.bincount(codes)[codes]
    position = np.arange(len(codes)) - np.flatnonzero(first)[codes]
    return np.unique(codes * n_runs + position * n_runs // size, return_inverse=True)[1]


def block_jackknife(
    statistic: Callable[[NDArray[np.bool_]], float],
    *blocks: NDArray[np.intp],
    limits: tuple[float, float] = (-math.inf, math.inf),
) -> Estimate:
    """Estimate a statistic of variants, or of pairs of them, leaving out a block at a time.

    statistic: its value for a mask of the variants (pairs) kept. blocks: the block of each variant;
    for pairs one array for each end. Blocks are the sampling units, whatever their size.
    """
    n = len(blocks[0])
    value = statistic(np.ones(n, bool))
    keeps = [np.all([block != code for block in blocks], axis=0) for code in _codes(blocks)]
    left_out = np.array([statistic(keep) for keep in keeps if keep.any()])
    left_out = left_out[np.isfinite(left_out)]
    if not math.isfinite(value) or len(left_out) < 2:
        return Estimate(value, n=n)
    variance = (len(left_out) - 1) * float(left_out.var())
    return Estimate.around(
        value, math.sqrt(variance), n=n, degrees=len(left_out) - 1, limits=limits
    )


def _codes(blocks: Sequence[NDArray[np.intp]]) -> NDArray[np.intp]:
    return np.unique(np.concatenate(blocks))
