import pytest
import torch

from genosynth.models import autoregression
from genosynth.models.autoregression import (
    GenotypeFeatures,
    NeuralAutoregression,
    band_mask,
    blocks,
)

SIZES = (5, 1, 4)
N_VARIANTS = sum(SIZES)


@pytest.fixture
def frequencies() -> torch.Tensor:
    shares = torch.rand(N_VARIANTS, 3, generator=torch.Generator().manual_seed(1)) + 0.2
    return (shares / shares.sum(dim=1, keepdim=True)).double()


@pytest.fixture
def head() -> NeuralAutoregression:
    """A head with random weights throughout, so that every path contributes."""
    head = NeuralAutoregression(SIZES, n_hidden=4, n_neighbours=3).double()
    generator = torch.Generator().manual_seed(2)
    for parameter in head.parameters():
        parameter.data = torch.randn(parameter.shape, generator=generator, dtype=torch.double)
    return head


def context(n: int) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(3)
    base = torch.randn(N_VARIANTS, 3, n, generator=generator, dtype=torch.double)
    return base, torch.randn(len(SIZES), 4, n, generator=generator, dtype=torch.double)


def all_genotypes_of_first_chromosome() -> torch.Tensor:
    combinations = torch.cartesian_prod(*[torch.arange(3)] * SIZES[0])
    padding = torch.zeros(len(combinations), N_VARIANTS - SIZES[0], dtype=torch.long)
    return torch.cat((combinations, padding), dim=1).to(torch.int8)


def test_autoregression__probabilities_of_all_genotypes_sum_to_one(head, frequencies):
    counts = all_genotypes_of_first_chromosome()
    base, starts = (part[..., :1].expand(-1, -1, len(counts)) for part in context(1))
    logits = head(base, starts, GenotypeFeatures(frequencies[:, 1:])(counts))
    log_p = logits.log_softmax(dim=1).gather(1, counts.T.long()[:, None])[: SIZES[0], 0].sum(dim=0)
    assert log_p.exp().sum().item() == pytest.approx(1)


def test_autoregression__drawing_agrees_with_teacher_forcing(head, frequencies):
    n = 40_000
    base, starts = (part[..., :1].expand(-1, -1, n) for part in context(1))
    dice = torch.rand(n, N_VARIANTS, generator=torch.Generator().manual_seed(4)).double()
    features = GenotypeFeatures(frequencies[:, 1:])
    counts = head.sample(base, starts, features, dice)
    expected = head(base, starts, features(counts)).softmax(dim=1).mean(dim=2)
    drawn = torch.stack([(counts == copies).double().mean(dim=0) for copies in range(3)], dim=1)
    assert (drawn - expected).abs().max() < 4 * 0.5 / n**0.5


def test_autoregression__sees_predecessors_on_its_chromosome_only(head, frequencies):
    counts = torch.ones(1, N_VARIANTS, dtype=torch.int8)
    features = GenotypeFeatures(frequencies[:, 1:])
    plain = head(*context(1), features(counts))
    for changed in range(N_VARIANTS):
        other = counts.clone()
        other[0, changed] = 2
        moved = (head(*context(1), features(other)) != plain).any(dim=1)[:, 0]
        first = sum(SIZES[: next(i for i in range(3) if changed < sum(SIZES[: i + 1]))])
        last = next(sum(SIZES[: i + 1]) for i in range(3) if changed < sum(SIZES[: i + 1]))
        seen_by = torch.arange(changed + 1, last)
        assert moved.nonzero()[:, 0].tolist() == seen_by.tolist(), (changed, first)


def test_autoregression__block_size_changes_nothing(head, frequencies, monkeypatch):
    counts = torch.randint(0, 3, (6, N_VARIANTS), generator=torch.Generator().manual_seed(5))
    features = GenotypeFeatures(frequencies[:, 1:])(counts.to(torch.int8))
    whole = head(*context(6), features)
    monkeypatch.setattr(autoregression, "BLOCK", 2)
    torch.testing.assert_close(head(*context(6), features), whole)


def test_features__missing_call_is_the_mean(frequencies):
    counts = torch.tensor([[-1] * N_VARIANTS], dtype=torch.int8)
    assert not GenotypeFeatures(frequencies[:, 1:])(counts).any()


def test_blocks__never_straddle_chromosomes():
    covered = [
        (block.chromosome, variant)
        for block in blocks((130, 1, 64))
        for variant in range(block.first, block.first + block.size)
    ]
    assert covered == [(0, i) for i in range(130)] + [(1, 130)] + [(2, i) for i in range(131, 195)]


def test_band_mask__counts_neighbours_from_the_chromosome_start():
    assert band_mask((3, 2), 2).tolist() == [[0, 0], [0, 1], [1, 1], [0, 0], [0, 1]]
