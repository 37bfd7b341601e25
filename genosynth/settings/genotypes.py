"""Where the cohort's genotypes are."""

from typing import Literal

from genosynth.settings.section import Count, Section


class GenotypesSettings(Section):
    """Where the cohort's genotypes are."""

    path: str | None = None
    """Prefix or file; {chrom} stands for the chromosome number: one fileset, one job each."""

    format: Literal["auto", "bed", "pgen", "vcf", "bcf", "bgen", "simulated"] = "auto"
    """auto: from the files found at path; simulated: the demo cohort of section `simulation`."""

    autosomes: Count = 22
    """Number of autosomes: human 22, mouse 19, cattle 29. X, Y and MT are left out and counted."""

    build: Literal["GRCh37", "GRCh38"] | None = None
    """Genome build, checked against summary statistics where both say; null: not checked."""
