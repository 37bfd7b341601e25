"""The independent-sites generator."""

from genosynth.settings.section import Positive, Section


class IndependentSettings(Section):
    """The independent-sites generator: genotype frequencies of each group, no LD."""

    pseudocount: Positive = 1.0
    """Dirichlet pseudocount of each genotype."""
