import itertools
import math

import pytest
import torch

from genosynth.models.haplotypes import HaplotypeAutoregression
from genosynth.models.phasing import draw_haplotypes, log_likelihood

N_VARIANTS = 5
FREQUENCIES = torch.tensor([0.3, 0.5, 0.4, 0.6, 0.5]).double()


@pytest.fixture(params=[(5,), (3, 2), (4, 1)])
def head(request, monkeypatch) -> HaplotypeAutoregression:
    """The third variant says how the first two go together; particles are chosen on the way."""
    monkeypatch.setattr("genosynth.models.phasing.RESAMPLE_EVERY", 2)
    head = HaplotypeAutoregression(request.param, FREQUENCIES, n_told=1, n_neighbours=2)
    head = head.double()
    head.band.data[:] = torch.tensor([0.1, 0.1]).double()
    head.band.data[2] = 0.9
    head.couplings.data[:] = torch.tensor([0.0, -0.4, 0.3, 0.0, -0.2]).double()
    return head.requires_grad_(False)


def draw(head, counts: torch.Tensor, n_particles: int, seed: int = 1) -> torch.Tensor:
    base = head.given(torch.zeros(len(counts), 1).double())
    generator = torch.Generator().manual_seed(seed)
    return draw_haplotypes(head, base, counts, n_particles=n_particles, generator=generator)


def exact_likelihoods(head, counts: list[int]) -> dict[tuple[int, ...], float]:
    """Joint probability of genotypes and each first haplotype, by trying all pairs."""
    pairs = [
        (one, two)
        for one in itertools.product((0, 1), repeat=N_VARIANTS)
        for two in [tuple(c - a for c, a in zip(counts, one, strict=True))]
        if set(two) <= {0, 1}
    ]
    alleles = torch.tensor(pairs, dtype=torch.int8).permute(2, 1, 0)
    likely = (-head.nats(head.given(torch.zeros(len(pairs), 1).double()), alleles)).exp().tolist()
    return {one: each for (one, _), each in zip(pairs, likely, strict=True)}


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
    likelihoods = exact_likelihoods(head, genotype)
    total = sum(likelihoods.values())
    return sum(
        abs(each / total - (first == torch.tensor(one)).all(dim=1).double().mean().item())
        for one, each in likelihoods.items()
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


def test_log_likelihood__is_unbiased_whatever_the_number_of_particles(head):
    genotype, n = [1, 1, 1, 0, 1], 20_000
    counts = torch.tensor([genotype], dtype=torch.int8).expand(n, -1)
    exact = sum(exact_likelihoods(head, genotype).values())
    for n_particles in (1, 4):
        found = log_likelihood(
            head,
            head.given(torch.zeros(n, 1).double()),
            counts,
            n_particles=n_particles,
            generator=torch.Generator().manual_seed(3),
        )
        spread = found.exp().std().item() / math.sqrt(n)
        assert abs(found.exp().mean().item() - exact) < 4 * spread


def test_log_likelihood__missing_calls_tell_nothing(head):
    counts = torch.full((3, N_VARIANTS), -1, dtype=torch.int8)
    base = head.given(torch.zeros(3, 1).double())
    generator = torch.Generator().manual_seed(3)
    found = log_likelihood(head, base, counts, n_particles=2, generator=generator)
    assert found.abs().max() < 1e-9
