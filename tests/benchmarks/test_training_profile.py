"""Operations are counted as formulas say."""

import pytest
import torch
from torch import nn

from benchmarks import training_profile
from benchmarks.training_profile import ProductCounter, count_operations, works
from genosynth.models.haplotypes import BLOCK, N_SEEN
from tests.sampling.untrained import HEARD, N_FEATURES

CPU = torch.device("cpu")
N_PEOPLE, N_VARIANTS = 200, 22 * BLOCK
N_FITTING = 190  # a twentieth judges


@pytest.fixture(scope="module")
def counted() -> dict[str, float]:
    """Operations of one step."""
    found = {work.name: (work, count_operations(work)) for work in works(N_PEOPLE, N_VARIANTS, CPU)}
    return {name: sum(n.values()) / work.n_steps for name, (work, n) in found.items()}


def test_count__a_layer_there_and_back_by_precision():
    layer, x = nn.Linear(5, 7), torch.randn(3, 5, requires_grad=True)
    with ProductCounter() as counter:
        layer(x).sum().backward()
        with torch.autocast("cpu", dtype=torch.bfloat16):
            layer(x.detach())
    product = 2 * 3 * 5 * 7
    assert counter.operations == {torch.float32: 3 * product, torch.bfloat16: product}


def test_count__hidden_units_as_their_formula_says(counted):
    settings, alleles = training_profile.VAE, 2 * N_FITTING
    n_told = N_SEEN + BLOCK - 1 + len(HEARD) + 1
    # there and back; slopes of soundings are sums, not products
    of_units = N_VARIANTS * settings.n_units * (2 * n_told + 1) * alleles
    of_band = N_VARIANTS * (settings.n_neighbours + BLOCK - 1) * alleles
    of_labels = N_VARIANTS * (N_FEATURES + settings.n_latent) * N_FITTING
    assert counted["hidden units"] == 2 * (of_units + of_band + of_labels)


def test_count__flow_takes_most_of_its_products_three_times(counted):
    """There, for the gradients of the weights, and for those of what came in."""
    width, n_blocks = training_profile.FLOW.width, training_profile.FLOW.n_blocks
    squares = 2 + 1 + n_blocks * (3 + 2)  # times, labels, blocks
    assert counted["latent flow"] == pytest.approx(6 * squares * width**2 * N_FITTING, rel=0.03)


def test_works__take_people_in_as_the_loop_cuts_batches():
    """285 people in batches of at most 256 are two of 143 and 142."""
    by_name = {work.name: work for work in works(300, 22, CPU)}
    assert by_name["VAE"].people == pytest.approx(by_name["VAE"].n_steps * 142.5)
