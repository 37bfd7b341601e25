"""The Gaussian copula generator."""

from pydantic import Field

from genosynth.settings.section import Positive, Section


class CopulaSettings(Section):
    """The Gaussian copula generator: genotype frequencies given the labels, and their LD."""

    pseudocount: Positive = 1.0
    """People by which each trait class leans on everybody, and everybody on Hardy-Weinberg."""

    threshold: Positive = 3.0
    """Correlations within a chromosome below this many standard errors (1/√n) count as none."""

    max_factors: int = Field(10, ge=0)
    """Most factors that span chromosomes: structure that no condition tells; 0: none."""
