"""Genotype frequencies given the labels: what the classical generators have in common."""

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtr

from genosynth.data.labels import Label, level_codes

MIN_LIKELIHOOD = 1e-12  # genotypes that the model excludes occur all the same
ANY = -2  # level of a group that holds everybody, whatever this label says (−1: unknown)


@dataclass(frozen=True)
class GenotypeFrequencies:
    """P(genotype | labels) of each variant, as an ordered probit model.

    A person's latent value is normal noise plus the effects of the quantitative labels, of variance
    1 in all. Above the first threshold of the person's group there is one ALT allele, above the
    second there are two. Groups are the combinations of categorical labels.

    labels: what the frequencies depend on.
    groups: (n_groups, 1 + n_conditions) level codes: the trait's class (0 where the trait has no
        classes), then the categorical conditions; −1 unknown, ANY whatever.
    thresholds: (n_groups, 2, n_variants).
    centres: (n_groups, n_quantitative) mean z-score of each quantitative label.
    effects: (n_quantitative, n_variants) latent shift for one SD above the group's mean.
    noise_sd: (n_variants,) what the effects leave of the latent SD.
    """

    labels: tuple[Label, ...]
    groups: NDArray[np.int16]
    thresholds: NDArray[np.float64]
    centres: NDArray[np.float64]
    effects: NDArray[np.float64]
    noise_sd: NDArray[np.float64]

    @property
    def n_variants(self) -> int:
        """Width of the panel."""
        return len(self.noise_sd)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """All but the labels, by name."""
        return {item.name: getattr(self, item.name) for item in fields(self)[1:]}

    def counts(self, noise: NDArray[np.float64], people: pd.DataFrame) -> NDArray[np.int8]:
        """ALT copies (n_people, n_variants) of people with these labels and unit noise."""
        group = self.group_of(people)
        latent = noise * self.noise_sd + self.deviations(people, group) @ self.effects
        counts: NDArray[np.int8] = (latent > self.thresholds[group, 0]).astype(np.int8)
        counts[latent > self.thresholds[group, 1]] = 2
        return counts

    def nats(self, counts: NDArray[np.int8], people: pd.DataFrame) -> NDArray[np.float64]:
        """Negative log-probability (n_people, n_variants) of ALT copies; 0 where missing."""
        group = self.group_of(people)
        latent = self.deviations(people, group) @ self.effects
        cuts = (self.thresholds[group] - latent[:, None]) / self.noise_sd
        at_most_none, at_most_one = ndtr(cuts).transpose(1, 0, 2)
        likely = np.select(
            [counts == 0, counts == 1, counts == 2],
            [at_most_none, at_most_one - at_most_none, ndtr(-cuts[:, 1])],
            default=1.0,
        )
        nats: NDArray[np.float64] = -np.log(likely.clip(min=MIN_LIKELIHOOD))
        return nats

    def group_of(self, people: pd.DataFrame) -> NDArray[np.intp]:
        """Row of each person's group; an unseen combination goes to its trait's class."""
        return self.rows_of(group_codes(people, self.labels))

    def rows_of(self, codes: NDArray[np.int16]) -> NDArray[np.intp]:
        """Row of the group of each combination of levels, (n, 1 + n_conditions)."""
        row_of = {tuple(codes): row for row, codes in enumerate(self.groups.tolist())}
        n_conditions = self.groups.shape[1] - 1
        everybody = row_of[(ANY,) * (1 + n_conditions)]
        combinations, inverse = np.unique(codes, axis=0, return_inverse=True)
        rows = [
            row_of.get(tuple(codes), row_of.get((codes[0], *[ANY] * n_conditions), everybody))
            for codes in combinations.tolist()
        ]
        return np.array(rows, np.intp)[inverse]

    def deviations(self, people: pd.DataFrame, group: NDArray[np.intp]) -> NDArray[np.float64]:
        """SD (n_people, n_quantitative) of each label from its group's mean; 0 where unknown.

        group: (n_people,) rows of the groups, as `group_of` or `rows_of` gives them.
        """
        return np.nan_to_num(label_z_scores(people, self.labels) - self.centres[group])

    def expected_dosages(self) -> NDArray[np.float64]:
        """Mean number of ALT alleles (n_groups, n_variants)."""
        dosages: NDArray[np.float64] = ndtr(-self.thresholds).sum(axis=1)
        return dosages


def group_codes(people: pd.DataFrame, labels: tuple[Label, ...]) -> NDArray[np.int16]:
    """Level codes (n_people, 1 + n_conditions) that define a person's group."""
    trait_class = np.zeros(len(people), np.intp)
    columns = []
    for label in labels:
        if label.kind == "quantitative":
            continue
        if label.role == "trait":
            trait_class = level_codes(people[label.name], label)
        else:
            columns.append(level_codes(people[label.name], label))
    return np.stack([trait_class, *columns], axis=1).astype(np.int16)


def label_z_scores(people: pd.DataFrame, labels: tuple[Label, ...]) -> NDArray[np.float64]:
    """Quantitative labels (n_people, n_quantitative) as z-scores of train; NaN where unknown."""
    columns = [
        (people[label.name].to_numpy(float) - label.mean) / label.sd
        for label in labels
        if label.kind == "quantitative"
    ]
    return np.array(columns).reshape(len(columns), len(people)).T
