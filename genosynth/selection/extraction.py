"""The panel's genotypes of everybody, with the labels that generators are conditioned on."""

import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genosynth.data.genotypes import MISSING, filled_on_disk
from genosynth.data.labels import Label, describe_label
from genosynth.data.pgen import block_size, read_counts, read_people
from genosynth.data.phenotypes import Phenotypes
from genosynth.data.variants import read_variants
from genosynth.errors import ArtifactMismatch

logger = logging.getLogger(__name__)

KEYS = ["FID", "IID"]


def label_samples(split: pd.DataFrame, phenotypes: Phenotypes, *, trait: str) -> pd.DataFrame:
    """Tabulate people in the order of the split: fid, iid, part, family, trait and conditions."""
    names = [*_trait_names(phenotypes, trait), *phenotypes.description["conditions"]]
    people = split[[*KEYS, "part", "family"]]
    table = people.merge(phenotypes.table[[*KEYS, *names]], on=KEYS, how="left")
    return table.rename(columns={"FID": "fid", "IID": "iid"})


def describe_labels(samples: pd.DataFrame, phenotypes: Phenotypes, *, trait: str) -> list[Label]:
    """Describe the trait, if there is one, and the conditions, as they are in train."""
    train = samples[samples["part"] == "train"]
    described = phenotypes.description
    traits = [
        describe_label(train[name], role="trait", kind=described["traits"][name]["kind"])
        for name in _trait_names(phenotypes, trait)
    ]
    conditions = [
        describe_label(train[name], role="condition", kind=found["kind"])
        for name, found in described["conditions"].items()
    ]
    return traits + conditions


def _trait_names(phenotypes: Phenotypes, trait: str) -> list[str]:
    return [name for name in phenotypes.description["traits"] if name == trait]


def extract_genotypes(
    prefixes: Sequence[str | Path],
    panel: pd.DataFrame,
    samples: pd.DataFrame,
    folder: str | Path,
) -> None:
    """Write the panel's genotypes of all people as a Genotypes folder.

    The matrix is written block by block and never held in memory.

    prefixes: pgen filesets of the same people, in genomic order as the panel is; each chromosome is
        in one of them.

    Raises:
        ArtifactMismatch: panel and filesets name different people, variants or alleles.
        WriteFailed: the disk is full.
    """
    with filled_on_disk(folder, samples, panel) as counts:
        n_read = sum(_read_fileset(prefix, panel, samples, out=counts) for prefix in prefixes)
        if n_read < len(panel):
            raise ArtifactMismatch(
                f"{len(panel) - n_read} of {len(panel)} panel variants are on chromosomes that no "
                "fileset has. Choose the panel anew: snakemake -R select_panel"
            )
        n_missing = _count_missing(counts)
    logger.info("wrote %d × %d genotypes; missing %d", *counts.shape, n_missing)


def _read_fileset(
    prefix: str | Path,
    panel: pd.DataFrame,
    samples: pd.DataFrame,
    *,
    out: NDArray[np.int8],
) -> int:
    """Read the panel variants on a fileset's chromosomes to their columns; how many they are."""
    if read_people(f"{prefix}.psam")["IID"].tolist() != samples["iid"].tolist():
        raise ArtifactMismatch(
            f"{prefix}.psam: other people than those of the split, or in another order. Make it "
            "anew: snakemake -R quality_control"
        )
    variants = read_variants(f"{prefix}.pvar")
    columns = np.flatnonzero(panel["chromosome"].isin(variants["chromosome"].unique()))
    if not len(columns):
        return 0
    where = slice(columns[0], columns[-1] + 1)
    positions = find_variants(panel.iloc[where], variants, where=f"{prefix}.pvar")
    read_counts(prefix, positions, out=out[:, where])
    return len(positions)


def find_variants(panel: pd.DataFrame, variants: pd.DataFrame, *, where: str) -> NDArray[np.intp]:
    """Position of each panel variant in a fileset.

    Raises:
        ArtifactMismatch: a variant is absent, or its alleles are others or swapped.
    """
    position = pd.Series(np.arange(len(variants)), index=variants["id"])
    found = position.reindex(panel["id"])
    absent = panel.loc[found.isna().to_numpy(), "id"]
    if len(absent):
        raise ArtifactMismatch(
            f"{where}: {len(absent)} of {len(panel)} panel variants are absent (first: "
            f"{absent.iloc[0]}). Choose the panel anew: snakemake -R select_panel"
        )
    rows = found.to_numpy(dtype=np.intp)
    alleles = variants[["ref", "alt"]].to_numpy()[rows]
    differs = (alleles != panel[["ref", "alt"]].to_numpy()).any(axis=1)
    if differs.any():
        first = int(differs.argmax())
        raise ArtifactMismatch(
            f"{where}: {differs.sum()} panel variants have other alleles (first: "
            f"{panel['id'].iloc[first]} is {'/'.join(panel[['ref', 'alt']].iloc[first])} in the "
            f"panel, {'/'.join(alleles[first])} here). Choose the panel anew: "
            "snakemake -R select_panel"
        )
    return rows


def _count_missing(counts: NDArray[np.int8]) -> int:
    """Missing calls of a matrix (n_samples, n_variants), of which a block is looked at a time."""
    size = block_size(counts.shape[1])
    starts = range(0, len(counts), size)
    return sum(int((counts[start : start + size] == MISSING).sum()) for start in starts)
