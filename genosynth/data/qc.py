"""What each quality filter took away, told from plink2's logs and lists."""

import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pandas as pd

from genosynth.data.phenotypes import Phenotypes
from genosynth.errors import ArtifactMismatch, CohortError

logger = logging.getLogger(__name__)

ROUNDING = 1e-9  # a fraction that equals the threshold passes, as with plink2 --mind
STEP_COLUMNS = ["filter", "samples_before", "samples_after", "variants_before", "variants_after"]
KEYS = ["#FID", "IID"]
CALLS = ["MISSING_CT", "OBS_CT"]  # of plink2 --missing sample-only

# plink2 a.6.9 breaks its lines anywhere, so patterns are matched on a log joined to one line.
LOG_COUNTS = {
    "n_samples": r"(\d+) samples? \([^)]*\) loaded from",
    "n_skipped": r"--(?:vcf|bcf|bgen): \d+ variants? scanned \((\d+) skipped\)",
    "n_variants": r"(?:\d+ out of )?(\d+) variants? loaded from",
    "n_kept_at_load": r"(\d+)(?: out of \d+)? variants? loaded from",
    "n_duplicates": r"--rm-dup: \d+ duplicated IDs?, (\d+) variants? removed",
    "n_after_keep": r"--keep: (\d+) samples? remaining",
    "n_after_remove": r"--remove: (\d+) samples? remaining",
    "n_often_missing": r"--geno: (\d+) variants? removed",
}


@dataclass(frozen=True)
class Counts:
    """How many people and variants are left."""

    samples: int
    variants: int


def list_cases(phenotypes: Phenotypes) -> pd.DataFrame:
    """People with any of the binary traits: they are left out of the Hardy-Weinberg test.

    Without a binary trait nobody is.
    """
    described = phenotypes.description["traits"].items()
    binary = [name for name, found in described if found["kind"] == "binary"]
    is_case = (phenotypes.table[binary] == 1).any(axis=1)
    cases = phenotypes.table.loc[is_case, ["FID", "IID"]].set_axis(KEYS, axis=1)
    logger.info("%d people have one of the traits %s", len(cases), binary)
    return cases


def filter_samples(paths: Sequence[str | Path], *, sample_missing: float) -> pd.DataFrame:
    """People with at most this fraction of missing calls over all filesets, in their order.

    paths: plink2's missing calls of each person, one table for each fileset.

    Raises:
        ArtifactMismatch: the filesets hold other people, or in another order.
        CohortError: nobody is left.
    """
    people, calls = _read_calls(paths[0])
    for path in paths[1:]:
        others, more = _read_calls(path)
        if not people.equals(others):
            raise ArtifactMismatch(
                f"{path} is about other people than {paths[0]}, or in another order. Make both "
                "anew: snakemake -R import_genotypes"
            )
        calls += more
    fraction = calls["MISSING_CT"] / calls["OBS_CT"]
    is_called = calls["MISSING_CT"] <= sample_missing * (1 + ROUNDING) * calls["OBS_CT"]
    if not is_called.any():
        raise CohortError(
            f"nobody is left after qc.sample_missing = {sample_missing}: everybody misses at least "
            f"{fraction.min():.3g} of the calls. Loosen it in the config, then start again"
        )
    logger.info("%d of %d people miss at most %g", is_called.sum(), len(people), sample_missing)
    return people[is_called]


def _read_calls(path: str | Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read the ids of people under plink2's names, and their numbers of missing and all calls."""
    table = pd.read_csv(path, sep="\t", dtype="str", keep_default_na=False)
    return table.drop(columns=CALLS), table[CALLS].astype("int64")


def summarise_qc(
    import_logs: Sequence[str | Path],
    *,
    sample_lists: Sequence[str | Path],
    variant_lists: Mapping[str, Sequence[str | Path]],
    final: Sequence[str | Path],
) -> pd.DataFrame:
    """Tabulate people and variants before and after each filter, in the order of filtering.

    import_logs: plink2's log of each fileset's import.
    sample_lists: people who passed each later filter, whose name the file has; they are filtered
        before variants.
    variant_lists: by filter, variants of each fileset that passed.
    final: prefixes of the filesets that all of them left.

    Raises:
        ArtifactMismatch: a log says nothing of a filter, or the counts do not add up.
    """
    steps = import_steps([parse_import_log(path) for path in import_logs])
    left = steps[-1][1]
    for path in sample_lists:
        left = Counts(count_ids(path), left.variants)
        steps.append((Path(path).stem, left))
    for name, paths in variant_lists.items():
        left = Counts(left.samples, sum(map(count_ids, paths)))
        steps.append((name, left))
    _check_filesets(final, left)
    return _as_table(steps)


def _check_filesets(prefixes: Sequence[str | Path], left: Counts) -> None:
    n_variants = sum(count_ids(f"{prefix}.pvar") for prefix in prefixes)
    for prefix in prefixes:
        found = Counts(count_ids(f"{prefix}.psam"), n_variants)
        if left != found:
            raise ArtifactMismatch(
                f"{prefix}: {found.samples} people, and {found.variants} variants in all filesets, "
                f"but the filters left {left.samples} and {left.variants}. Make them anew: "
                "snakemake -R import_genotypes"
            )


def parse_import_log(path: str | Path) -> dict[str, int]:
    """Numbers that plink2 printed while importing; a filter that was not asked for is absent."""
    text = " ".join(Path(path).read_text().split())
    matches = {name: re.search(pattern, text) for name, pattern in LOG_COUNTS.items()}
    numbers = {name: int(match[1]) for name, match in matches.items() if match}
    needed = ["n_samples", "n_variants", "n_kept_at_load", "n_often_missing"]
    silent = [name for name in needed if name not in numbers]
    if silent:
        raise ArtifactMismatch(
            f"{path}: plink2's log does not tell {', '.join(silent)}. Is it a plink2 newer than "
            "2.0.0-a.6? Install the version of envs/plink2.yaml"
        )
    return numbers


def import_steps(logs: Sequence[Mapping[str, int]]) -> list[tuple[str, Counts]]:
    """Filters at import and what each left, summed over filesets of the same people."""
    total = {
        name: sum(log.get(name, 0) for log in logs) for name in LOG_COUNTS if name in _any(logs)
    }
    samples = logs[0]["n_samples"]
    variants = total["n_variants"] + total.get("n_skipped", 0)
    steps = [("read", Counts(samples, variants))]
    variants = total["n_kept_at_load"]
    steps.append(("autosomal_biallelic", Counts(samples, variants)))
    variants -= total.get("n_duplicates", 0)
    steps.append(("duplicate_ids", Counts(samples, variants)))
    for name, number in (("keep", "n_after_keep"), ("remove", "n_after_remove")):
        if number in total:
            samples = logs[0][number]
            steps.append((name, Counts(samples, variants)))
    variants -= total["n_often_missing"]
    return [*steps, ("variant_missing", Counts(samples, variants))]


def _any(logs: Sequence[Mapping[str, int]]) -> set[str]:
    return set().union(*logs)


def count_ids(path: str | Path) -> int:
    """Lines of a plink2 list or table that are no header."""
    with Path(path).open() as lines:
        return sum(not line.startswith("#") for line in lines)


def _as_table(steps: Sequence[tuple[str, Counts]]) -> pd.DataFrame:
    rows = [
        (name, before.samples, after.samples, before.variants, after.variants)
        for (_, before), (name, after) in pairwise(steps)
    ]
    for name, *counts in rows:
        logger.info("%s: samples %d → %d, variants %d → %d", name, *counts)
    return pd.DataFrame(rows, columns=STEP_COLUMNS)
