"""Synthetic people made elsewhere, brought to the panel's variants and the cohort's labels."""

import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genosynth.data.genotypes import MISSING, VARIANT_KEYS, Genotypes
from genosynth.data.labels import Label
from genosynth.data.pgen import SEX_CODES, read_counts, read_people
from genosynth.data.phenotype_table import LINE, PhenotypeTable, load_phenotypes, match_people
from genosynth.data.phenotypes import PREPARE, Cells
from genosynth.data.variants import read_variants
from genosynth.errors import CohortError

logger = logging.getLogger(__name__)

PLACE = ["chromosome", "position_bp"]
NO_LEVEL = "NONE"  # plink2's missing category


def import_release(
    prefix: str | Path,
    panel: pd.DataFrame,
    labels: list[Label],
    *,
    tables: Sequence[str],
    release: str,
) -> Genotypes:
    """Read a pgen fileset as synthetic people of the panel, renamed syn1, syn2, …

    tables: path of the table with trait and conditions; without it there is only the .psam's sex.
    release: the path its user knows it by, for messages.

    Raises:
        CohortError: an absent panel variant or trait, or values that the cohort does not know.
    """
    people = read_people(f"{prefix}.psam")
    table = load_phenotypes(tables, columns=[label.name for label in labels])
    rows, swapped = find_panel(panel, read_variants(f"{prefix}.pvar"), release=release)
    counts = read_counts(prefix, rows)
    called = counts[:, swapped]
    counts[:, swapped] = np.where(called == MISSING, MISSING, 2 - called)
    samples = label_people(people, labels, table=table, release=release)
    logger.info(
        "%s: imported %d people × %d variants, %d of them with REF and ALT swapped; missing %d",
        *(release, *counts.shape, swapped.sum(), (counts == MISSING).sum()),
    )
    return Genotypes(counts, samples, panel)


def find_panel(
    panel: pd.DataFrame, variants: pd.DataFrame, *, release: str
) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """Find each panel variant in a fileset: its position, and whether REF and ALT are swapped.

    Variants are found by place, else by id, always with both alleles. Strands are taken to agree:
    nothing would tell them apart at A/T and C/G.

    Raises:
        CohortError: a variant is absent.
    """
    variants = variants.assign(row=np.arange(len(variants)))
    here = _places(variants).isin(_places(panel))
    wanted = _with_pairs(panel[VARIANT_KEYS].assign(number=np.arange(len(panel))))
    found = _with_pairs(variants[here | variants["id"].isin(panel["id"])])
    by_place = wanted.merge(found, on=[*PLACE, "pair"])
    by_place = by_place.iloc[np.argsort(by_place["id_x"] != by_place["id_y"], kind="stable")]
    by_id = wanted.merge(found, on=["id", "pair"])
    pairs = pd.concat([by_place, by_id]).drop_duplicates("number").sort_values("number")
    absent = wanted[~wanted["number"].isin(pairs["number"])]
    if len(absent):
        raise CohortError(_what_is_absent(absent, found, n_panel=len(panel), release=release))
    return pairs["row"].to_numpy(np.intp), (pairs["ref_x"] != pairs["ref_y"]).to_numpy(bool)


def _what_is_absent(
    absent: pd.DataFrame, found: pd.DataFrame, *, n_panel: int, release: str
) -> str:
    first = absent.iloc[0]
    n_other = int(_places(absent).isin(_places(found)).sum())
    return (
        f"{release}: {len(absent)} of {n_panel} panel variants are absent (first: {first['id']}, "
        f"{first['chromosome']}:{first['position_bp']} {first['ref']}/{first['alt']}); at "
        f"{n_other} of their places are other alleles. Is it on the cohort's build and strand? "
        "Choose a panel it has (selection.method list), or take it out of generators"
    )


def _places(variants: pd.DataFrame) -> pd.Series:
    """Chromosome and position as one number."""
    return variants["chromosome"].astype("int64") * 2**32 + variants["position_bp"]


def _with_pairs(variants: pd.DataFrame) -> pd.DataFrame:
    """Add the two alleles in alphabetical order, and write all in capitals."""
    ref, alt = variants["ref"].str.upper(), variants["alt"].str.upper()
    pair = (ref + "/" + alt).where(ref < alt, alt + "/" + ref)
    return variants.assign(ref=ref, alt=alt, pair=pair)


def label_people(
    people: pd.DataFrame, labels: list[Label], *, table: PhenotypeTable | None, release: str
) -> pd.DataFrame:
    """Tabulate people in file order: iid, part, the trait, and the conditions they have values of.

    people: FID, IID, SEX ("1" male, "2" female).

    Raises:
        CohortError: no value of the trait, or values that the cohort does not know.
    """
    text = people.assign(**{LINE: 0}) if table is None else match_people(table, people)
    where = release if table is None else table.path
    columns = {}
    for label in labels:
        what = f"{where}: column {label.name} ({label.role})"
        cells = Cells(_cells_of(label, text, people), text[LINE], what)
        if len(cells.known):
            columns[label.name] = _code(cells, label)
        elif label.role == "trait":
            raise CohortError(
                f"{where}: no column {label.name} with values, and the trait is what people are "
                "scored for. Name a table that has it: generators: [{name: …, release: "
                f"{release}, labels: TABLE}}]"
            )
        else:
            logger.warning("%s has no value: people are compared without it", cells.what)
    names = [f"syn{number + 1}" for number in range(len(people))]
    return pd.DataFrame({"iid": names, "part": "synthetic", **columns})


def _cells_of(label: Label, text: pd.DataFrame, people: pd.DataFrame) -> pd.Series:
    """Text of a label's column; the levels of sex may come from the genotype files."""
    is_categorical = label.kind == "categorical"
    if label.name in text:
        cells = text[label.name]
        return cells.mask((cells == NO_LEVEL) & is_categorical & (NO_LEVEL not in label.levels))
    if label.name.lower() == "sex" and is_categorical:
        return people["SEX"]
    return pd.Series(np.nan, index=people.index, dtype="str")


def _code(cells: Cells, label: Label) -> pd.Series:
    """Values as the cohort has them: 0 and 1, numbers, or its own levels."""
    if label.kind != "categorical":
        return PREPARE[label.kind](cells).values
    levels = pd.Series(label.levels, dtype="str")
    spelt = dict(zip(_spelt(levels, label), levels, strict=True))
    values = _spelt(cells.known, label).map(spelt)
    strange = cells.known[values.isna()]
    if len(strange):
        raise CohortError(
            f"{cells.what}: {strange.iloc[0]!r} ({len(strange)} such people) is none of the "
            f"cohort's levels {', '.join(label.levels)}. Write it as the cohort does, or NA"
        )
    return values.reindex(cells.text.index)


def _spelt(levels: pd.Series, label: Label) -> pd.Series:
    """Levels as they compare, however a .psam (see `psam_text`) or a table spells them."""
    words = levels.str.replace(r"\s+", "_", regex=True).str.removeprefix(f"{label.name}_")
    if label.name.lower() != "sex":
        return words
    return words.str.upper().map(SEX_CODES).fillna(words)
