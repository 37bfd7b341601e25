"""Draw people from the classical generators."""

import logging
from typing import Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genosynth.progress import progress

logger = logging.getLogger(__name__)

AT_A_TIME = 2**23  # genotypes: clusters draw four numbers for each


class ClassicalModel(Protocol):
    """What independent sites and the copula have in common."""

    def sample(
        self, people: pd.DataFrame, *, person_ids: NDArray[np.intp], seed: int
    ) -> NDArray[np.int8]:
        """ALT copies (n_people, n_variants) of people with these labels."""


def sample_classical(
    model: ClassicalModel, label_table: pd.DataFrame, *, seed: int, out: NDArray[np.int8]
) -> None:
    """Draw one person for each row of `label_table` into `out`, counts (n, n_variants).

    A person depends on (seed, row) alone.
    """
    n_people = max(1, AT_A_TIME // out.shape[1])
    firsts = range(0, len(label_table), n_people)
    for first in progress(firsts, what="sampling", total=len(firsts)):
        people = label_table.iloc[first : first + n_people]
        person_ids = np.arange(first, first + len(people))
        out[person_ids] = model.sample(people, person_ids=person_ids, seed=seed)
    logger.info("drew %d people at %d variants", *out.shape)
