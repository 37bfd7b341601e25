"""How a release is attacked."""

from genosynth.settings.section import Count, Section


class PrivacySettings(Section):
    """How a release is attacked."""

    n_compared: Count = 5000
    """Largest number of synthetic, training and held-out people who are looked at one by one."""

    n_subsamples: Count = 5
    """Subsamples without replacement behind the intervals of nearest-neighbour measures."""
