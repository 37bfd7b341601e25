"""Traits of the demo cohort, whose causal variants and effects are known."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genosynth.data.genotypes import Genotypes

SHARE_OF_LARGE_EFFECTS = 0.1
LARGE_EFFECT = 3.0  # standard deviation of large effects, in that of small ones
FREQUENCY_POWER = (
    -0.25
)  # effect variance ∝ (p (1 − p))^−0.25 (Speed et al. 2017, Nat. Genet. 49:986)

LDL_MEAN = 3.6  # mmol/l, as in middle-aged Europeans
LDL_SD = 0.8
AGES = (40, 70)


@dataclass(frozen=True)
class TraitModel:
    """What moves a trait beside genes: shares of the environmental standard deviation."""

    name: str
    sex_effect: float  # women against men
    age_effect: float  # a decade


DISEASE = TraitModel("disease", sex_effect=-0.2, age_effect=0.1)
LDL = TraitModel("ldl", sex_effect=0.2, age_effect=0.3)


@dataclass(frozen=True)
class SimulatedTrait:
    """Values with mean about 0 and variance 1, and the causal variants behind them."""

    values: NDArray[np.float64]  # (n_samples,)
    truth: pd.DataFrame


def simulate_trait(
    genotypes: Genotypes,
    model: TraitModel,
    *,
    n_causal: int,
    heritability: float,
    rng: np.random.Generator,
) -> SimulatedTrait:
    """Additive trait: many small and some larger effects, sex, age and noise.

    Effects in `truth` are per ALT allele, in standard deviations of the trait.
    """
    causal = np.sort(rng.choice(len(genotypes.variants), n_causal, replace=False))
    counts = genotypes.counts[:, causal].astype(float)  # (n_samples, n_causal)
    frequency = counts.mean(axis=0) / 2
    effects = draw_effects(frequency, rng=rng)
    genetic = counts @ effects
    scale = np.sqrt(heritability) / genetic.std()
    environment = draw_environment(genotypes.samples, model, rng=rng)
    values = scale * (genetic - genetic.mean()) + np.sqrt(1 - heritability) * environment
    variants = genotypes.variants.iloc[causal]
    truth = tabulate_truth(model.name, variants, scale * effects, alt_frequency=frequency)
    return SimulatedTrait(values, truth)


def tabulate_truth(
    trait: str,
    variants: pd.DataFrame,
    effects: NDArray[np.float64],
    *,
    alt_frequency: NDArray[np.float64],
) -> pd.DataFrame:
    """Table of the causal variants of a trait and their effects, in SD of it."""
    return pd.DataFrame(
        {
            "trait": trait,
            "id": variants["id"].to_numpy(),
            "chromosome": variants["chromosome"].to_numpy(),
            "position_bp": variants["position_bp"].to_numpy(),
            "effect_allele": variants["alt"].to_numpy(),
            "effect": effects,
            "alt_frequency": alt_frequency,
        }
    )


def draw_effects(
    alt_frequency: NDArray[np.float64], *, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Effects per ALT allele: a mixture of two normals, somewhat larger for rare alleles."""
    is_large = rng.random(len(alt_frequency)) < SHARE_OF_LARGE_EFFECTS
    sd = np.where(is_large, LARGE_EFFECT, 1.0)
    sd *= (alt_frequency * (1 - alt_frequency)) ** (FREQUENCY_POWER / 2)
    return rng.normal(0, sd)


def draw_environment(
    samples: pd.DataFrame, model: TraitModel, *, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Sex, age and chance, standardised."""
    is_woman = samples["sex"].to_numpy() == 2
    decades = samples["age"].to_numpy() / 10
    known = model.sex_effect * is_woman + model.age_effect * decades
    environment = known + rng.normal(size=len(samples))
    standardised: NDArray[np.float64] = (environment - environment.mean()) / environment.std()
    return standardised


def disease_status(liability: NDArray[np.float64], *, prevalence: float) -> NDArray[np.intp]:
    """2 (case) for the highest liabilities, 1 (control) for the others."""
    n_cases = round(prevalence * len(liability))
    rank = np.argsort(np.argsort(liability))
    return np.where(rank >= len(liability) - n_cases, 2, 1)


def ldl_mmol_per_l(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """LDL cholesterol of standard normal values."""
    ldl: NDArray[np.float64] = np.maximum(LDL_MEAN + LDL_SD * values, 0.1)
    return ldl.round(2)
