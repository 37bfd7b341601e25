"""The haplotype-cluster generator: each haplotype is a mosaic of a few clusters of alike ones.

Scheet & Stephens 2006 (fastPHASE). Both haplotypes of a person are chains of clusters along each
chromosome. Ancestry and class of the trait say which clusters are common where; what labels say
beyond that shifts allele frequencies within clusters.
"""

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit, logit

from genosynth.data.genotypes import MISSING
from genosynth.models.folder import load_folder, save_folder
from genosynth.models.frequencies import GenotypeFrequencies, group_codes
from genosynth.seeds import person_uniforms

N_PER_VARIANT = 4  # uniform numbers: cluster and allele of two haplotypes


@dataclass(frozen=True)
class HaplotypeClusters:
    """Chains of clusters along haplotypes: at each variant a haplotype stays or jumps.

    stay: (n_variants,) probability to stay in the cluster of the variant before; 0 at the first
        variant of a chromosome.
    jumps: (n_ancestries, n_variants, n_clusters) where a haplotype that jumps goes.
    alt: (n_variants, n_clusters) frequency of the ALT allele.
    """

    stay: NDArray[np.float64]
    jumps: NDArray[np.float64]
    alt: NDArray[np.float64]

    @property
    def n_clusters(self) -> int:
        """Clusters at each variant."""
        return int(self.alt.shape[1])

    def shares(self) -> NDArray[np.float64]:
        """Of haplotypes in each cluster (n_ancestries, n_variants, n_clusters)."""
        shares = np.empty_like(self.jumps)
        here = np.zeros_like(self.jumps[:, 0])
        for variant, stay in enumerate(self.stay):
            here = stay * here + (1 - stay) * self.jumps[:, variant]
            shares[:, variant] = here
        return shares

    def log_likelihood(
        self, counts: NDArray[np.int8], shifts: NDArray[np.float64], *, ancestry: int
    ) -> NDArray[np.float64]:
        """Log-likelihood (n,) of ALT copies (n, n_variants), whatever the clusters: forward pass.

        shifts: (n, n_variants) of the log-odds of ALT alleles; a missing call says nothing.
        """
        n, log_odds = len(counts), logit(self.alt)
        likelihood = np.zeros(n)
        # probabilities of both haplotypes' clusters, ordered, given the genotypes so far
        here = np.full((n, self.n_clusters, self.n_clusters), self.n_clusters**-2.0)
        for variant, stay in enumerate(self.stay):
            jumps = (1 - stay) * self.jumps[ancestry, variant]
            arrives = (stay * here.sum(axis=2) + jumps / 2)[:, :, None] * jumps
            here = stay**2 * here + arrives + arrives.transpose(0, 2, 1)
            alt = expit(log_odds[variant] + shifts[:, variant, None])
            here *= _likelihood_of(counts[:, variant], alt)
            total = here.sum(axis=(1, 2))
            here /= total[:, None, None]
            likelihood += np.log(total)
        return likelihood


@dataclass(frozen=True)
class Ancestries:
    """Groups of people with cluster probabilities of their own.

    columns: (n_kept,) which group codes tell them apart: the trait's class, then conditions.
    codes: (n_ancestries, n_kept) level of each.
    people: (n_ancestries,) share of the training people.
    """

    columns: NDArray[np.intp]
    codes: NDArray[np.int16]
    people: NDArray[np.float64]

    def weights(self, codes: NDArray[np.int16]) -> NDArray[np.float64]:
        """Of each ancestry (n, n_ancestries) for group codes; unknown levels: as in train.

        So are levels never seen together with those of the columns before.
        """
        fits = np.ones((len(codes), len(self.people)), bool)
        for column, levels in zip(self.columns, self.codes.T, strict=True):
            known = codes[:, column, None]
            narrower = fits & ((known < 0) | (known == levels))
            is_seen = narrower.any(axis=1, keepdims=True)  # beside the labels before it
            fits = np.where(is_seen, narrower, fits)
        weights: NDArray[np.float64] = fits * self.people
        weights /= weights.sum(axis=1, keepdims=True)
        return weights

    def draw(self, codes: NDArray[np.int16], dice: NDArray[np.float64]) -> NDArray[np.intp]:
        """Ancestry (n,) of people with these group codes; dice: (n,), uniform in [0, 1)."""
        reach = np.cumsum(self.weights(codes), axis=1)[:, :-1]
        ancestry: NDArray[np.intp] = (dice[:, None] >= reach).sum(axis=1)
        return ancestry


@dataclass(frozen=True)
class ClustersModel:
    """Clusters, and what labels add to the log-odds of each ALT allele.

    frequencies: groups of people and their allele frequencies, which the shifts bring about.
    shifts: (n_groups, n_variants). slopes: (n_quantitative, n_variants) for one SD.
    """

    frequencies: GenotypeFrequencies
    ancestries: Ancestries
    clusters: HaplotypeClusters
    shifts: NDArray[np.float64]
    slopes: NDArray[np.float64]

    def sample(
        self, people: pd.DataFrame, *, person_ids: NDArray[np.intp], seed: int
    ) -> NDArray[np.int8]:
        """ALT copies (n_people, n_variants) of people with these labels."""
        n, n_variants = len(people), self.frequencies.n_variants
        dice = person_uniforms(seed, person_ids, 1 + N_PER_VARIANT * n_variants)
        codes = group_codes(people, self.frequencies.labels)
        ancestry = self.ancestries.draw(codes, dice[:, 0])
        codes[:, self.ancestries.columns] = self.ancestries.codes[ancestry]
        path_dice, allele_dice = dice[:, 1:].reshape(n, 2, 2, n_variants).transpose(1, 3, 0, 2)
        group = self.frequencies.rows_of(codes)
        deviations = self.frequencies.deviations(people, group)
        log_odds = logit(self.clusters.alt)
        reach = np.cumsum(self.clusters.jumps, axis=2)[:, :, :-1]  # rounding may miss the last 1
        counts = np.empty((n, n_variants), np.int8)
        cluster = np.zeros((n, 2), np.intp)
        for variant, stay in enumerate(self.clusters.stay):
            landing = (path_dice[variant] - stay) / (1 - stay)  # below 0: stays
            target = (landing[:, :, None] >= reach[ancestry, None, variant]).sum(axis=2)
            cluster = np.where(landing < 0, cluster, target)
            shift = self.shifts[group, variant] + (deviations * self.slopes[:, variant]).sum(axis=1)
            odds = log_odds[variant, cluster] + shift[:, None]
            counts[:, variant] = (logit(allele_dice[variant]) < odds).sum(axis=1)
        return counts

    def nats(self, counts: NDArray[np.int8], people: pd.DataFrame) -> NDArray[np.float64]:
        """Negative log-likelihood (n_people,) of ALT copies (n_people, n_variants)."""
        codes = group_codes(people, self.frequencies.labels)
        weights = self.ancestries.weights(codes)
        log_likelihood = np.full(len(people), -np.inf)
        for number, levels in enumerate(self.ancestries.codes):
            rows = np.flatnonzero(weights[:, number] > 0)
            known = codes[rows]
            known[:, self.ancestries.columns] = levels
            group = self.frequencies.rows_of(known)
            deviations = self.frequencies.deviations(people.iloc[rows], group)
            shifts = self.shifts[group] + deviations @ self.slopes
            found = self.clusters.log_likelihood(counts[rows], shifts, ancestry=number)
            found += np.log(weights[rows, number])
            log_likelihood[rows] = np.logaddexp(log_likelihood[rows], found)
        return -log_likelihood


def save_clusters(model: ClustersModel, folder: str | Path, *, variants: pd.DataFrame) -> None:
    """Write a model folder, all or nothing."""
    arrays = {**model.frequencies.arrays(), "shifts": model.shifts, "slopes": model.slopes}
    save_folder(
        folder,
        {**arrays, **_arrays(model.ancestries), **_arrays(model.clusters)},
        generator="clusters",
        labels=model.frequencies.labels,
        variants=variants,
    )


def load_clusters(folder: str | Path, *, variants: pd.DataFrame) -> ClustersModel:
    """Read what `save_clusters` wrote.

    Raises:
        ArtifactMismatch: it was fitted to another panel.
    """
    labels, arrays = load_folder(folder, generator="clusters", variants=variants)
    ancestries = Ancestries(**{item.name: arrays.pop(item.name) for item in fields(Ancestries)})
    clusters = HaplotypeClusters(
        **{item.name: arrays.pop(item.name) for item in fields(HaplotypeClusters)}
    )
    shifts, slopes = arrays.pop("shifts"), arrays.pop("slopes")
    frequencies = GenotypeFrequencies(labels, **arrays)
    return ClustersModel(frequencies, ancestries, clusters, shifts, slopes)


def _likelihood_of(counts: NDArray[np.int8], alt: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of ALT copies (n,), given both clusters: (n, n_clusters, n_clusters); alt: frequencies."""
    ref = 1 - alt
    first = np.where((counts == 2)[:, None], alt, ref)[:, :, None]
    second = np.where((counts == 0)[:, None], ref, alt)[:, None]
    likely = first * second
    likely[counts == 1] += likely[counts == 1].transpose(0, 2, 1)
    likely[counts == MISSING] = 1
    return likely


def _arrays(part: Ancestries | HaplotypeClusters) -> dict[str, NDArray[Any]]:
    return {item.name: getattr(part, item.name) for item in fields(part)}
