"""Which variants are synthesised: chosen, limited in number and described, in genomic order."""

import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from genosynth.data.genotypes import TEXT_COLUMNS, VARIANT_KEYS
from genosynth.errors import SelectionError
from genosynth.files import read_table
from genosynth.settings.selection import SelectionSettings

logger = logging.getLogger(__name__)

EFFECTS = ["beta", "se", "p_value"]
PANEL_COLUMNS = [*VARIANT_KEYS, *EFFECTS, "train_alt_frequency"]
N_SHOWN = 3  # ids named in a message


def select_panel(
    variants: pd.DataFrame,
    gwas: pd.DataFrame | None,
    candidates: Sequence[str] | None,
    *,
    settings: SelectionSettings,
) -> pd.DataFrame:
    """Choose the panel from the cohort's variants; columns PANEL_COLUMNS, genomic order.

    Args:
        variants: chromosome, position_bp, id, ref, alt, alt_frequency (of the training part),
            in genomic order.
        gwas: effects per ALT allele; None: the panel has none.
        candidates: ids to choose from: index variants of clumps, a list, LD-pruned variants.
            None: every variant, or those of the region.
        settings: of section selection.

    Raises:
        SelectionError: nothing is left to choose from.
    """
    table = _with_effects(variants, gwas)
    if settings.method == "region":
        table = table[in_region(table, str(settings.region))]
    if candidates is not None:
        _check_candidates(candidates, table, settings)
        table = table[table["id"].isin(candidates)]
    if table.empty:
        raise SelectionError(
            f"selection.method {settings.method}: no variant of the cohort is left after quality "
            f"control; selection.region is {settings.region}"
        )
    limit = strongest if settings.method == "gwas" else evenly_thinned
    panel = limit(table, size=settings.size or len(table))
    logger.info("panel: %d of %d variants, method %s", len(panel), len(table), settings.method)
    return panel.rename(columns={"alt_frequency": "train_alt_frequency"})[
        PANEL_COLUMNS
    ].reset_index(drop=True)


def _with_effects(variants: pd.DataFrame, gwas: pd.DataFrame | None) -> pd.DataFrame:
    if gwas is None:
        return variants.assign(**dict.fromkeys(EFFECTS, np.nan))
    keys = ["id", "ref", "alt"]  # alleles too: an effect must never be read for the other one
    merged: pd.DataFrame = variants.merge(
        gwas[[*keys, *EFFECTS]], on=keys, how="left", validate="one_to_one"
    )
    return merged


def in_region(variants: pd.DataFrame, region: str) -> pd.Series:
    """Mark variants of a region: a chromosome, or chromosome:start-end with both ends included.

    >>> variants = pd.DataFrame({"chromosome": [1, 1, 2], "position_bp": [5, 9, 9]})
    >>> in_region(variants, "1:9-20").tolist(), in_region(variants, "1").tolist()
    ([False, True, False], [True, True, False])
    """
    chromosome, _, ends = region.partition(":")
    is_inside = variants["chromosome"] == int(chromosome)
    if ends:
        start, end = map(int, ends.split("-"))
        is_inside &= variants["position_bp"].between(start, end)
    return is_inside


def _check_candidates(
    candidates: Sequence[str], table: pd.DataFrame, settings: SelectionSettings
) -> None:
    if settings.method == "gwas" and not candidates:
        raise SelectionError(
            f"no variant has a p-value up to selection.p_value = {settings.p_value:g}. Raise it: 1 "
            "clumps all variants, and selection.size limits the panel"
        )
    absent = sorted(set(candidates) - set(table["id"]))
    where = settings.variants if settings.method == "list" else f"method {settings.method}"
    shown = ", ".join(absent[:N_SHOWN])
    if len(absent) == len(set(candidates)):
        raise SelectionError(
            f"selection ({where}): none of its {len(absent)} variants is in the cohort after "
            f"quality control{f' (first: {shown})' if absent else ''}. Are the ids those of the "
            "genotype files?"
        )
    if absent:
        logger.warning(
            "selection (%s): %d of %d variants are not in the cohort after quality control "
            "(first: %s)",
            *(where, len(absent), len(set(candidates)), shown),
        )


def strongest(table: pd.DataFrame, *, size: int) -> pd.DataFrame:
    """Keep the variants with the lowest p-values, in the order of the table."""
    z = (table["beta"] / table["se"]).abs().to_numpy()  # breaks ties, where p is too small to tell
    order = np.lexsort((-z, table["p_value"].to_numpy()))
    return table.iloc[np.sort(order[:size])]


def evenly_thinned(table: pd.DataFrame, *, size: int) -> pd.DataFrame:
    """Keep variants at equal steps along the table, the first and the last among them.

    >>> evenly_thinned(pd.DataFrame({"id": list("abcdefg")}), size=3)["id"].tolist()
    ['a', 'd', 'g']
    """
    if size >= len(table):
        return table
    return table.iloc[np.linspace(0, len(table) - 1, size).round().astype(int)]


def read_candidates(paths: Sequence[str | Path]) -> list[str] | None:
    """Read variant ids: one in each line, or column ID of plink2's clumps; None without a file."""
    return [name for path in paths for name in _read_ids(path)] if paths else None


def _read_ids(path: str | Path) -> list[str]:
    lines = [line.split() for line in Path(path).read_text().splitlines()]
    lines = [words for words in lines if words]
    if lines and lines[0][0] == "#CHROM":
        column = lines[0].index("ID")
        return [words[column] for words in lines[1:]]
    return [words[0] for words in lines]


def read_panel(path: str | Path) -> pd.DataFrame:
    """Read a panel."""
    return read_table(path, dtype=TEXT_COLUMNS)
