"""The demo cohort."""

from typing import Self

from pydantic import Field, model_validator

from genosynth.settings.section import Count, Fraction, Positive, Section

MAX_VARIANTS_PER_MB = 1000  # about half of what human mutation gives at a MAF of 1 %


class SimulationSettings(Section):
    """The demo cohort: a coalescent simulation with two populations and known causal effects."""

    n_samples: int = Field(12000, ge=100)
    """People."""

    n_chromosomes: int = Field(22, ge=1, le=22)
    """Autosomes."""

    chromosome_mb: Positive = 5.0
    """Mean length of a chromosome in megabases; lengths follow those of human chromosomes."""

    n_variants: Count = 32000
    """Variants with a minor allele frequency of at least 1 %, over all chromosomes."""

    n_causal: Count = 300
    """Causal variants of each trait."""

    heritability: Fraction = 0.5
    """Share of the variance (for the disease: of the liability) that causal variants explain."""

    prevalence: float = Field(0.2, gt=0, lt=1)
    """Fraction of people with the disease."""

    children: float = Field(0.007, ge=0, le=0.5)
    """Fraction of people whose parents are in the cohort too, two children a family."""

    missing_calls: float = Field(0.002, ge=0, lt=0.5)
    """Fraction of genotypes without a call."""

    missing_phenotypes: float = Field(0.02, ge=0, lt=0.5)
    """Fraction of each trait, and of ancestry, without a value."""

    flawed: bool = True
    """Add a few people and variants of poor quality, which QC must find."""

    @model_validator(mode="after")
    def _chromosomes_can_hold_the_variants(self) -> Self:
        fewest = 10 * self.n_chromosomes
        most = int(MAX_VARIANTS_PER_MB * self.n_chromosomes * self.chromosome_mb)
        if not fewest <= self.n_variants <= most:
            raise ValueError(
                f"n_variants must lie between {fewest} and {most:,} for {self.n_chromosomes} "
                f"chromosomes of {self.chromosome_mb:g} Mb: change one of the three"
            )
        if self.n_causal > self.n_variants:
            raise ValueError(f"n_causal must not exceed n_variants, {self.n_variants:,}")
        return self
