"""The demo cohort."""

from pydantic import Field

from genosynth.settings.section import Count, Fraction, Positive, Section


class SimulationSettings(Section):
    """The demo cohort: a coalescent simulation with two populations and known causal effects."""

    n_samples: Count = 12000
    """People."""

    n_chromosomes: Count = 22
    """Autosomes."""

    chromosome_mb: Positive = 5.0
    """Mean length of a chromosome in megabases; lengths follow those of human chromosomes."""

    n_variants: Count = 32000
    """Variants with a minor allele frequency of at least 1 %, over all chromosomes."""

    n_causal: Count = 300
    """Causal variants of each trait."""

    heritability: Fraction = 0.5
    """Share of the variance (for the disease: of the liability) that causal variants explain."""

    prevalence: Fraction = 0.2
    """Fraction of people with the disease."""

    missing_calls: float = Field(0.002, ge=0, lt=0.5)
    """Fraction of genotypes without a call."""

    missing_phenotypes: float = Field(0.02, ge=0, lt=0.5)
    """Fraction of each phenotype without a value."""
