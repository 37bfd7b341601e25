"""The trait without what variants of other chromosomes say of it.

By chance variants of different chromosomes correlate in a finite cohort, so that each takes on a
part of the others' effects, and a panel chosen by p-value is chosen for just that. Synthetic people
would carry this chance for effect, and models learnt from them would predict real people worse.
Mixed models of association therefore subtract the polygenic background of the other chromosomes
from the trait (leave one chromosome out: Yang et al. 2014, Nat. Genet. 46:100; Loh et al. 2015,
Nat. Genet. 47:284). Here genotypes are regressed on a trait adjusted in this way.
"""

import logging

import torch
from torch import Tensor

logger = logging.getLogger(__name__)

PENALTIES = tuple(10 ** (power / 4) for power in range(-4, 17))  # for each variant: 0.1 to 10⁴
MAX_PREDICTORS = 8192  # variants that speak for all: a matrix of their square is held
LEAST_LEFT = 1e-6  # share of the trait's variance that conditions leave
LEAST_SPREAD = 1e-8  # of a direction among conditions, relative to the widest


def adjust_label(
    labels: Tensor,
    column: slice,
    *,
    dosages: Tensor,
    others: Tensor,
    chromosome_sizes: tuple[int, ...],
) -> list[Tensor]:
    """Labels (n, n_features) for each chromosome, the one in `column` adjusted for the other ones.

    dosages: (n, n_variants), standardised, 0 where missing; others: (n, k), what else is told of
    the people: the adjustment is uncorrelated with it. Whoever's label is unknown stays so. The
    last feature of a label is its value, whether binary (one-hot) or quantitative (z-score).
    """
    if len(chromosome_sizes) == 1:
        logger.info("trait not adjusted: there is one chromosome")
        return [labels]
    known = (labels[:, column] != 0).any(dim=1)
    value = labels[known, column.stop - 1].double()
    is_one_hot = bool((labels[known, column].sum(dim=1) == 1).all())
    adjusted = []
    for trait in adjust_trait(
        value, dosages[known], others[known], chromosome_sizes=chromosome_sizes
    ):
        change = (trait - value).to(labels)
        own = labels.clone()
        own[known, column.stop - 1] += change
        if is_one_hot:
            own[known, column.start] -= change
        adjusted.append(own)
    return adjusted


def adjust_trait(
    trait: Tensor, dosages: Tensor, others: Tensor, *, chromosome_sizes: tuple[int, ...]
) -> Tensor:
    """Subtract from a trait (n,) what other chromosomes say: (n_chromosomes, n), in its precision.

    Scaled so that dosages (n, n_variants) slope on it, over all variants, as they do on the trait
    itself. What `others` (n, k) say of the trait stays in it. In a wide panel every second variant,
    or every third, …, speaks for its neighbours.
    """
    directions = orthonormal(others).to(trait)
    explained = directions @ (directions.T @ trait)
    left = trait - explained
    if left.square().sum() < LEAST_LEFT * (trait - trait.mean()).square().sum():
        return trait.expand(len(chromosome_sizes), -1)  # conditions say it all
    dosages = dosages - directions.to(dosages) @ (directions.to(dosages).T @ dosages)
    apart = -(-dosages.shape[1] // MAX_PREDICTORS)
    weights = trait.new_zeros(dosages.shape[1])
    weights[::apart] = ridge_weights(dosages[:, ::apart], left, n_spent=directions.shape[1])
    chromosomes = torch.split(dosages, list(chromosome_sizes), dim=1)
    own_weights = torch.split(weights.to(dosages), list(chromosome_sizes))
    of_chromosome = zip(chromosomes, own_weights, strict=True)
    scores = torch.stack([own @ weight for own, weight in of_chromosome]).to(trait)
    adjusted = left - (scores.sum(dim=0) - scores)
    plain = slopes(dosages, left)
    purged = torch.cat([slopes(*each) for each in zip(chromosomes, adjusted, strict=True)])
    scale = purged @ plain / plain.square().sum()
    return explained + scale * adjusted


def slopes(dosages: Tensor, value: Tensor) -> Tensor:
    """Regression of centred dosages (n, n_variants) on a centred value (n,): (n_variants,)."""
    return (dosages.T @ value.to(dosages)).to(value) / value.square().sum()


# Generalised cross-validation (Golub, Heath & Wahba 1979), in the eigenbasis of the variants.
def ridge_weights(dosages: Tensor, trait: Tensor, *, n_spent: int) -> Tensor:
    """Ridge regression (n_variants,) of a centred trait (n,) on centred dosages.

    Of `PENALTIES`, the one that predicts left-out people best; n_spent: degrees of freedom that
    centring took.
    """
    n, n_variants = dosages.shape
    values, vectors = torch.linalg.eigh((dosages.T @ dosages).to(trait))
    values = values.clamp(min=0)
    projected = vectors.T @ (dosages.T @ trait.to(dosages)).to(trait)

    def prediction_error(penalty: float) -> float:
        shrunk = projected / (values + penalty)
        residual = trait.square().sum() - 2 * shrunk @ projected + values @ shrunk.square()
        n_left = n - n_spent - (values / (values + penalty)).sum()
        return float(residual / n_left.clamp(min=1).square())

    penalty = min((each * n_variants for each in PENALTIES), key=prediction_error)
    logger.info("trait adjusted for other chromosomes, penalty %.3g", penalty / n_variants)
    weights: Tensor = vectors @ (projected / (values + penalty))
    return weights


def orthonormal(others: Tensor) -> Tensor:
    """Orthonormal basis (n, rank) of a constant and the columns of `others`."""
    told = torch.cat((others.new_ones(len(others), 1), others), dim=1).double()
    basis = torch.linalg.svd(told, full_matrices=False)
    rank = int((basis.S / basis.S[0] > LEAST_SPREAD).sum())
    directions: Tensor = basis.U[:, :rank]
    return directions
