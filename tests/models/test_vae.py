import torch

from genosynth.models.vae import GenotypeVae, VaeShape

SHAPE = VaeShape((6, 4), n_features=2, n_latent=3, width=16, n_hidden=5, n_neighbours=4)


def make_vae(shape: VaeShape = SHAPE) -> GenotypeVae:
    torch.manual_seed(0)
    frequencies = torch.tensor([0.5, 0.3, 0.2]).repeat(shape.n_variants, 1)
    return GenotypeVae(shape, frequencies)


def people(n: int) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(1)
    counts = torch.randint(0, 3, (n, 10), generator=generator).to(torch.int8)
    return counts, torch.eye(2)[torch.arange(n) % 2]


def loss_of(vae: GenotypeVae, counts: torch.Tensor, labels: torch.Tensor):
    noise = torch.zeros(len(counts), 3)
    return vae.loss(counts, labels, noise=noise)


def test_vae__starts_as_an_independent_sampler_of_the_frequencies():
    vae = make_vae()
    dice = torch.rand(20_000, 10, generator=torch.Generator().manual_seed(2))
    drawn = vae.sample(torch.zeros(20_000, 3), torch.zeros(20_000, 2), dice)
    shares = torch.stack([(drawn == copies).float().mean(dim=0) for copies in range(3)])
    expected = torch.tensor([0.5, 0.3, 0.2])[:, None].expand(3, 10)
    torch.testing.assert_close(shares, expected, atol=0.015, rtol=0)


def test_vae__missing_calls_cost_nothing():
    vae = make_vae()
    counts, labels = people(4)
    called = loss_of(vae, counts, labels).reconstruction
    counts[0, 7] = -1
    counts[1] = -1
    fewer = loss_of(vae, counts, labels).reconstruction
    assert fewer[0] < called[0]
    assert fewer[1] == 0


def test_vae__permuting_people_permutes_losses():
    vae = make_vae()
    counts, labels = people(8)
    order = torch.randperm(8, generator=torch.Generator().manual_seed(3))
    plain, moved = loss_of(vae, counts, labels), loss_of(vae, counts[order], labels[order])
    torch.testing.assert_close(moved.reconstruction, plain.reconstruction[order])
    torch.testing.assert_close(moved.kl, plain.kl[order])


def test_vae__overfits_32_people():
    vae = make_vae()
    counts, labels = people(32)
    optimiser = torch.optim.Adam(vae.parameters(), lr=1e-2)
    for _ in range(400):
        loss = loss_of(vae, counts, labels).reconstruction.mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    assert loss < 0.5  # nats for ten genotypes; chance is 10


def test_vae__has_no_kl_where_the_posterior_is_the_prior():
    vae = make_vae()
    torch.nn.init.zeros_(vae.encoder[-1].weight)
    torch.nn.init.zeros_(vae.encoder[-1].bias)
    assert loss_of(vae, *people(4)).kl.abs().max() == 0
