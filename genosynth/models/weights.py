"""Weights on disk: safetensors, whose header carries what is needed to rebuild the model."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from genosynth.data.variants import panel_digest
from genosynth.errors import ArtifactMismatch
from genosynth.files import whole
from genosynth.models.denoiser import Denoiser, DenoiserShape, Latents
from genosynth.models.vae import GenotypeVae, VaeShape

FORMAT_VERSION = 3


def save_vae(vae: GenotypeVae, path: str | Path, *, variants: pd.DataFrame) -> None:
    """Write a VAE and the identity of its panel."""
    _save(vae.state_dict(), path, shape=asdict(vae.shape), panel=panel_digest(variants))


def load_vae(path: str | Path, *, variants: pd.DataFrame) -> GenotypeVae:
    """Read a VAE.

    Raises:
        ArtifactMismatch: it was trained on another panel, or the file is damaged or too old.
    """
    header, weights = _load(path, rule="train_vae")
    if header["panel"] != panel_digest(variants):
        raise ArtifactMismatch(
            f"{path}: trained on another panel than the present one. "
            "Train again: snakemake -R train_vae"
        )
    tuples = {name: tuple(header["shape"][name]) for name in ("chromosome_sizes", "heard")}
    shape = VaeShape(**(header["shape"] | tuples))
    vae = GenotypeVae(shape, torch.full((len(variants),), 0.5))
    vae.load_state_dict(weights)
    return vae.requires_grad_(False)


def save_latents(latents: Latents, path: str | Path) -> None:
    """Write the latents of the training people: individual data, not for release."""
    _save(vars(latents), path)


def load_latents(path: str | Path) -> Latents:
    """Read what `save_latents` wrote.

    Raises:
        ArtifactMismatch: the file is damaged or too old.
    """
    return Latents(**_load(path, rule="encode_latents")[1])


def save_denoiser(denoiser: Denoiser, path: str | Path) -> None:
    """Write a denoiser with the scale of its latents."""
    _save(denoiser.state_dict(), path, shape=asdict(denoiser.shape))


def load_denoiser(path: str | Path) -> Denoiser:
    """Read what `save_denoiser` wrote.

    Raises:
        ArtifactMismatch: the file is damaged or too old.
    """
    header, weights = _load(path, rule="train_denoiser")
    shape = DenoiserShape(**header["shape"])
    empty = torch.ones(shape.n_latent)
    denoiser = Denoiser(shape, centre=empty, scale=empty)
    denoiser.load_state_dict(weights)
    return denoiser.requires_grad_(False)


def _save(tensors: Mapping[str, Tensor], path: str | Path, **header: Any) -> None:
    metadata = {key: json.dumps(value) for key, value in header.items()}
    with whole(path) as temporary:
        save_file(
            {name: tensor.contiguous().cpu() for name, tensor in tensors.items()},
            temporary,
            metadata=metadata | {"format_version": str(FORMAT_VERSION)},
        )


def _load(path: str | Path, *, rule: str) -> tuple[dict[str, Any], dict[str, Tensor]]:
    try:
        with safe_open(path, framework="pt") as file:
            header = {key: json.loads(value) for key, value in (file.metadata() or {}).items()}
            weights = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except SafetensorError as error:
        raise ArtifactMismatch(
            f"{path}: damaged ({error}). Make it again: snakemake -R {rule}"
        ) from error
    version = header.get("format_version")
    if version != FORMAT_VERSION:
        raise ArtifactMismatch(
            f"{path}: weights of version {version}, and this genosynth reads {FORMAT_VERSION}. "
            f"Make it again: snakemake -R {rule}"
        )
    return header, weights
