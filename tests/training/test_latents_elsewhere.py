"""Latents that a chromosome is regressed on must not know it."""

import torch

from genosynth.models.vae import GenotypeVae, VaeShape
from genosynth.training.vae import People, describe, shift_latents

SIZES = (3, 4, 3, 3, 4, 3)  # chromosomes of a fifth of the panel at most
N_PEOPLE = 50


def people_of(counts: torch.Tensor) -> People:
    everybody = torch.arange(len(counts))
    return People(
        counts=counts,
        labels=torch.zeros(len(counts), 1),
        slices=[],
        trait=None,
        fitting=everybody[5:],
        validation=everybody[:5],
    )


def model_of(sizes: tuple[int, ...]) -> GenotypeVae:
    torch.manual_seed(1)
    shape = VaeShape(sizes, n_features=1, n_latent=2, width=8, n_neighbours=2, n_units=0, heard=())
    model = GenotypeVae(shape, torch.full((sum(sizes),), 0.4))
    model.hidden_effects.weight.data.normal_()
    return model


def latents_of(sizes: tuple[int, ...], counts: torch.Tensor) -> list[torch.Tensor]:
    generator = torch.Generator().manual_seed(2)
    return describe(model_of(sizes), people_of(counts), generator=generator).latents


def changed(counts: torch.Tensor, columns: slice) -> torch.Tensor:
    other = counts.clone()
    other[:, columns] = 2 - other[:, columns]
    return other


def test_describe__latents_of_a_chromosome_do_not_know_its_genotypes():
    counts = torch.randint(0, 3, (N_PEOPLE, 20), generator=torch.Generator().manual_seed(3))
    counts = counts.to(torch.int8)
    plain, other = latents_of(SIZES, counts), latents_of(SIZES, changed(counts, slice(3, 7)))

    def agreement(i: int) -> float:
        """Correlation over people and latents: the spread over all people may change a little."""
        return torch.corrcoef(torch.stack((plain[i].flatten(), other[i].flatten())))[0, 1].item()

    assert agreement(1) > 0.9999
    assert all(agreement(i) < 0.999 for i in (0, 2, 3, 4, 5))


def test_describe__latents_of_all_chromosomes_have_the_same_mean():
    counts = torch.randint(0, 3, (2000, 20), generator=torch.Generator().manual_seed(3))
    model = model_of(SIZES)
    model.encoder[-1].bias.data[:2] = 3.0
    told = describe(
        model, people_of(counts.to(torch.int8)), generator=torch.Generator().manual_seed(2)
    )
    of_all = told.labels_and_latents[:, 1:].mean(dim=0)
    for latents in told.latents:
        torch.testing.assert_close(latents.mean(dim=0), of_all, atol=0.02, rtol=0)


def test_describe__context_is_that_of_the_same_latents():
    counts = torch.zeros(N_PEOPLE, 20, dtype=torch.int8)
    model = model_of(SIZES)
    told = describe(model, people_of(counts), generator=torch.Generator().manual_seed(2))
    expected = model.context(told.latents[1], told.labels)[3:7]
    torch.testing.assert_close(told.context[3:7], expected.detach())


def test_describe__a_chromosome_of_half_the_panel_is_left_in():
    counts = torch.randint(0, 3, (N_PEOPLE, 20), generator=torch.Generator().manual_seed(3))
    counts = counts.to(torch.int8)
    first, second = latents_of((10, 10), counts)
    assert torch.equal(first, second)


def test_shift_latents__people_keep_their_log_odds():
    model = model_of(SIZES)
    generator = torch.Generator().manual_seed(4)
    labels, latents = torch.randn(N_PEOPLE, 1, generator=generator), torch.randn(N_PEOPLE, 2)
    model.head.effects.data.normal_()
    before = model.given(latents, labels).base
    slope = torch.tensor([[0.7, -0.3]])
    shift_latents(model, slope)
    after = model.given(latents - labels @ slope, labels).base
    torch.testing.assert_close(after, before)
