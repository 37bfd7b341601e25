import itertools

import pytest
import torch

from genosynth.models.haplotypes import HaplotypeAutoregression
from genosynth.models.phasing import draw_haplotypes

N_VARIANTS = 5
FREQUENCIES = torch.tensor([0.3, 0.5, 0.4, 0.6, 0.5]).double()


@pytest.fixture
def head() -> HaplotypeAutoregression:
    """The third variant says how the first two go together; one chromosome."""
    head = HaplotypeAutoregression((N_VARIANTS,), FREQUENCIES, n_told=1, n_neighbours=2)
    head = head.double()
    head.band.data[:] = torch.tensor([0.1, 0.1]).double()
    head.band.data[2] = 0.9
    return head


def draw(head, counts: torch.Tensor, n_particles: int, seed: int = 1) -> torch.Tensor:
    base = head.base(torch.zeros(len(counts), 1).double())
    generator = torch.Generator().manual_seed(seed)
    return draw_haplotypes(head, base, counts, n_particles=n_particles, generator=generator)


def exact_posterior(head, counts: list[int]) -> dict[tuple[int, ...], float]:
    """Probability of each first haplotype, by trying all pairs of haplotypes."""
    pairs = [
        (one, two)
        for one in itertools.product((0, 1), repeat=N_VARIANTS)
        for two in [tuple(c - a for c, a in zip(counts, one, strict=True))]
        if set(two) <= {0, 1}
    ]
    alleles = torch.tensor(pairs, dtype=torch.int8).permute(2, 1, 0)
    log_odds = head.log_odds(head.base(torch.zeros(len(pairs), 1).double()), alleles)
    likely = torch.where(alleles == 1, log_odds, -log_odds).sigmoid().log().sum(dim=(0, 1)).exp()
    shares = (likely / likely.sum()).tolist()
    return {one: share for (one, _), share in zip(pairs, shares, strict=True)}


def test_draw_haplotypes__add_up_to_the_genotypes(head):
    counts = torch.randint(-1, 3, (200, N_VARIANTS), generator=torch.Generator().manual_seed(2))
    counts = counts.to(torch.int8)
    haplotypes = draw(head, counts, 3)
    called = counts >= 0
    assert torch.equal(haplotypes.sum(dim=1)[called], counts[called].long())
    assert (haplotypes.permute(0, 2, 1)[~called] == -1).all()


def distance_to_exact(head, genotype: list[int], *, n_particles: int) -> float:
    n = 20_000
    counts = torch.tensor([genotype], dtype=torch.int8).expand(n, -1)
    first = draw(head, counts, n_particles)[:, 0]
    return sum(
        abs(share - (first == torch.tensor(one)).all(dim=1).double().mean().item())
        for one, share in exact_posterior(head, genotype).items()
    )


def test_draw_haplotypes__more_particles_come_close_to_the_exact_posterior(head):
    genotype = [1, 1, 1, 0, 1]
    near = distance_to_exact(head, genotype, n_particles=32)
    assert near < 0.05
    assert distance_to_exact(head, genotype, n_particles=1) > 2 * near  # it never looks ahead


def test_draw_haplotypes__same_seed_same_phases(head):
    counts = torch.ones(20, N_VARIANTS, dtype=torch.int8)
    assert torch.equal(draw(head, counts, 4), draw(head, counts, 4))
    assert not torch.equal(draw(head, counts, 4), draw(head, counts, 4, seed=2))
