"""Draw people from the classical generators."""

import logging
from typing import Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genosynth.progress import progress
from genosynth.settings.sampling import SamplingSettings

logger = logging.getLogger(__name__)


class ClassicalModel(Protocol):
    """What independent sites and the copula have in common."""

    def sample(
        self, people: pd.DataFrame, *, person_ids: NDArray[np.intp], seed: int
    ) -> NDArray[np.int8]:
        """ALT copies (n_people, n_variants) of people with these labels."""


def sample_classical(
    model: ClassicalModel, label_table: pd.DataFrame, *, settings: SamplingSettings, seed: int
) -> NDArray[np.int8]:
    """Draw one person for each row of `label_table`: counts (n, n_variants).

    A person depends on (seed, row) alone, whatever the batch size.
    """
    firsts = range(0, len(label_table), settings.batch_size)
    batches = []
    for first in progress(firsts, what="sampling", total=len(firsts)):
        people = label_table.iloc[first : first + settings.batch_size]
        person_ids = np.arange(first, first + len(people))
        batches.append(model.sample(people, person_ids=person_ids, seed=seed))
    counts = np.concatenate(batches)
    logger.info("drew %d people at %d variants", *counts.shape)
    return counts
