import re

from genosynth.data.phenotype_table import find_table
from genosynth.data.sources import (
    WHOLE,
    bed_source,
    chr_set_arguments,
    find_source,
    find_sources,
)


def sources():
    """Genotype filesets by chromosome, or under "all"; those of the demo need not exist yet."""
    if settings.genotypes.format == "simulated":
        return {WHOLE: bed_source(f"results/{settings.cohort}/cohort/input/simulated")}
    return find_sources(settings.genotypes)


def chromosomes():
    """Keys of the filesets: chromosome numbers, or "all" alone."""
    return list(sources())


def genotype_files(chrom):
    """Files of one fileset."""
    return list(sources()[chrom].files.values())


def plink2_arguments(source):
    """Arguments that make plink2 read a fileset; half calls of a VCF are missing."""
    is_vcf = source.format in ("vcf", "bcf")
    half_calls = ["--vcf-half-call", "missing"] if is_vcf else []
    chr_set = chr_set_arguments(settings.genotypes.autosomes)
    return [*source.arguments, *chr_set, *half_calls]


def plain_sources():
    """Every fileset as plain data."""
    return [source.plain for source in sources().values()]


def phenotype_table():
    """The phenotype table as a list of one path, or of none."""
    if settings.genotypes.format == "simulated":
        return [f"results/{settings.cohort}/cohort/input/phenotypes.tsv"]
    return find_table(settings.phenotypes.path)


def columns_of_phenotypes():
    """Section phenotypes less the files of other studies, whose edits change no phenotype."""
    other_files = {"summary_statistics", "polygenic_scores"}
    without = {"traits": {"__all__": other_files}}
    return settings.phenotypes.model_dump(mode="json", exclude=without)


def traits_with_statistics():
    """Pattern of the traits whose effects come from an external GWAS; matches nothing if none."""
    return one_of(settings.traits_scanned_elsewhere)


def traits_with_gwas():
    """Pattern of the traits whose GWAS is run on the training part; matches nothing if none."""
    return traits_where(lambda trait: trait.summary_statistics is None)


def traits_with_scores():
    """Pattern of the traits that polygenic scores made elsewhere predict; matches nothing if none."""
    return traits_where(lambda trait: bool(trait.polygenic_scores))


def traits_where(condition):
    """Pattern of the traits that meet a condition; matches nothing if none does."""
    names = [
        name for name, trait in settings.phenotypes.traits.items() if condition(trait)
    ]
    return one_of(names)


def one_of(names):
    """Pattern of these names; matches nothing if there is none."""
    return "|".join(map(re.escape, names)) or "(?!)"


def release_sources():
    """Filesets of the releases made elsewhere, by name."""
    return {
        name: find_source(each.release, setting=f"generators: release of {name}:")
        for name, each in settings.external_releases.items()
    }


def release_table(name):
    """Labels of a release made elsewhere as a list of one path, or of none: in a .psam, or apart."""
    table = settings.external_releases[name].labels
    if table is None:
        return [path for role, path in RELEASES[name].files.items() if role == "psam"]
    return find_table(table, setting=f"generators: labels of {name}:")


RELEASES = release_sources()
RELEASE_TABLES = {name: release_table(name) for name in RELEASES}
