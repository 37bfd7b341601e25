"""What goes wrong in a laboratory: calls without result, poor samples, alleles that drop out."""

import numpy as np
from numpy.typing import NDArray

from genosynth.data.genotypes import MISSING

# Fractions of people and variants that QC must find, and how bad they are (lowest, highest).
POOR_PEOPLE = 0.001
POOR_PEOPLE_MISSING = (0.05, 0.1)
POOR_VARIANTS = 0.003
POOR_VARIANTS_MISSING = (0.04, 0.15)
DROPOUT_VARIANTS = 0.001
DROPOUT = (0.3, 0.5)  # share of heterozygotes read as REF homozygotes
DROPOUT_ALT_FREQUENCY = (0.2, 0.8)  # rarer alleles would hide it from the Hardy-Weinberg test

_BLOCK = 1000  # variants whose calls are judged at a time: memory only


def spoil_calls(
    counts: NDArray[np.int8], *, missing_calls: float, flawed: bool, rng: np.random.Generator
) -> None:
    """Take calls out of `counts` (n_samples, n_variants) in place."""
    person_missing = np.full(len(counts), missing_calls, np.float32)
    variant_missing = np.zeros(counts.shape[1], np.float32)
    if flawed:
        _drop_alleles(counts, rng)
        _raise_some(person_missing, POOR_PEOPLE, POOR_PEOPLE_MISSING, rng)
        _raise_some(variant_missing, POOR_VARIANTS, POOR_VARIANTS_MISSING, rng)
    by_variant = counts.T
    for start in range(0, len(by_variant), _BLOCK):
        block = by_variant[start : start + _BLOCK]
        rate = person_missing + variant_missing[start : start + _BLOCK, None]
        block[rng.random(block.shape, np.float32) < rate] = MISSING


def _raise_some(
    missing: NDArray[np.float32],
    share: float,
    limits: tuple[float, float],
    rng: np.random.Generator,
) -> None:
    chosen = rng.choice(len(missing), round(share * len(missing)), replace=False)
    missing[chosen] = rng.uniform(*limits, len(chosen))


def _drop_alleles(counts: NDArray[np.int8], rng: np.random.Generator) -> None:
    lowest, highest = DROPOUT_ALT_FREQUENCY
    alt_frequency = counts.mean(axis=0) / 2
    able = np.flatnonzero((lowest < alt_frequency) & (alt_frequency < highest))
    n_chosen = min(len(able), round(DROPOUT_VARIANTS * counts.shape[1]))
    for variant in rng.choice(able, n_chosen, replace=False):
        is_lost = rng.random(len(counts)) < rng.uniform(*DROPOUT)
        counts[is_lost & (counts[:, variant] == 1), variant] = 0
