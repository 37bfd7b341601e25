"""The independent-sites generator."""

from genosynth.settings.section import Positive, Section


class IndependentSettings(Section):
    """The independent-sites generator: genotype frequencies given the labels, no LD."""

    pseudocount: Positive = 1.0
    """People by which each trait class leans on everybody, and everybody on Hardy-Weinberg."""
