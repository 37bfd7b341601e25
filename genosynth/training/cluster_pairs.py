"""What unphased genotypes say of the clusters of a person's two haplotypes: forward-backward.

A state is an unordered pair of clusters. Stay-or-jump moves make transitions of low rank: each pass
costs products of (people × pairs) with (pairs × clusters), never pairs × pairs.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genosynth.models.clusters import HaplotypeClusters

BLOCK_BYTES = 2**30  # of forward probabilities kept at a time: memory, never the result
MAX_BLOCK = 512  # people whose states stay in the processor's cache
Array = NDArray[np.float64]
Single = NDArray[np.float32]


@dataclass(frozen=True)
class Expectations:
    """Expected numbers, summed over people, given genotypes and clusters.

    log_likelihood: of all genotypes, in nats.
    pairs: (n_variants, 3, n_pairs) people with 0, 1 and 2 ALT alleles in each pair of clusters.
    jumps: (n_ancestries, n_variants, n_clusters) haplotypes that jump into each cluster.
    """

    log_likelihood: float
    pairs: Array
    jumps: Array


@dataclass(frozen=True)
class ClusterPairs:
    """All unordered pairs of clusters, first ≤ second, each (n_pairs,)."""

    first: NDArray[np.intp]
    second: NDArray[np.intp]
    n_clusters: int

    @classmethod
    def of(cls, n_clusters: int) -> "ClusterPairs":
        """Pairs of this many clusters."""
        return cls(*np.triu_indices(n_clusters), n_clusters)

    def index(self) -> NDArray[np.intp]:
        """Of the pair of two clusters (n_clusters, n_clusters)."""
        index = np.empty((self.n_clusters, self.n_clusters), np.intp)
        index[self.first, self.second] = np.arange(len(self.first))
        index[self.second, self.first] = np.arange(len(self.first))
        return index

    def holds(self) -> tuple[Array, Array]:
        """1 where the first, where the second of a pair is a cluster: (n_pairs, n_clusters)."""
        unit = np.eye(self.n_clusters)
        return unit[self.first], unit[self.second]

    def both_jump(self, jumps: Array) -> Array:
        """Probabilities (…, n_pairs) of two haplotypes that jump (…, n_clusters)."""
        product = jumps[..., self.first] * jumps[..., self.second]
        return product * np.where(self.first == self.second, 1, 2)

    def one_jumps(self, jumps: Array) -> Array:
        """Probabilities (…, n_clusters, n_pairs) given the cluster of the one that stays."""
        first, second = (indicator.T for indicator in self.holds())
        landing = first * jumps[..., None, self.second] + second * jumps[..., None, self.first]
        return landing * np.where(self.first == self.second, 0.5, 1)


def expectations(
    clusters: HaplotypeClusters,
    counts: NDArray[np.int8],
    ancestry: NDArray[np.intp],
) -> Expectations:
    """The expectation step; missing calls say nothing. counts: (n, n_variants); ancestry: (n,)."""
    pairs = ClusterPairs.of(clusters.n_clusters)
    alleles = genotype_probabilities(clusters.alt, pairs)
    log_likelihood, by_genotype = 0.0, np.zeros_like(alleles[:, :3])
    jumps = np.zeros_like(clusters.jumps)
    for number in np.unique(ancestry):
        passes = _Passes(clusters.stay, clusters.jumps[number], alleles, pairs)
        for block in _blocks(counts[ancestry == number], alleles.shape):
            passes.add(block)
        log_likelihood += passes.log_likelihood
        by_genotype += passes.by_genotype
        jumps[number] = _expected_jumps(
            passes.arrivals, clusters.stay, clusters.jumps[number], pairs
        )
    return Expectations(log_likelihood, by_genotype, jumps)


def log_likelihood(
    clusters: HaplotypeClusters, counts: NDArray[np.int8], ancestry: NDArray[np.intp]
) -> float:
    """Of all genotypes, in nats."""
    return expectations(clusters, counts, ancestry).log_likelihood


def genotype_probabilities(alt: Array, pairs: ClusterPairs) -> Array:
    """Of 0, 1, 2 ALT alleles and of a missing call, given a pair (n_variants, 4, n_pairs)."""
    one, two = alt[:, pairs.first], alt[:, pairs.second]
    none = (1 - one) * (1 - two)
    return np.stack([none, one * (1 - two) + two * (1 - one), one * two, np.ones_like(one)], axis=1)


def _moves(stay: Array, jumps: Array, pairs: ClusterPairs) -> Single:
    """Transitions in which some haplotype jumps (n_variants, n_clusters, n_pairs).

    Given the cluster of a haplotype chosen at random of the two. They have the same sum for every
    cluster, so that those in which both jump may be counted in each.
    """
    one = 2 * stay * (1 - stay)
    both = (1 - stay) ** 2
    moves = one[:, None, None] * pairs.one_jumps(jumps)
    moves += (both[:, None] * pairs.both_jump(jumps))[:, None]
    return moves.astype(np.float32)


def _blocks(counts: NDArray[np.int8], shape: tuple[int, ...]) -> Iterator[NDArray[np.int8]]:
    n_variants, _, n_pairs = shape
    size = min(max(BLOCK_BYTES // (4 * n_variants * n_pairs), 1), MAX_BLOCK)
    for start in range(0, len(counts), size):
        yield counts[start : start + size]


class _Passes:
    """Forward and backward passes along all variants, for people of one ancestry, and their sums.

    log_likelihood, by_genotype: as in `Expectations`. arrivals: (n_variants, n_clusters, n_pairs)
    probability of a haplotype's cluster before a move × how much likelier each pair is after it.
    """

    def __init__(self, stay: Array, jumps: Array, alleles: Array, pairs: ClusterPairs) -> None:
        """Nobody yet. alleles: (n_variants, 4, n_pairs)."""
        first, second = pairs.holds()
        self.chosen = ((first + second) / 2).astype(np.float32)  # one of two haplotypes, by chance
        self.both_stay = (stay**2).astype(np.float32)
        self.moves = _moves(stay, jumps, pairs)
        self.alleles = alleles.astype(np.float32)
        self.log_likelihood = 0.0
        self.by_genotype = np.zeros_like(alleles[:, :3])
        self.arrivals = np.zeros(self.moves.shape)

    def add(self, counts: NDArray[np.int8]) -> None:
        """Pass along the genotypes (n, n_variants) of some people."""
        shape = (len(self.moves), len(counts), len(self.chosen))
        forward, scale = np.empty(shape, np.float32), np.empty((*shape[:2], 1), np.float32)
        anywhere = np.full(shape[1:], 1 / len(self.chosen), np.float32)  # a start forgets it
        before = anywhere
        for variant, told in enumerate(counts.T):
            here = np.matmul(before @ self.chosen, self.moves[variant], out=forward[variant])
            here += self.both_stay[variant] * before
            here *= self.alleles[variant][told]
            scale[variant] = here.sum(axis=1, keepdims=True)
            here /= scale[variant]
            before = here
        self.log_likelihood += float(np.log(scale, dtype=np.float64).sum())

        onward = np.ones_like(anywhere)  # likelihood of what follows, over its mean
        for variant in range(len(self.moves) - 1, -1, -1):
            told = counts[:, variant]
            is_genotype = (told == np.arange(3)[:, None]).astype(np.float32)
            self.by_genotype[variant] += is_genotype @ (forward[variant] * onward)
            onward *= self.alleles[variant][told]
            onward /= scale[variant]
            before = forward[variant - 1] if variant else anywhere
            self.arrivals[variant] += (before @ self.chosen).T @ onward
            stays = self.both_stay[variant] * onward
            onward = (onward @ self.moves[variant].T) @ self.chosen.T
            onward += stays


def _expected_jumps(arrivals: Array, stay: Array, jumps: Array, pairs: ClusterPairs) -> Array:
    """Jumps into each cluster (n_variants, n_clusters)."""
    index, stays = pairs.index(), np.arange(pairs.n_clusters)[:, None]
    beside = arrivals[:, stays, index].sum(axis=1)  # the other haplotype stays, wherever it is
    one = (2 * stay * (1 - stay))[:, None] * jumps * beside
    first, second = pairs.holds()
    landed = pairs.both_jump(jumps) * arrivals.sum(axis=1) @ (first + second)
    expected: Array = one + ((1 - stay) ** 2)[:, None] * landed
    return expected
