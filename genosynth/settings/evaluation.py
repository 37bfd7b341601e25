"""How closely synthetic cohorts are looked at."""

from genosynth.settings.section import Count, Section


class EvaluationSettings(Section):
    """How closely synthetic cohorts are looked at."""

    n_bootstrap: Count = 200
    """Resamples of people behind each bootstrap interval."""

    n_random_pairs: Count = 200000
    """Pairs of variants, over all chromosomes, behind `ld_all_pearson`."""

    near_kb: Count = 1000
    """Pairs closer than this are near each other."""

    n_compared: Count = 5000
    """Largest number of people a side where synthetic people meet held-out ones."""
