"""Likelihood of real people under a classical generator."""

import logging
from typing import Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genosynth.data.genotypes import Genotypes
from genosynth.progress import progress

logger = logging.getLogger(__name__)

BATCH_SIZE = 256  # people whose states stay in the processor's cache


class ClassicalModel(Protocol):
    """What classical generators with a likelihood have in common."""

    def nats(self, counts: NDArray[np.int8], people: pd.DataFrame) -> NDArray[np.float64]:
        """Negative log-likelihood (n_people,) of ALT copies, given the people's labels."""


def classical_nats(model: ClassicalModel, people: Genotypes) -> NDArray[np.float64]:
    """Negative log-likelihood (n_people,) of people given their labels."""
    firsts = range(0, len(people.samples), BATCH_SIZE)
    batches = [np.zeros(0)]
    for first in progress(firsts, what="likelihood", total=len(firsts)):
        rows = slice(first, first + BATCH_SIZE)
        batches.append(model.nats(people.counts[rows], people.samples.iloc[rows]))
    nats = np.concatenate(batches)
    logger.info("%.2f nats a person, mean of %d people", nats.mean(), len(nats))
    return nats
