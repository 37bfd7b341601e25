"""Genotype files checked before any long job: whole, consistent, and about the same people."""

import logging
import struct
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pgenlib

from genosynth.data.samples import BCF_MAGIC, open_maybe_gzip, read_sample_ids
from genosynth.data.sources import GenotypeSource
from genosynth.errors import CohortError

logger = logging.getLogger(__name__)

PLINK_MAGIC = b"\x6c\x1b"  # of .bed and .pgen
VARIANT_MAJOR = b"\x01"  # third byte of a .bed
# An empty block that ends every whole BGZF file (SAM specification, section 4.1.2).
BGZF_END = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")


def check_sources(sources: Sequence[GenotypeSource]) -> pd.DataFrame:
    """Check every fileset and return the people, who must be the same in all of them.

    Raises:
        CohortError: the first thing that is wrong.
    """
    people = [check_source(source) for source in sources]
    for source, samples in zip(sources, people, strict=True):
        _check_same_people(people[0], samples, first=sources[0], source=source)
    chromosomes = ", ".join(source.chromosome for source in sources)
    logger.info("%d people in %s genotypes: %s", len(people[0]), sources[0].format, chromosomes)
    return people[0]


def check_source(source: GenotypeSource) -> pd.DataFrame:
    """Check that a fileset is whole and return its people (see `read_sample_ids`).

    Raises:
        CohortError: absent, empty, unreadable or truncated file, or ids that appear twice.
    """
    for path in source.files.values():
        _check_readable(path)
    samples = read_sample_ids(source)
    CHECKS[source.format](source, len(samples))
    return samples


def _check_same_people(
    expected: pd.DataFrame, samples: pd.DataFrame, *, first: GenotypeSource, source: GenotypeSource
) -> None:
    keys = ["FID", "IID"]
    if expected[keys].equals(samples[keys]):
        return
    paths = f"{next(iter(first.files.values()))} and {next(iter(source.files.values()))}"
    if len(expected) != len(samples):
        raise CohortError(
            f"{paths}: {len(expected)} and {len(samples)} people; "
            "the files of all chromosomes must hold the same people"
        )
    row = int((expected[keys] != samples[keys]).any(axis=1).to_numpy().argmax())
    raise CohortError(
        f"{paths}: person {row + 1} is {expected['IID'][row]} in one and {samples['IID'][row]} in "
        "the other; the files of all chromosomes must hold the same people in the same order"
    )


def _check_readable(path: str) -> None:
    try:
        with Path(path).open("rb") as stream:
            empty = not stream.read(1)
    except OSError as error:
        raise CohortError(f"{path}: cannot be read: {error.strerror}") from error
    if empty:
        raise CohortError(f"{path}: the file is empty")


def _check_bed(source: GenotypeSource, n_samples: int) -> None:
    path = Path(source.files["bed"])
    with path.open("rb") as stream:
        start = stream.read(3)
    if start != PLINK_MAGIC + VARIANT_MAJOR:
        raise CohortError(f"{path}: not a variant-major .bed file (starts with {start.hex(' ')})")
    n_bytes, stride = path.stat().st_size, -(-n_samples // 4)  # 2 bits a genotype
    if source.files["bim"].endswith(".zst"):  # plink2 alone can count the lines in there
        if (n_bytes - len(start)) % stride:
            raise CohortError(
                f"{path}: the file is truncated: {n_bytes} bytes do not hold whole variants of "
                f"the {n_samples} people in the .fam. Copy it again"
            )
        return
    n_variants = count_lines(source.files["bim"])
    expected = len(start) + stride * n_variants
    if n_bytes != expected:
        wrong = "too long" if n_bytes > expected else "truncated"
        raise CohortError(
            f"{path}: the file is {wrong}: {n_bytes} bytes, but {n_samples} people in the .fam and "
            f"{n_variants} variants in the .bim need {expected}. Copy it again"
        )


def _check_pgen(source: GenotypeSource, n_samples: int) -> None:
    path = Path(source.files["pgen"])
    with path.open("rb") as stream:
        start = stream.read(3)
    if not start.startswith(PLINK_MAGIC):
        raise CohortError(f"{path}: not a .pgen file (starts with {start.hex(' ')})")
    try:
        reader = pgenlib.PgenReader(bytes(path), raw_sample_ct=n_samples)
        n_variants = reader.get_variant_ct()
        reader.read(n_variants - 1, np.empty(n_samples, np.int8))  # ends where the file must end
    except RuntimeError as error:
        raise CohortError(
            f"{path}: truncated, damaged or not about the {n_samples} people of the .psam: "
            f"{_text(error)}. Copy it again"
        ) from error
    pvar = source.files["pvar"]
    if not pvar.endswith(".zst") and (n_lines := count_lines(pvar)) != n_variants:
        raise CohortError(f"{path}: {n_variants} variants, but {pvar} lists {n_lines}")


def _text(error: RuntimeError) -> str:
    """Text of a pgenlib error, which may be bytes."""
    detail = error.args[0] if error.args else ""
    return (detail.decode() if isinstance(detail, bytes) else str(detail)).strip()


def _check_vcf(source: GenotypeSource, n_samples: int) -> None:
    path = source.files[source.format]
    with open_maybe_gzip(path) as stream:
        start = stream.read(16)
    if not start.startswith((b"##fileformat=VCF", BCF_MAGIC)):
        raise CohortError(f"{path}: neither VCF nor BCF (starts with {start[:8]!r})")
    with Path(path).open("rb") as stream:
        is_bgzf = stream.read(16)[12:14] == BGZF_END[12:14]
        stream.seek(-min(len(BGZF_END), Path(path).stat().st_size), 2)
        is_whole = stream.read() == BGZF_END
    if is_bgzf and not is_whole:
        raise CohortError(f"{path}: truncated: the block that ends a BGZF file is absent")


def _check_bgen(source: GenotypeSource, n_samples: int) -> None:
    path = source.files["bgen"]
    with Path(path).open("rb") as stream:
        start = stream.read(20)
    if len(start) < 20 or start[16:20] not in (b"bgen", b"\0\0\0\0"):
        raise CohortError(f"{path}: not a BGEN file")
    (n_in_file,) = struct.unpack("<I", start[12:16])
    if n_in_file != n_samples:
        sample_path = source.files["sample"]
        raise CohortError(f"{path}: {n_in_file} people, but {sample_path} lists {n_samples}")


def count_lines(path: str | Path) -> int:
    """Count the lines of a .bim or .pvar file that hold a variant."""
    with Path(path).open("rb") as lines:
        return sum(1 for line in lines if line.strip() and not line.startswith(b"#"))


CHECKS: dict[str, Callable[[GenotypeSource, int], None]] = {
    "bed": _check_bed,
    "pgen": _check_pgen,
    "vcf": _check_vcf,
    "bcf": _check_vcf,
    "bgen": _check_bgen,
}
