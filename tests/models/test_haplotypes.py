import pytest
import torch

from genosynth.models.haplotypes import HaplotypeAutoregression, band_mask

SIZES = (5, 1, 4)
N_VARIANTS = sum(SIZES)


@pytest.fixture
def head() -> HaplotypeAutoregression:
    """A head with random weights throughout, so that every path contributes."""
    generator = torch.Generator().manual_seed(1)
    frequencies = 0.2 + 0.6 * torch.rand(N_VARIANTS, generator=generator, dtype=torch.double)
    head = HaplotypeAutoregression(SIZES, frequencies, n_told=2, n_neighbours=3).double()
    for parameter in head.parameters():
        parameter.data = 0.5 * torch.randn(parameter.shape, generator=generator).double()
    return head


def base_of(head: HaplotypeAutoregression, n: int) -> torch.Tensor:
    return head.base(torch.tensor([[1.0, 0.0]]).double().expand(n, 2)).detach()


def log_likelihood(head: HaplotypeAutoregression, alleles: torch.Tensor) -> torch.Tensor:
    """Of each allele: (n_variants, 2, n)."""
    log_odds = head.log_odds(base_of(head, alleles.shape[2]), alleles)
    return torch.where(alleles == 1, log_odds, -log_odds).sigmoid().log()


def test_haplotypes__start_as_independent_draws_of_the_frequencies():
    frequencies = torch.tensor([0.05, 0.5, 0.9])
    head = HaplotypeAutoregression((2, 1), frequencies, n_told=2, n_neighbours=2)
    labels = torch.eye(2)
    log_odds = head.log_odds(head.base(labels), torch.ones(3, 2, 2, dtype=torch.int8))
    torch.testing.assert_close(log_odds.sigmoid()[:, 1, 1], frequencies)


def test_haplotypes__probabilities_of_all_haplotypes_sum_to_one(head):
    combinations = torch.cartesian_prod(*[torch.arange(2)] * SIZES[0]).T  # (5, 32)
    alleles = torch.zeros(N_VARIANTS, 2, combinations.shape[1], dtype=torch.int8)
    alleles[: SIZES[0]] = combinations[:, None]
    per_haplotype = log_likelihood(head, alleles)[: SIZES[0]].sum(dim=0)
    assert per_haplotype.exp().sum(dim=1).tolist() == pytest.approx([1, 1])


def test_haplotypes__drawing_agrees_with_teacher_forcing(head):
    n = 40_000
    dice = torch.rand(N_VARIANTS, 2, n, generator=torch.Generator().manual_seed(4)).double()
    alleles = head.sample(base_of(head, n), dice)
    expected = head.log_odds(base_of(head, n), alleles).sigmoid()
    assert torch.equal(alleles, (dice < expected).to(torch.int8))


def test_haplotypes__see_predecessors_of_their_own_chromosome_and_copy_only(head):
    alleles = torch.zeros(N_VARIANTS, 2, 1, dtype=torch.int8)
    plain = head.log_odds(base_of(head, 1), alleles)
    ends = torch.tensor(SIZES).cumsum(0)
    for changed in range(N_VARIANTS):
        other = alleles.clone()
        other[changed, 0] = 1
        moved = (head.log_odds(base_of(head, 1), other) != plain)[:, :, 0]
        end = min(int(ends[ends > changed][0]), changed + 1 + head.n_neighbours)
        assert moved[:, 0].nonzero()[:, 0].tolist() == list(range(changed + 1, end))
        assert not moved[:, 1].any()


def test_haplotypes__missing_allele_is_the_mean(head):
    missing = torch.full((N_VARIANTS, 2, 1), -1, dtype=torch.int8)
    assert not head.standardise(missing).any()


def test_haplotypes__genotypes_are_in_hardy_weinberg_proportions(head):
    n = 40_000
    dice = torch.rand(N_VARIANTS, 2, n, generator=torch.Generator().manual_seed(5)).double()
    alleles = head.sample(base_of(head, n), dice).double()
    heterozygous = (alleles.sum(dim=1) == 1).double().mean(dim=1)
    frequency = alleles.mean(dim=(1, 2))
    assert (heterozygous - 2 * frequency * (1 - frequency)).abs().max() < 4 * 0.5 / n**0.5


def test_band_mask__counts_neighbours_from_the_chromosome_start():
    assert band_mask((3, 2), 2).tolist() == [[0, 0], [0, 1], [1, 1], [0, 0], [0, 1]]
