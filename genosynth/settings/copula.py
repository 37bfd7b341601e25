"""The Gaussian copula generator."""

from genosynth.settings.section import Positive, Section


class CopulaSettings(Section):
    """The Gaussian copula generator."""

    threshold: Positive = 3.0
    """Correlations below this many standard errors (1/√n) are set to zero."""

    min_group: int = 200
    """Groups of people (trait × conditions) smaller than this borrow from the trait's class."""
