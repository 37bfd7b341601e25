"""Which samples and variants enter."""

from pydantic import Field

from genosynth.settings.section import Fraction, Section


class QcSettings(Section):
    """Which samples and variants enter; each filter is a row of qc_steps.tsv."""

    variant_missing: Fraction = 0.02
    """Highest fraction of missing calls of a variant."""

    sample_missing: Fraction = 0.02
    """Highest fraction of missing calls of a person."""

    maf: Fraction = 0.01
    """Lowest minor allele frequency: rarer alleles identify people and cannot be learnt."""

    hwe_p: Fraction = 1e-6
    """Lowest exact Hardy-Weinberg p-value, in controls only where a trait is binary; 0: no test."""

    kinship: float | None = Field(0.0884, gt=0, lt=0.5)
    """KING kinship above which one of each pair goes (0.0884: 2nd degree or closer); null: keep."""

    keep: str | None = None
    """File of sample ids (plink2 --keep) to keep; null: all."""

    remove: str | None = None
    """File of sample ids (plink2 --remove) to remove, e.g. withdrawn consent; null: none."""
