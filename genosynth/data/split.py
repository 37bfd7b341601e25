"""Train, test and reference: whole families on one side, traits balanced between the parts."""

import logging
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from genosynth.data.labels import describe_label, level_codes
from genosynth.data.phenotypes import Phenotypes, check_cases
from genosynth.errors import CohortError
from genosynth.files import read_table
from genosynth.settings.phenotypes import TraitSettings
from genosynth.settings.split import SplitSettings

logger = logging.getLogger(__name__)

PARTS = ["train", "test", "reference"]
KEYS = ["FID", "IID"]
LARGEST_DEVIATION = 0.1  # a part that misses its fraction by more is not what was asked for


def split_cohort(
    people: pd.DataFrame,
    kinship: pd.DataFrame,
    phenotypes: Phenotypes,
    *,
    settings: SplitSettings,
    seed: int,
) -> pd.DataFrame:
    """Divide people into parts: FID, IID, part and family, in the order of `people`.

    people: FID, IID. kinship: related pairs as `read_kinship` gives them.

    Raises:
        CohortError: families too large for the fractions, or too few cases in train.
    """
    family = find_families(people, kinship, threshold=settings.kinship)
    traits = {
        name: TraitSettings(column=found["column"], kind=found["kind"])
        for name, found in phenotypes.description["traits"].items()
    }
    table = people[KEYS].merge(phenotypes.table, on=KEYS, how="left", validate="one_to_one")
    strata = strata_members(table, traits)  # (n_people, n_strata)
    sizes = coo_matrix((np.ones(len(family)), (family, np.arange(len(family))))).tocsr() @ strata
    fractions = np.array([getattr(settings, part) for part in PARTS])
    part = assign_families(sizes, fractions, rng=np.random.default_rng(seed))[family]
    _check_fractions(part, family, fractions, kinship=settings.kinship)
    split = people[KEYS].assign(part=np.array(PARTS)[part], family=family + 1)
    check_cases(table[part == 0], traits)
    _log_parts(table, split, traits)
    return split.reset_index(drop=True)


def find_families(
    people: pd.DataFrame, kinship: pd.DataFrame, *, threshold: float
) -> NDArray[np.intp]:
    """Number of each person's family: everybody linked by pairs closer than the threshold."""
    position = pd.Series(np.arange(len(people)), index=pd.MultiIndex.from_frame(people[KEYS]))
    close = kinship[kinship["KINSHIP"] > threshold]
    first, second = (
        position.reindex(pd.MultiIndex.from_frame(close[[f"FID{side}", f"IID{side}"]])).to_numpy()
        for side in (1, 2)
    )
    both = ~(np.isnan(first) | np.isnan(second))  # relatives removed by quality control are absent
    links = (first[both].astype(np.intp), second[both].astype(np.intp))
    graph = coo_matrix((np.ones(both.sum()), links), shape=(len(people), len(people)))
    _, family = connected_components(graph, directed=False)
    return np.asarray(family, np.intp)


def read_kinship(path: str | Path) -> pd.DataFrame:
    """Read related pairs: FID1, IID1, FID2, IID2, KINSHIP."""
    names = {"#FID1": "str", "IID1": "str", "FID2": "str", "IID2": "str", "KINSHIP": "float"}
    pairs = pd.read_csv(
        path, sep="\t", usecols=list(names), dtype=names, keep_default_na=False, na_values=["nan"]
    )  # plink2 writes nan for a pair without a heterozygous call
    return pairs.rename(columns={"#FID1": "FID1"})


def read_keyed(path: str | Path) -> pd.DataFrame:
    """Read a table whose keys FID and IID are text, even where they are digits."""
    return read_table(path, dtype=dict.fromkeys(KEYS, "str"))


def list_part(split: pd.DataFrame, part: str) -> pd.DataFrame:
    """People of one part: FID, IID."""
    return split.loc[split["part"] == part, KEYS].reset_index(drop=True)


def strata_members(table: pd.DataFrame, traits: dict[str, TraitSettings]) -> NDArray[np.float64]:
    """Mark who belongs to which class or quintile of each trait; the first column is everybody.

    People without a value form a class of their own. Float (n_people, n_strata) of 0 and 1.
    """
    members = [np.ones((len(table), 1))]
    for name, trait in traits.items():
        label = describe_label(table[name], role="trait", kind=trait.kind)
        codes = level_codes(table[name], label)
        members.append((codes[:, None] == np.unique(codes)).astype(float))
    return np.concatenate(members, axis=1)


def assign_families(
    sizes: NDArray[np.float64], fractions: NDArray[np.float64], *, rng: np.random.Generator
) -> NDArray[np.intp]:
    """Give each family to the part whose strata it brings closest to their shares.

    Largest families first, so that small ones fill what is left; equals in random order.

    Args:
        sizes: people of each family in each stratum (n_families, n_strata), everybody first.
        fractions: share of each part.
        rng: decides the order among families of one size.
    """
    shares = fractions[:, None] * sizes.sum(axis=0)  # (n_parts, n_strata)
    scale = np.maximum(shares, 1)
    closed = np.where(fractions > 0, 0.0, np.inf)
    filled = np.zeros_like(shares)
    part = np.empty(len(sizes), np.intp)
    for family in np.lexsort((rng.permutation(len(sizes)), -sizes[:, 0])):
        size = sizes[family]
        # Growth of the chi-squared distance Σ (filled − share)² / share if the part takes it.
        growth = (size * (2 * (filled - shares) + size) / scale).sum(axis=1) + closed
        chosen = int(growth.argmin())
        part[family] = chosen
        filled[chosen] += size
    return part


def _check_fractions(
    part: NDArray[np.intp],
    family: NDArray[np.intp],
    fractions: NDArray[np.float64],
    *,
    kinship: float,
) -> None:
    found = np.bincount(part, minlength=len(PARTS)) / len(part)
    for name, wanted, got in zip(PARTS, fractions, found, strict=True):
        if abs(wanted - got) > LARGEST_DEVIATION or (wanted > 0 and got == 0):
            raise CohortError(
                f"split.{name} is {wanted:g} but would get {got:.2f} of {len(part)} people: the "
                f"largest family has {np.bincount(family).max()}, and families stay together. "
                f"Raise split.kinship ({kinship:g}), so that fewer people count as one family"
            )


def _log_parts(table: pd.DataFrame, split: pd.DataFrame, traits: dict[str, TraitSettings]) -> None:
    family_sizes = split["family"].value_counts()
    logger.info(
        "%d people form %d families, the largest of %d",
        *(len(split), len(family_sizes), family_sizes.max()),
    )
    for part in PARTS:
        rows = table[(split["part"] == part).to_numpy()]
        means = [f"mean {name} {rows[name].mean():.4g}" for name in traits]
        logger.info("%s: %s", part, ", ".join([f"{len(rows)} people", *means]))
