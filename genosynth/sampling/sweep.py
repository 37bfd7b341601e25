"""Sweep the sampler's settings: what guidance, fewer steps and unknown labels do to people."""

import logging
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from time import perf_counter

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genosynth.data.genotypes import Genotypes
from genosynth.data.labels import Label
from genosynth.data.sweep import Draw, Sweep
from genosynth.models.denoiser import Latents
from genosynth.sampling.diffusion import Drawn
from genosynth.sampling.unknown import complete_labels
from genosynth.settings.sampling import SamplingSettings

logger = logging.getLogger(__name__)

N_PEOPLE = 1500  # of each draw: enough for slopes within ±.1
GUIDANCE = (1.0, 1.5, 2.0, 3.0, 5.0)
STEPS = (1, 2, 4, 8, 16)  # the last one is what the others are compared with

Sampler = Callable[..., Drawn]  # (label_table, *, settings, seed): a fitted model, device and all


def draw_sweep(
    sampler: Sampler,
    train: Genotypes,
    latents: Latents,
    *,
    labels: list[Label],
    settings: SamplingSettings,
    seed: int,
) -> Sweep:
    """Draw people for the labels of some training people, changing one setting at a time.

    latents: of the training people.
    """
    rng = np.random.default_rng(seed)
    rows = rows_to_ask_for(train.samples, labels, rng)
    asked = train.take(rows)
    mean, sd = (each.numpy()[rows].astype(float) for each in (latents.mean, latents.sd))
    has_trait = any(label.role == "trait" for label in labels)

    @cache
    def draw(guidance: float, steps: int, labels_known: bool = True) -> Draw:
        """Draw people under changed settings, the same settings only once."""
        samples = asked.samples if labels_known else unknown
        changed = settings.model_copy(update={"guidance": guidance, "steps": steps})
        start = perf_counter()
        complete = complete_labels(samples, train.samples, labels, seed=seed)
        drawn = sampler(complete, settings=changed, seed=seed)
        people = replace(asked, counts=drawn.counts, samples=samples)
        return Draw(people, drawn.latents, seconds=perf_counter() - start)

    unknown = asked.samples.assign(**{label.name: np.nan for label in labels})
    sweep = Sweep(
        asked,
        mean + sd * rng.standard_normal(mean.shape),
        guidance={each: draw(each, settings.steps) for each in GUIDANCE if has_trait},
        steps={each: draw(1.0, each) for each in STEPS},
        masked=draw(1.0, settings.steps, labels_known=False) if labels else None,
    )
    logger.info("drew %d times %d people", draw.cache_info().misses, len(rows))
    return sweep


def rows_to_ask_for(
    samples: pd.DataFrame, labels: list[Label], rng: np.random.Generator
) -> NDArray[np.intp]:
    """Choose N_PEOPLE of those whose trait is known, in their order; all of fewer."""
    known = np.ones(len(samples), bool)
    for label in labels:
        if label.role == "trait":
            known &= samples[label.name].notna().to_numpy()
    return np.sort(rng.permutation(np.flatnonzero(known))[:N_PEOPLE])
