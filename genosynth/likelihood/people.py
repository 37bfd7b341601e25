"""Real people whose likelihood is asked for: held-out people, and as many training people."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genosynth.data.genotypes import Genotypes

MAX_PEOPLE = 1000  # of each part: the mean is then known to a nat or so, 1 % are 10 people


def choose_people(real: Genotypes, *, seed: int) -> Genotypes:
    """Draw test people and equally many training people, the same for every generator."""
    rng = np.random.default_rng(seed)
    parts = [np.flatnonzero(real.samples["part"] == name) for name in ("test", "train")]
    n = min(MAX_PEOPLE, *map(len, parts))
    return real.take(np.concatenate([np.sort(rng.permutation(rows)[:n]) for rows in parts]))


def nats_table(people: Genotypes, nats: NDArray[np.floating]) -> pd.DataFrame:
    """One row for each person: fid (where the cohort has it) iid part nats."""
    return people.samples.filter(["fid", "iid", "part"]).assign(nats=nats.round(4))
