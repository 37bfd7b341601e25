"""Fit the independent-sites generator."""

import logging

from genosynth.data.genotypes import Genotypes
from genosynth.data.labels import Label
from genosynth.models.independent import IndependentModel
from genosynth.settings.independent import IndependentSettings
from genosynth.training.frequencies import fit_frequencies

logger = logging.getLogger(__name__)


def fit_independent(
    train: Genotypes, labels: list[Label], *, settings: IndependentSettings
) -> IndependentModel:
    """Fit genotype frequencies given the labels."""
    frequencies = fit_frequencies(train, labels, pseudocount=settings.pseudocount)
    logger.info(
        "fitted %d variants on %d people in %d groups",
        frequencies.n_variants,
        len(train.samples),
        len(frequencies.groups),
    )
    return IndependentModel(frequencies)
