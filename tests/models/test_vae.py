import math

import torch

from genosynth.models.dice import IndependentDice
from genosynth.models.vae import GenotypeVae, VaeShape, genotypes_of

SHAPE = VaeShape((6, 4), n_features=2, n_latent=3, width=16, n_neighbours=4, n_units=2, heard=(0,))


def make_vae(shape: VaeShape = SHAPE) -> GenotypeVae:
    """A VAE as it starts: no linkage, no effects."""
    torch.manual_seed(0)
    return GenotypeVae(shape, torch.full((shape.n_variants,), 0.35))


def make_random_vae() -> GenotypeVae:
    """A VAE with random weights throughout, so that every path contributes."""
    vae = make_vae()
    for parameter in vae.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    return vae


def people(n: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Haplotypes (n, 2, 10) and labels (n, 2)."""
    generator = torch.Generator().manual_seed(1)
    haplotypes = torch.randint(0, 2, (n, 2, 10), generator=generator).to(torch.int8)
    return haplotypes, torch.eye(2)[torch.arange(n) % 2]


def loss_of(vae: GenotypeVae, haplotypes: torch.Tensor, labels: torch.Tensor):
    return vae.loss(haplotypes, labels, noise=torch.zeros(len(haplotypes), 3))


def test_vae__starts_as_an_independent_sampler_of_the_frequencies():
    vae = make_vae()
    dice = torch.rand(10, 2, 20_000, generator=torch.Generator().manual_seed(2))
    nobody = vae.given(torch.zeros(20_000, 3), torch.zeros(20_000, 2))
    drawn = vae.sample(nobody, IndependentDice(dice))
    shares = torch.stack([(drawn == copies).float().mean(dim=0) for copies in range(3)])
    expected = torch.tensor([0.65**2, 2 * 0.65 * 0.35, 0.35**2])[:, None].expand(3, 10)
    torch.testing.assert_close(shares, expected, atol=0.015, rtol=0)


def test_vae__missing_calls_cost_nothing():
    vae = make_random_vae()
    haplotypes, labels = people(4)
    called = loss_of(vae, haplotypes, labels).reconstruction
    haplotypes[0, :, 7] = -1
    haplotypes[1] = -1
    fewer = loss_of(vae, haplotypes, labels).reconstruction
    assert fewer[0] < called[0]
    assert fewer[1] == 0


def test_vae__swapping_the_haplotypes_changes_nothing():
    vae = make_random_vae()
    haplotypes, labels = people(6)
    plain, swapped = loss_of(vae, haplotypes, labels), loss_of(vae, haplotypes.flip(1), labels)
    torch.testing.assert_close(swapped.reconstruction, plain.reconstruction)
    assert plain.reconstruction.std() > 0.1


def test_genotypes_of__missing_alleles_are_missing_calls():
    haplotypes = torch.tensor([[[0, 1, 1, -1], [0, 0, 1, -1]]], dtype=torch.int8)
    assert genotypes_of(haplotypes).tolist() == [[0, 1, 2, -1]]


def test_vae__permuting_people_permutes_losses():
    vae = make_random_vae()
    haplotypes, labels = people(8)
    noise = torch.randn(8, 3, generator=torch.Generator().manual_seed(4))
    order = torch.randperm(8, generator=torch.Generator().manual_seed(3))
    plain = vae.loss(haplotypes, labels, noise=noise)
    moved = vae.loss(haplotypes[order], labels[order], noise=noise[order])
    # Encoder and decoder compute in bfloat16, whose last digits depend on the batch.
    torch.testing.assert_close(moved.reconstruction, plain.reconstruction[order], rtol=1e-2, atol=0)
    torch.testing.assert_close(moved.kl, plain.kl[order], rtol=2e-2, atol=1e-2)
    assert (moved.reconstruction - plain.reconstruction).abs().max() > 1


def test_vae__learns_32_people_by_heart_but_for_their_phase():
    vae = make_vae()
    haplotypes, labels = people(32)
    optimiser = torch.optim.Adam(vae.parameters(), lr=1e-2)
    for _ in range(400):
        loss = loss_of(vae, haplotypes, labels).reconstruction.mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    # Both haplotypes see the same latents: which of them is which costs ln 2 for each allele.
    n_het = (haplotypes.sum(dim=1) == 1).sum(dim=1).float().mean()
    assert loss < 2 * n_het * math.log(2)


def test_vae__has_no_kl_where_the_posterior_is_the_prior():
    vae = make_vae()
    torch.nn.init.zeros_(vae.encoder[-1].weight)
    torch.nn.init.zeros_(vae.encoder[-1].bias)
    assert loss_of(vae, *people(4)).kl.abs().max() == 0
