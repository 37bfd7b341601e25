"""The haplotype-cluster generator."""

from pydantic import Field

from genosynth.settings.section import Count, Positive, Section


class ClustersSettings(Section):
    """The haplotype-cluster generator (fastPHASE): for dense regions, also of few people."""

    n_clusters: int = Field(16, ge=2)
    """Clusters of alike haplotypes at each variant; memory and time grow with the square."""

    max_people: Count = 3000
    """Training people, drawn at random, behind the clusters; frequencies are those of all."""

    max_iterations: Count = 40
    """Rounds of expectation-maximisation; fewer where the likelihood hardly grows any more."""

    pseudocount: Positive = 1.0
    """People by which each trait class leans on everybody, and everybody on Hardy-Weinberg."""
