import torch

from genosynth.models.denoiser import Denoiser, DenoiserShape, Latents, ModulatedBlock


def test_modulated_block__starts_as_the_identity():
    x = torch.randn(5, 8)
    assert torch.equal(ModulatedBlock(8)(x, torch.randn(5, 8)), x)


def test_denoiser__starts_with_zero_velocity():
    shape = DenoiserShape(n_latent=3, n_features=2, width=8, n_blocks=2)
    denoiser = Denoiser(shape, centre=torch.zeros(3), scale=torch.ones(3))
    assert not denoiser(torch.randn(4, 3), torch.rand(4), torch.zeros(4, 2)).any()


def test_latents__scale_is_that_of_posterior_samples():
    generator = torch.Generator().manual_seed(1)
    mean = 2 * torch.randn(50_000, 2, generator=generator) + 1
    sd = torch.full_like(mean, 1.5)
    samples = mean + sd * torch.randn(mean.shape, generator=generator)
    latents = Latents(
        mean=mean, sd=sd, labels=torch.zeros(50_000, 1), families=torch.arange(50_000)
    )
    torch.testing.assert_close(latents.scale, samples.std(dim=0), rtol=0.01, atol=0)
    torch.testing.assert_close(latents.centre, torch.ones(2), rtol=0, atol=0.05)
