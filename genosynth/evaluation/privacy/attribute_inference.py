"""Attribute inference: is what a release lets guess of a person truer of training people?

The attacker has a person's genotypes and wants what is missing: some hidden genotypes, read off the
synthetic person most alike, or the trait, from a polygenic score learnt from synthetic people. What
is guessed as well of people never trained on is knowledge of the population, not a leak; so the
guesses on held-out people are subtracted.
"""

import numpy as np
from numpy.typing import NDArray

from genosynth.data.genotypes import MISSING, Genotypes
from genosynth.data.labels import Label
from genosynth.evaluation.comparison import Comparison, apart, filled, rounded_means
from genosynth.evaluation.distances import Counts, distance_blocks
from genosynth.evaluation.estimates import CORRELATION, Estimate
from genosynth.evaluation.privacy.membership import draw_targets
from genosynth.evaluation.utility.measures import MEASURES
from genosynth.evaluation.utility.predictors import fit_prs

HIDDEN = 0.05  # share of the variants that the attacker does not have
N_BOOTSTRAP = 200  # of attacked people, behind the interval of r²
LEAST_KNOWN = 30  # people of known trait of each kind; of fewer an AUC says nothing

Mask = NDArray[np.bool_]


def infer_attributes(comparison: Comparison, *, n_attacked: int, seed: int) -> dict[str, Estimate]:
    """Score guesses of hidden genotypes, and of the trait if there is one.

    At most n_attacked training and as many held-out people are attacked.
    """
    synthetic, strangers = apart(comparison)
    targets, is_member = draw_targets(comparison.train, strangers, n_max=n_attacked, seed=seed)
    found = {
        "attribute_gain.variants": _gain_of_variants(
            synthetic.counts, targets.counts, is_member, seed=seed
        )
    }
    if comparison.trait is not None:
        fill = rounded_means(comparison.train.counts)
        found["attribute_gain.trait"] = _gain_of_trait(
            comparison.trait, synthetic, targets, is_member, fill=fill, seed=seed
        )
    return found


def most_alike(targets: Counts, others: Counts) -> NDArray[np.intp]:
    """The other who differs from each target at the fewest variants; the first of several."""
    least = np.full(len(targets), np.inf)
    chosen = np.zeros(len(targets), np.intp)
    for rows, columns, block in distance_blocks(targets, others):
        nearest = block.argmin(axis=1)
        distance = block[np.arange(len(block)), nearest]
        nearer = distance < least[rows]
        chosen[rows] = np.where(nearer, columns.start + nearest, chosen[rows])
        least[rows] = np.minimum(distance, least[rows])
    return chosen


def _gain_of_variants(
    synthetic: Counts, targets: Counts, is_member: Mask, *, seed: int
) -> Estimate:
    """Share of hidden genotypes guessed right, training minus held-out people."""
    n_variants = targets.shape[1]
    n_hidden = round(HIDDEN * n_variants)
    if not (n_hidden and len(synthetic) and 0 < is_member.sum() < len(is_member)):
        return Estimate(np.nan)
    is_hidden = np.zeros(n_variants, bool)
    is_hidden[np.random.default_rng(seed).permutation(n_variants)[:n_hidden]] = True
    alike = most_alike(targets[:, ~is_hidden], synthetic[:, ~is_hidden])
    asked, guessed = targets[:, is_hidden], synthetic[alike][:, is_hidden]
    called = (asked != MISSING).sum(axis=1)
    right = ((asked == guessed) & (asked != MISSING)).sum(axis=1) / np.maximum(called, 1)
    known = called > 0
    sides = [right[is_member & known], right[~is_member & known]]
    if min(len(side) for side in sides) < 2:
        return Estimate(np.nan)
    error = sum(side.var(ddof=1) / len(side) for side in sides) ** 0.5
    gain = sides[0].mean() - sides[1].mean()
    return Estimate.around(gain, error, n=int(known.sum()), limits=CORRELATION)


def _gain_of_trait(
    trait: Label,
    synthetic: Genotypes,
    targets: Genotypes,
    is_member: Mask,
    *,
    fill: Counts,
    seed: int,
) -> Estimate:
    """AUC or r² of a polygenic score learnt from synthetic people, training minus held-out."""
    learnt, asked = (_of_known_trait(people, trait) for people in (synthetic, targets))
    values = targets.samples[trait.name].to_numpy(float)
    sides = [asked & is_member, asked & ~is_member]
    if min(learnt.sum(), *(side.sum() for side in sides)) < LEAST_KNOWN:
        return Estimate(np.nan)
    score = fit_prs(
        filled(synthetic.counts[learnt], fill),
        synthetic.samples[trait.name].to_numpy(float)[learnt],
        seed=seed,
    )(filled(targets.counts, fill))
    measure = MEASURES["auc" if trait.kind == "binary" else "r2"]
    of_members, of_others = (
        measure(score[None, side], values[side], n_bootstrap=N_BOOTSTRAP, seed=seed)
        for side in sides
    )
    gain = of_members.values[0] - of_others.values[0]
    error = (of_members.covariance[0, 0] + of_others.covariance[0, 0]) ** 0.5
    return Estimate.around(gain, error, n=int(asked.sum()), limits=CORRELATION)


def _of_known_trait(people: Genotypes, trait: Label) -> Mask:
    return np.asarray(np.isfinite(people.samples[trait.name].to_numpy(float)))
