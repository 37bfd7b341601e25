"""Ridge logistic regression of each allele on labels, latents and the alleles before it.

The linear part of the haplotype model is fitted by a few steps of Newton's method, one variant at a
time: a convex problem, solved in seconds, where stochastic gradients would need many passes to grow
a strong weight.
"""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from genosynth.errors import TrainingDiverged
from genosynth.models.haplotypes import MISSING, PAIRED, HaplotypeAutoregression
from genosynth.models.hidden_units import HiddenUnits

# Prior of the band's weights: Student's t. Most alleles tell next to nothing, some tell almost all;
# a normal prior wide enough for these lets noise into those (docs/generator.md).
DEGREES_OF_FREEDOM = 0.01
SPREAD = 0.2
EFFECT_RIDGE = 2.0  # of labels and latents: hardly any, or effects of the trait would shrink
TINY = 1e-12
LEAST_VARIANCE = 1e-8  # of effects in the prior: far below what any cohort could tell from none
MIN_GAIN = 0.1  # nats: Newton's method stops when a step gains less
SHORTEST_STEP = 0.01
PINNED = 1e9  # of a coupling that is not fitted
JITTER = 1e-3  # added to the curvature: labels that are all known sum to one


@dataclass(frozen=True)
class Regression:
    """Alleles (n_rows,) of one variant, what tells them, and how much weights are held back."""

    target: Tensor
    features: Tensor  # (n_rows, n_weights)
    offset: Tensor  # (n_rows,) log-odds known beforehand
    penalty: Tensor  # (n_weights,)

    def objective(self, weights: Tensor) -> Tensor:
        """Penalised log-likelihood."""
        log_odds = self.features @ weights + self.offset
        nats = functional.binary_cross_entropy_with_logits(log_odds, self.target, reduction="sum")
        return -nats - 0.5 * (self.penalty * weights**2).sum()

    def newton_step(self, weights: Tensor) -> Tensor:
        """Step to the maximum of the quadratic approximation."""
        probability = (self.features @ weights + self.offset).sigmoid()
        gradient = self.features.T @ (self.target - probability) - self.penalty * weights
        weighted = self.features * (probability * (1 - probability))[:, None]
        curvature = weighted.T @ self.features + torch.diag(self.penalty + JITTER)
        step: Tensor = torch.linalg.solve(curvature, gradient)
        return step


def maximise(regression: Regression, weights: Tensor, *, n_steps: int) -> Tensor:
    """Newton's method with halved steps where a full one overshoots.

    Raises:
        TrainingDiverged: the objective is no longer a number.
    """
    value = regression.objective(weights)
    if not value.isfinite():
        raise TrainingDiverged(
            f"the log-likelihood of an allele became {float(value)}. "
            "Raise vae.ridge or lower vae.learning_rate, and start again"
        )
    for _ in range(n_steps):
        step = regression.newton_step(weights)
        length = 1.0
        moved = regression.objective(weights + step)
        while moved < value and length > SHORTEST_STEP:
            length /= 2
            moved = regression.objective(weights + length * step)
        if not moved >= value:
            break
        weights = weights + length * step
        if moved - value < MIN_GAIN:
            break
        value = moved
    return weights


@torch.no_grad()
def refit(
    head: HaplotypeAutoregression,
    haplotypes: Tensor,
    told: list[Tensor],
    *,
    ridge: float,
    n_steps: int,
    context: Tensor | None = None,
    coupled: Tensor | None = None,
    effect_ridge: Tensor | None = None,
) -> None:
    """Fit intercepts, effects and band to phased people, starting from the present ones.

    haplotypes: int8 (n, 2, n_variants); told: labels and latents (n, n_told), for each chromosome;
    context: (n_variants, n), known beforehand; coupled: (n_variants,), whose coupling is fitted,
    too; effect_ridge: (n_told,) penalties of effects; None: hardly any. Weights of the band are
    held back by a Student's t prior, taken as normal with the variance that present weights suggest
    (expectation-maximisation: Lange et al. 1989, JASA 84:881), and by a `ridge` beside it.
    """
    alleles = haplotypes.permute(2, 1, 0).flatten(1).contiguous()  # (n_variants, 2n)
    persons = [_with_intercept(each).repeat(2, 1) for each in told]
    units = None if head.units.are_silent else head.units
    chromosomes = [i for i, size in enumerate(head.chromosome_sizes) for _ in range(size)]
    for variant, neighbours in enumerate(neighbourhoods(head)):
        person = persons[chromosomes[variant]]
        known = alleles[variant] != MISSING
        target = alleles[variant][known]
        if (target == target[:1]).all():
            continue  # one allele only: its log-odds would grow without end
        seen = head.standardise(alleles[neighbours], neighbours)
        # Given a person's other allele, log-odds are linear in the coupling: the pseudo-likelihood
        # (Besag 1975) of the pair is that of a logistic regression.
        unlike = 1 - 2 * alleles[variant].roll(len(person) // 2)
        features = torch.cat((person, unlike[:, None], seen.T), dim=1)
        said = person.new_zeros(len(person))
        if units is not None:
            said = _said_by(units, variant, seen, heard=person[:, 1:][:, head.heard].T)
        if context is not None:
            said = said + context[variant].repeat(2)
        start = _weights_of(head, variant, neighbours.stop - neighbours.start)
        penalty = _penalty(person.shape[1] + 1, features.shape[1], ridge=ridge).to(features)
        if effect_ridge is not None:
            penalty[1 : person.shape[1]] = effect_ridge
        penalty[person.shape[1] + 1 :] += _heavy_tailed(start[person.shape[1] + 1 :])
        is_pinned = coupled is None or not coupled[variant]
        if is_pinned:
            penalty[person.shape[1]] = PINNED
        problem = Regression(
            target=target.to(features.dtype),
            features=features[known] / head.scale[variant],
            offset=said[known] / head.scale[variant],
            penalty=penalty,
        )
        _put_weights(head, variant, maximise(problem, start, n_steps=n_steps))
        if is_pinned:
            head.couplings[variant] = 0  # but for rounding it is


def _said_by(units: HiddenUnits, variant: int, seen: Tensor, *, heard: Tensor) -> Tensor:
    """What hidden units say of a variant's alleles (2n,), having seen those of its band."""
    nearest = functional.pad(seen, (0, 0, units.n_seen, 0))[-units.n_seen :]
    told = torch.cat((nearest, heard, torch.ones_like(nearest[:1])))
    return units.of(slice(variant, variant + 1), told[None])[0]


@torch.no_grad()
def start_from_genotypes(
    head: HaplotypeAutoregression, counts: Tensor, told: Tensor, *, ridge: float
) -> None:
    """Set effects and band by ridge regression of dosages: no phase is needed.

    Linkage of dosages equals that of haplotypes, and on the scale of `HaplotypeAutoregression` the
    coefficients of linear and of logistic regression agree where they are small.
    """
    dosages = head.dosages(counts)
    person = _with_intercept(told)
    for variant, neighbours in enumerate(neighbourhoods(head)):
        features = torch.cat((person, dosages[:, neighbours]), dim=1)
        penalty = _penalty(person.shape[1], features.shape[1], ridge=ridge).to(features) + JITTER
        curvature = features.T @ features + torch.diag(penalty)
        weights = torch.linalg.solve(curvature, features.T @ dosages[:, variant])
        head.effects[variant] = weights[1 : person.shape[1]] / PAIRED
        _put_band(head, variant, weights[person.shape[1] :])


@torch.no_grad()
def centre_effects(head: HaplotypeAutoregression, labels: Tensor, *, slices: list[slice]) -> None:
    """Let an unknown label mean the average; nothing changes for people whose label is known.

    labels: (n, n_features), the first columns of what the head is told.
    """
    n_features = labels.shape[1]
    slope, mean = centre_slope(head.effects[:, :n_features].T, labels, slices=slices)
    head.effects[:, :n_features] = slope.T
    head.intercepts.add_(mean)


def centre_slope(slope: Tensor, labels: Tensor, *, slices: list[slice]) -> tuple[Tensor, Tensor]:
    """Slope (n_features, k) that says 0 on average of known labels, and what it said (k,).

    An unknown label is a block of zeros, one block in each of `slices`; it says 0 then, too.
    """
    centred, total = slope.clone(), slope.new_zeros(slope.shape[1])
    for columns in slices:
        block = labels[:, columns]
        known = block[(block != 0).any(dim=1)]
        if len(known) == 0:
            continue
        # The direction in which all known labels are 1: for levels their sum.
        constant = torch.linalg.pinv(known.T @ known) @ known.sum(dim=0)
        mean = known.mean(dim=0) @ slope[columns]
        centred[columns] -= constant[:, None] * mean
        total += mean
    return centred, total


def label_slope(values: Tensor, labels: Tensor, *, slices: list[slice]) -> Tensor:
    """Linear regression (n_features, k) of values (n, k) on labels, centred as above."""
    told = _with_intercept(labels)
    coefficients = torch.linalg.pinv(told.T @ told) @ (told.T @ values)
    return centre_slope(coefficients[1:], labels, slices=slices)[0]


def ridge_of_effects(head: HaplotypeAutoregression, told: Tensor, *, columns: list[int]) -> Tensor:
    """Penalties (n_told,) of fitted effects; of these columns by what is beyond chance.

    On the scale of the head the sampling variance of an effect follows from told (n, n_told):
    levels of a label, one-hot, or numbers with mean 0. What effects of a column exceed it by, in
    mean square, is their variance in the prior (parametric empirical Bayes: Efron & Morris 1973); a
    column that says nothing is silenced. Effects of levels are centred, `centre_effects`, and vary
    by a share of people less than those of levels would that know nothing of each other.
    """
    squares, spread = told.square().sum(dim=0), (told - told.mean(dim=0)).square().sum(dim=0)
    apart = (spread / squares.clamp(min=TINY)).clamp(min=TINY)  # 1, less the share of a level
    mean_square = head.effects.square().mean(dim=0) / apart
    beyond = (mean_square - 1 / (2 * squares.clamp(min=TINY))).clamp(min=LEAST_VARIANCE)
    ridge = torch.full_like(beyond, EFFECT_RIDGE)
    ridge[columns] = 1 / beyond[columns]
    return ridge


def neighbourhoods(head: HaplotypeAutoregression) -> list[slice]:
    """Variants in the band of each variant."""
    first, found = 0, []
    for size in head.chromosome_sizes:
        for variant in range(first, first + size):
            found.append(slice(max(first, variant - head.n_neighbours), variant))
        first += size
    return found


def _with_intercept(told: Tensor) -> Tensor:
    return torch.cat((torch.ones_like(told[:, :1]), told), dim=1)


def _penalty(n_person: int, n_weights: int, *, ridge: float) -> Tensor:
    penalty = torch.full((n_weights,), ridge)
    penalty[:n_person] = EFFECT_RIDGE
    penalty[0] = 0  # the intercept
    return penalty


def _heavy_tailed(weights: Tensor) -> Tensor:
    """Inverse variances of a scale mixture of normals that is Student's t, given its draws."""
    return (DEGREES_OF_FREEDOM + 1) / (DEGREES_OF_FREEDOM * SPREAD**2 + weights**2)


def _weights_of(head: HaplotypeAutoregression, variant: int, n_neighbours: int) -> Tensor:
    band = head.band[variant, head.n_neighbours - n_neighbours :]
    of_person = (head.intercepts[variant][None], head.effects[variant])
    return torch.cat((*of_person, head.couplings[variant][None], band))


def _put_weights(head: HaplotypeAutoregression, variant: int, weights: Tensor) -> None:
    n_person = 1 + head.effects.shape[1]
    head.intercepts[variant] = weights[0]
    head.effects[variant] = weights[1:n_person]
    head.couplings[variant] = weights[n_person]
    _put_band(head, variant, weights[n_person + 1 :])


def _put_band(head: HaplotypeAutoregression, variant: int, weights: Tensor) -> None:
    head.band[variant, head.n_neighbours - len(weights) :] = weights
