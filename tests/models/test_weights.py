import pandas as pd
import pytest
import torch

from genosynth.errors import ArtifactMismatch
from genosynth.models.denoiser import Denoiser, DenoiserShape
from genosynth.models.dice import IndependentDice
from genosynth.models.vae import GenotypeVae, VaeShape
from genosynth.models.weights import load_denoiser, load_vae, save_denoiser, save_vae

VARIANTS = pd.DataFrame(
    {
        "chromosome": [1, 1, 2],
        "position_bp": [10, 20, 5],
        "id": ["a", "b", "c"],
        "ref": ["A", "C", "G"],
        "alt": ["G", "T", "A"],
    }
)


@pytest.fixture
def vae() -> GenotypeVae:
    shape = VaeShape(
        (2, 1), n_features=2, n_latent=2, width=4, n_neighbours=2, n_units=2, heard=(0,)
    )
    return GenotypeVae(shape, torch.full((3,), 1 / 3))


def test_vae_weights__give_identical_people_after_a_round_trip(vae, tmp_path):
    for parameter in vae.parameters():
        torch.nn.init.normal_(parameter)
    save_vae(vae, tmp_path / "vae.safetensors", variants=VARIANTS)
    loaded = load_vae(tmp_path / "vae.safetensors", variants=VARIANTS)
    people = torch.randn(50, 2), torch.zeros(50, 2)
    dice = IndependentDice(torch.rand(3, 2, 50))
    drawn = vae.sample(vae.given(*people), dice)
    assert torch.equal(loaded.sample(loaded.given(*people), dice), drawn)


def test_vae_weights__refuse_a_panel_with_swapped_alleles(vae, tmp_path):
    save_vae(vae, tmp_path / "vae.safetensors", variants=VARIANTS)
    swapped = VARIANTS.rename(columns={"ref": "alt", "alt": "ref"})
    with pytest.raises(ArtifactMismatch, match="another panel"):
        load_vae(tmp_path / "vae.safetensors", variants=swapped)


def test_denoiser_weights__keep_the_scale_of_the_latents(tmp_path):
    shape = DenoiserShape(n_latent=2, n_features=1, width=4, n_blocks=1)
    scale = torch.tensor([2.0, 3.0])
    save_denoiser(Denoiser(shape, centre=-scale, scale=scale), tmp_path / "d.safetensors")
    loaded = load_denoiser(tmp_path / "d.safetensors")
    assert torch.equal(loaded.scale, scale)
    assert torch.equal(loaded.centre, -scale)


def test_weights__a_file_that_was_cut_off_is_damaged(vae, tmp_path):
    path = tmp_path / "vae.safetensors"
    save_vae(vae, path, variants=VARIANTS)
    path.write_bytes(path.read_bytes()[:-8])
    with pytest.raises(ArtifactMismatch, match=r"damaged .* snakemake -R train_vae"):
        load_vae(path, variants=VARIANTS)


def test_weights__of_another_version_are_refused(tmp_path, monkeypatch):
    denoiser = Denoiser(
        DenoiserShape(n_latent=1, n_features=1, width=4, n_blocks=1),
        centre=torch.zeros(1),
        scale=torch.ones(1),
    )
    monkeypatch.setattr("genosynth.models.weights.FORMAT_VERSION", 2)
    save_denoiser(denoiser, tmp_path / "d.safetensors")
    monkeypatch.undo()
    with pytest.raises(ArtifactMismatch, match=r"version 2, .* snakemake -R train_denoiser"):
        load_denoiser(tmp_path / "d.safetensors")
