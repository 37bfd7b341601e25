import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression

from genosynth.errors import TrainingDiverged
from genosynth.models.dice import IndependentDice
from genosynth.models.haplotypes import HaplotypeAutoregression
from genosynth.training import regression
from genosynth.training.regression import (
    Regression,
    centre_effects,
    maximise,
    neighbourhoods,
    refit,
    ridge_of_effects,
    start_from_genotypes,
)

N_PEOPLE = 4000
CHAIN = 0.6  # correlation of neighbouring alleles


@pytest.fixture
def haplotypes() -> torch.Tensor:
    """Two chromosomes of three variants, each allele a copy of the one before it now and then."""
    rng = np.random.default_rng(1)
    alleles = (rng.random((N_PEOPLE, 2, 6)) < 0.4).astype(np.int8)
    for variant in (1, 2, 4, 5):
        copied = rng.random((N_PEOPLE, 2)) < CHAIN
        alleles[..., variant] = np.where(copied, alleles[..., variant - 1], alleles[..., variant])
    return torch.from_numpy(alleles)


@pytest.fixture
def labels(haplotypes) -> torch.Tensor:
    """One label that goes with the first variant."""
    noise = torch.randn(N_PEOPLE, 1, generator=torch.Generator().manual_seed(2))
    return (0.5 * haplotypes[:, :, 0].sum(dim=1, keepdim=True) + noise).double()


@pytest.fixture
def head(haplotypes) -> HaplotypeAutoregression:
    frequencies = haplotypes.double().mean(dim=(0, 1))
    head = HaplotypeAutoregression((3, 3), frequencies, n_told=1, n_neighbours=2)
    return head.double().requires_grad_(False)


def converge(head, haplotypes, told, **how):
    """Fit again and again: each time the prior is wider where weights were found."""
    for _ in range(6):
        refit(head, haplotypes, told, n_steps=20, **how)


def test_maximise__agrees_with_scikit_learn():
    rng = np.random.default_rng(3)
    features = rng.normal(size=(500, 4))
    target = (rng.random(500) < 1 / (1 + np.exp(-features @ [2, -1, 0, 0.5]))).astype(float)
    problem = Regression(
        target=torch.from_numpy(target),
        features=torch.from_numpy(features),
        offset=torch.zeros(500).double(),
        penalty=torch.full((4,), 5.0).double(),
    )
    found = problem, torch.zeros(4).double()
    theirs = LogisticRegression(C=1 / 5, fit_intercept=False, tol=1e-8).fit(features, target)
    ours = maximise(*found, n_steps=20)
    assert ours.numpy() == pytest.approx(theirs.coef_[0], abs=1e-2)


def test_maximise__a_likelihood_that_is_no_number_is_an_error():
    problem = Regression(
        target=torch.zeros(3),
        features=torch.full((3, 1), float("nan")),
        offset=torch.zeros(3),
        penalty=torch.ones(1),
    )
    with pytest.raises(TrainingDiverged, match="ridge"):
        maximise(problem, torch.zeros(1), n_steps=2)


def test_refit__matches_the_moments_of_the_haplotypes(head, haplotypes, labels):
    converge(head, haplotypes, [labels, labels], ridge=1e-6)
    alleles = haplotypes.permute(2, 1, 0)
    unlike = head.log_unlike()[:, None, None] * (1 - 2 * alleles.flip(1))
    gap = alleles - (head.log_odds(head.given(labels), alleles) + unlike).sigmoid()
    seen = head.standardise(alleles)
    # What maximum likelihood means here: nothing that the model looks at tells the rest.
    assert gap.mean(dim=(1, 2)).abs().max() < 1e-3
    assert (gap * labels[:, 0]).mean(dim=(1, 2)).abs().max() < 1e-3
    # The heavy-tailed prior pulls weakly at what is evident.
    assert (gap[1] * seen[0]).mean().abs() < 3e-3
    assert (gap[5] * seen[3]).mean().abs() < 3e-3


def test_refit__finds_the_lost_heterozygotes_of_one_variant(head, haplotypes, labels):
    spoilt = haplotypes.clone()
    heterozygous = spoilt[:, 0, 5] != spoilt[:, 1, 5]
    lost = heterozygous & (torch.arange(N_PEOPLE) % 4 != 0)  # three in four become homozygous
    spoilt[lost, 1, 5] = spoilt[lost, 0, 5]
    coupled = torch.arange(6) == 5
    converge(head, spoilt, [labels, labels], ridge=1.0, coupled=coupled)
    dice = torch.rand(6, 2, N_PEOPLE, generator=torch.Generator().manual_seed(5)).double()
    drawn = head.requires_grad_(False).sample(head.given(labels), IndependentDice(dice))
    share = (drawn.sum(dim=1) == 1).double().mean(dim=1)
    expected = (spoilt.sum(dim=1) == 1).double().mean(dim=0)
    assert (share - expected).abs().max() < 4 * 0.5 * (2 / N_PEOPLE) ** 0.5
    assert head.log_unlike()[5] < -0.5
    assert head.log_unlike()[~coupled].abs().max() < 1e-6


def test_refit__tells_chromosomes_apart(head, haplotypes, labels):
    converge(head, haplotypes, [labels, torch.zeros_like(labels)], ridge=1.0)
    assert head.effects[:3].abs().sum() > 0
    assert not head.effects[3:].any()


def test_refit__a_missing_allele_is_left_out(head, haplotypes, labels):
    spoilt = haplotypes.clone()
    spoilt[:1000, :, 1] = -1
    converge(head, spoilt, [labels, labels], ridge=1.0)
    found = head.intercepts[1].clone()
    converge(head, haplotypes[1000:], [labels[1000:]] * 2, ridge=1.0)
    assert found == pytest.approx(float(head.intercepts[1]), abs=1e-3)


def test_refit__context_takes_over_what_it_explains(head, haplotypes, labels):
    converge(head, haplotypes, [labels, labels], ridge=1.0)
    label_effect = head.effects[0].clone()
    context = 0.8 * label_effect[:, None] @ labels.T
    told = torch.cat((context, torch.zeros(5, N_PEOPLE).double()))
    converge(head, haplotypes, [labels, labels], ridge=1.0, context=told)
    assert head.effects[0].item() == pytest.approx(0.2 * label_effect.item(), rel=0.05)


def test_start_from_genotypes__comes_close_to_the_fit_with_known_phase(head, haplotypes, labels):
    counts = haplotypes.sum(dim=1).to(torch.int8)
    start_from_genotypes(head, counts, labels, ridge=1.0)
    guess = head.band.clone(), head.effects.clone()
    converge(head, haplotypes, [labels, labels], ridge=1.0)
    assert (guess[0] - head.band).abs().max() < 0.15
    assert (guess[1] - head.effects).abs().max() < 0.05
    assert head.band.max() > 0.5


def test_centre_effects__unknown_means_the_average_and_known_ones_stay(head):
    """Two levels, one quantitative label; each unknown to some."""
    generator = torch.Generator().manual_seed(4)
    level = torch.eye(2).repeat(500, 1)
    value = torch.cat((torch.randn(1000, 1, generator=generator), torch.ones(1000, 1)), dim=1)
    labels = torch.cat((level, value), dim=1).double()
    labels[:100, :2] = 0
    labels[50:300, 2:] = 0
    head = HaplotypeAutoregression((3, 3), head.frequencies, n_told=4, n_neighbours=2).double()
    head.effects.data = torch.randn(6, 4, generator=generator).double()
    before = head.given(labels).base.detach()
    centre_effects(head, labels, slices=[slice(0, 2), slice(2, 4)])
    all_known = (labels[:, :2].sum(dim=1) == 1) & (labels[:, 3] == 1)
    after = head.given(labels).base.detach()
    torch.testing.assert_close(after[:, all_known], before[:, all_known])
    said = labels[:, :2] @ head.effects[:, :2].T.detach()
    torch.testing.assert_close(said[100:].mean(dim=0), torch.zeros(6).double())


def test_refit__prior_spares_strong_weights_and_holds_back_weak_ones(
    head, haplotypes, labels, monkeypatch
):
    """Each allele copies the one before it; the one before that says nothing more."""
    few = haplotypes[:200], [labels[:200]] * 2
    converge(head, *few, ridge=1e-6)
    held = head.band.clone()
    monkeypatch.setattr(regression, "SPREAD", 100.0)
    converge(head, *few, ridge=1e-6)
    strong, weak = ([1, 2, 4, 5], -1), ([2, 5], -2)
    assert (held[strong] / head.band[strong]).min() > 0.85
    assert (held[weak] / head.band[weak]).abs().max() < 0.7


def test_neighbourhoods__stay_on_the_chromosome(head):
    found = [(each.start, each.stop) for each in neighbourhoods(head)]
    assert found == [(0, 0), (0, 1), (0, 2), (3, 3), (3, 4), (3, 5)]


def test_ridge_of_effects__silences_chance_and_leaves_what_is_there():
    """One of two columns acts on the alleles; the other one is noise."""
    generator = torch.Generator().manual_seed(5)
    n, n_variants = 2000, 60
    told = torch.randn(n, 2, generator=generator)
    head = HaplotypeAutoregression(
        (n_variants,), torch.full((n_variants,), 0.3), n_told=2, n_neighbours=1
    ).requires_grad_(False)
    head.effects[:, 0] = 0.1 * torch.randn(n_variants, generator=generator)
    dice = torch.rand(n_variants, 2, n, generator=generator)
    haplotypes = head.sample(head.given(told), IndependentDice(dice)).permute(2, 1, 0)
    right = head.effects[:, 0].clone()
    refit(head, haplotypes, [told], ridge=1.0, n_steps=5)
    assert head.effects[:, 1].std() > 0.01  # chance: 1 / √(2n)
    ridge = ridge_of_effects(head, told, columns=[0, 1])
    refit(head, haplotypes, [told], ridge=1.0, n_steps=5, effect_ridge=ridge)
    assert head.effects[:, 1].std() < 0.005
    slope = (head.effects[:, 0] @ right / right.square().sum()).item()
    assert slope == pytest.approx(0.98, abs=0.05)


def test_ridge_of_effects__leaves_other_columns_alone():
    head = HaplotypeAutoregression((4,), torch.full((4,), 0.3), n_told=3, n_neighbours=1)
    ridge = ridge_of_effects(head, torch.ones(10, 3), columns=[1, 2])
    assert ridge[0] < 10
    assert (ridge[1:] > 1e6).all()


@pytest.mark.parametrize(("spread", "left"), [(0.0, 0.0), (0.05, 0.27)])
def test_ridge_of_effects__leaves_of_differences_between_levels_what_is_not_chance(spread, left):
    """Two unequal populations; left: of a squared difference, the share that is no chance."""
    generator = torch.Generator().manual_seed(6)
    n_of, n_variants = torch.tensor([100, 300]), 2000
    told = torch.eye(2).repeat_interleave(n_of, dim=0)
    head = HaplotypeAutoregression(
        (1,) * n_variants, torch.full((n_variants,), 0.3), n_told=2, n_neighbours=1
    ).requires_grad_(False)
    head.effects[:, 0] = spread * torch.randn(n_variants, generator=generator)
    dice = torch.rand(n_variants, 2, len(told), generator=generator)
    haplotypes = head.sample(head.given(told), IndependentDice(dice)).permute(2, 1, 0)
    right = head.effects[:, 0] - head.effects[:, 1]
    refit(head, haplotypes, [told] * n_variants, ridge=1.0, n_steps=5)
    centre_effects(head, told, slices=[slice(0, 2)])
    found = head.effects[:, 0] - head.effects[:, 1]
    ridge = ridge_of_effects(head, told, columns=[0, 1])
    refit(head, haplotypes, [told] * n_variants, ridge=1.0, n_steps=5, effect_ridge=ridge)
    shrunk = head.effects[:, 0] - head.effects[:, 1]
    assert (shrunk @ found / found.square().sum()).item() == pytest.approx(left, abs=0.08)
    assert (shrunk - right).square().mean() < 0.8 * (found - right).square().mean()
