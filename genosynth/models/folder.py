"""Model folders of the classical generators: arrays.npz and model.json, no pickle."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genosynth.data.labels import Label, labels_from
from genosynth.data.variants import panel_digest
from genosynth.errors import ArtifactMismatch
from genosynth.files import read_json, whole

FORMAT_VERSION = 1
Arrays = dict[str, NDArray[Any]]


def save_folder(
    folder: str | Path,
    arrays: Mapping[str, NDArray[Any]],
    *,
    generator: str,
    labels: tuple[Label, ...],
    variants: pd.DataFrame,
) -> None:
    """Write a model, all or nothing, with what it is conditioned on and the panel it is about."""
    about = {
        "format_version": FORMAT_VERSION,
        "generator": generator,
        "panel": panel_digest(variants),
        "labels": [asdict(label) for label in labels],
    }
    with whole(folder) as temporary:
        temporary.mkdir()
        np.savez(temporary / "arrays.npz", allow_pickle=False, **arrays)
        (temporary / "model.json").write_text(json.dumps(about, indent=2) + "\n")


def load_folder(
    folder: str | Path, *, generator: str, variants: pd.DataFrame
) -> tuple[tuple[Label, ...], Arrays]:
    """Read what `save_folder` wrote.

    Raises:
        ArtifactMismatch: another kind of model, or one of another panel.
    """
    about = read_json(Path(folder) / "model.json")
    expected = {
        "format_version": FORMAT_VERSION,
        "generator": generator,
        "panel": panel_digest(variants),
    }
    found = {key: about.get(key) for key in expected}
    if found != expected:
        raise ArtifactMismatch(
            f"{folder}: holds {found}, not {expected}. Fit again: snakemake -R fit_{generator}"
        )
    with np.load(Path(folder) / "arrays.npz", allow_pickle=False) as file:
        arrays = dict(file)
    return tuple(labels_from(record) for record in about["labels"]), arrays
