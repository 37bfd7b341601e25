"""Which genotype files a config names, and how plink2 is told to read them."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from genosynth.errors import CohortError
from genosynth.settings.genotypes import GenotypesSettings

WHOLE = "all"  # the key of a cohort that is one fileset
PLACEHOLDER = "{chrom}"

# The files of each format, the one that holds genotypes first; each with the suffixes it may have.
FORMATS: dict[str, tuple[tuple[str, ...], ...]] = {
    "bed": ((".bed",), (".bim", ".bim.zst"), (".fam",)),
    "pgen": ((".pgen",), (".pvar", ".pvar.zst"), (".psam",)),
    "vcf": ((".vcf.gz", ".vcf.bgz", ".vcf"),),
    "bcf": ((".bcf",),),
    "bgen": ((".bgen",), (".sample",)),
}


@dataclass(frozen=True)
class GenotypeSource:
    """One fileset: the whole cohort or one chromosome of it.

    files: path of each file by its role, e.g. bed, bim, fam; the genotypes first.
    """

    chromosome: str  # "1", "2", …, or "all"
    format: str
    files: dict[str, str]

    @property
    def arguments(self) -> list[str]:
        """Arguments that make plink2 read this fileset; the first allele of a BGEN is REF."""
        paths = list(self.files.values())
        if self.format in ("bed", "pgen"):
            option = "--bfile" if self.format == "bed" else "--pfile"
            compressed = ["vzs"] if paths[1].endswith(".zst") else []
            return [option, paths[0].removesuffix(f".{self.format}"), *compressed]
        if self.format == "bgen":
            return ["--bgen", paths[0], "ref-first", "--sample", paths[1]]
        return [f"--{self.format}", paths[0]]

    @property
    def plain(self) -> dict[str, Any]:
        """This source as plain data, for a rule's params."""
        return asdict(self)


def sources_from(records: Iterable[dict[str, Any]]) -> list[GenotypeSource]:
    """Rebuild sources from plain data."""
    return [GenotypeSource(**record) for record in records]


def bed_source(prefix: str) -> GenotypeSource:
    """Name a bed fileset of the whole cohort that need not exist yet."""
    return GenotypeSource(
        WHOLE, "bed", {role: f"{prefix}.{role}" for role in ("bed", "bim", "fam")}
    )


def chr_set_arguments(autosomes: int) -> list[str]:
    """Tell plink2 how many autosomes the species has; sex chromosomes and MT keep their codes.

    A .pvar that plink2 made with these arguments carries them in its header.

    >>> chr_set_arguments(22), chr_set_arguments(19)
    ([], ['--chr-set', '19'])
    """
    return [] if autosomes == 22 else ["--chr-set", str(autosomes)]


def find_sources(settings: GenotypesSettings) -> dict[str, GenotypeSource]:
    """Find the filesets a config names, by chromosome number, or under "all" if it is one.

    Raises:
        CohortError: no fileset, an incomplete one, or several formats to choose from.
    """
    setting, path = "genotypes.path", settings.path or ""
    if PLACEHOLDER not in path:
        return {WHOLE: find_source(path, setting=setting, wanted=settings.format)}
    numbers = [str(number + 1) for number in range(settings.autosomes)]
    by_chromosome = {
        number: _find_fileset(
            path.replace(PLACEHOLDER, number),
            chromosome=number,
            wanted=settings.format,
            setting=setting,
        )
        for number in numbers
    }
    found = {number: source for number, source in by_chromosome.items() if source is not None}
    if not found:
        of_chromosomes = f" ({PLACEHOLDER} = 1 to {settings.autosomes})"
        raise CohortError(_nothing_found(path, setting, settings.format, of_chromosomes))
    return found


def find_source(path: str, *, setting: str, wanted: str = "auto") -> GenotypeSource:
    """Find the one fileset at a path; `setting` is where the config names it.

    Raises:
        CohortError: no fileset, an incomplete one, or several formats to choose from.
    """
    source = _find_fileset(path, chromosome=WHOLE, wanted=wanted, setting=setting)
    if source is None:
        raise CohortError(_nothing_found(path, setting, wanted))
    return source


def _nothing_found(path: str, setting: str, wanted: str, of_chromosomes: str = "") -> str:
    looked_for = [
        _prefix(path, name) + suffix
        for name in _possible_formats(path, wanted, setting)
        for suffix in FORMATS[name][0]
    ]
    return (
        f"{setting} {path}: no genotype files; looked for {', '.join(looked_for)}"
        f"{of_chromosomes}. Paths are relative to the folder Snakemake runs in"
    )


def _find_fileset(
    path: str, *, chromosome: str, wanted: str, setting: str
) -> GenotypeSource | None:
    """Find the one fileset at a path; None where no genotype file exists."""
    complete, incomplete = [], []
    for name in _possible_formats(path, wanted, setting):
        files = _existing_files(path, name)
        if len(files) == len(FORMATS[name]):
            complete.append(GenotypeSource(chromosome, name, files))
        elif name in files:
            incomplete.append(_missing_companions(path, name, files))
    if len(complete) > 1:
        first = next(iter(complete[0].files.values()))
        raise CohortError(
            f"{setting} {path}: found {' and '.join(source.format for source in complete)} "
            f"files; name the one that is meant with its suffix, e.g. {first}"
        )
    if not complete and incomplete:
        raise CohortError("; ".join(incomplete))
    return complete[0] if complete else None


def _possible_formats(path: str, wanted: str, setting: str) -> list[str]:
    """Formats a path may stand for: the one of its file name, the one wanted, or any."""
    named = [name for name in FORMATS if _prefix(path, name) != path]
    if wanted == "auto":
        return named or list(FORMATS)
    if named and wanted not in named:
        raise CohortError(
            f"{setting} {path} names a {named[0]} file but genotypes.format is {wanted}; "
            "set format to auto or give the path without its suffix"
        )
    return [wanted]


def _prefix(path: str, name: str) -> str:
    """Cut a suffix of this format from a path, if it ends in one."""
    for suffix in _suffixes(name):
        if path.endswith(suffix):
            return path.removesuffix(suffix)
    return path


def _suffixes(name: str) -> list[str]:
    return [suffix for alternatives in FORMATS[name] for suffix in reversed(sorted(alternatives))]


def _existing_files(path: str, name: str) -> dict[str, str]:
    """Files of one format that exist at a path, by role; the file that was named goes first."""
    prefix = _prefix(path, name)
    files = {}
    for alternatives in FORMATS[name]:
        candidates = sorted((prefix + suffix for suffix in alternatives), key=lambda c: c != path)
        existing = [candidate for candidate in candidates if Path(candidate).exists()]
        if existing:
            files[_role(alternatives)] = existing[0]
    return files


def _role(alternatives: tuple[str, ...]) -> str:
    return alternatives[0].split(".")[1]


def _missing_companions(path: str, name: str, files: dict[str, str]) -> str:
    prefix = _prefix(path, name)
    missing = [
        " or ".join(prefix + suffix for suffix in alternatives)
        for alternatives in FORMATS[name]
        if _role(alternatives) not in files
    ]
    return f"{files[name]} needs {' and '.join(missing)} beside it"
