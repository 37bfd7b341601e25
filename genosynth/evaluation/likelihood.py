"""What a generator's likelihood of real people says of it; the model itself is not seen."""

import logging
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genosynth.data.genotypes import TEXT_COLUMNS, Genotypes, person_keys
from genosynth.data.labels import Label
from genosynth.errors import ArtifactMismatch
from genosynth.evaluation.estimates import DISTANCE, Estimate, ScoreSheet
from genosynth.evaluation.privacy.loss_attack import attack_by_loss
from genosynth.files import read_table
from genosynth.scores import Score

logger = logging.getLogger(__name__)


def evaluate_likelihood(
    nats: pd.DataFrame, real: Genotypes, labels: list[Label], *, path: str | Path
) -> list[Score]:
    """Score how likely the generator finds held-out people, and training people more than them.

    nats: (fid) iid part nats, as read from `path`.

    Raises:
        ArtifactMismatch: somebody is not of this cohort.
    """
    asked = person_keys(nats)
    rows = pd.Index(person_keys(real.samples)).get_indexer(asked)
    if (rows < 0).any():
        raise ArtifactMismatch(
            f"{path}: {asked[rows < 0].iloc[0]} is not among the real people. "
            "Make it again: snakemake --forcerun with the rule that writes it"
        )
    values = nats["nats"].to_numpy(float)
    sheet = ScoreSheet()
    sheet.enter({"holdout_nats": mean_nats(values[(nats["part"] == "test").to_numpy()])})
    attack = attack_by_loss(
        values, real.take(rows), reference=real.part("reference"), labels=labels
    )
    sheet.enter(attack)
    logger.info("scored the likelihood of %s real people", f"{len(nats):,}")
    return sheet.scores


def load_nats(path: str | Path) -> pd.DataFrame:
    """Read nats of real people under a generator: (fid) iid part nats."""
    return read_table(path, dtype=TEXT_COLUMNS)


def mean_nats(values: NDArray[np.float64]) -> Estimate:
    """Mean over people, with the interval of the mean."""
    n = len(values)
    if n < 2:
        return Estimate(float(values.mean()) if n else np.nan, n=n)
    error = float(values.std(ddof=1)) / np.sqrt(n)
    return Estimate.around(float(values.mean()), error, n=n, degrees=n - 1, limits=DISTANCE)
