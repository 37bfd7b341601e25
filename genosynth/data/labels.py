"""What a generator is conditioned on: the trait and further columns, each with its own coding."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genosynth.files import read_json, write_json

Kind = Literal["binary", "categorical", "quantitative"]
N_STRATA = 5  # quantitative labels are cut at these quantiles where groups of people are needed


@dataclass(frozen=True)
class Label:
    """One column of the sample table that genotypes depend on.

    A binary column holds 0, 1 or NaN, a categorical one text, a quantitative one numbers. Levels,
    mean, standard deviation and inner quantiles are those of the training part.
    """

    name: str
    role: Literal["trait", "condition"]
    kind: Kind
    levels: tuple[str, ...] = ()
    mean: float = 0.0
    sd: float = 1.0
    quantiles: tuple[float, ...] = ()

    @property
    def n_features(self) -> int:
        """Width of this label's encoding."""
        return len(self.levels) if self.levels else 2


def describe_label(values: pd.Series, *, role: Literal["trait", "condition"], kind: Kind) -> Label:
    """Describe a column of the training part."""
    name = str(values.name)
    if kind == "quantitative":
        known = values.dropna().to_numpy(float)
        inner = np.quantile(known, np.arange(1, N_STRATA) / N_STRATA)
        return Label(
            name,
            role,
            kind,
            mean=float(known.mean()),
            sd=float(known.std()) or 1.0,
            quantiles=tuple(inner.tolist()),
        )
    levels = ("0", "1") if kind == "binary" else tuple(sorted(values.dropna().unique()))
    return Label(name, role, kind, levels=levels)


def level_codes(values: pd.Series, label: Label) -> NDArray[np.intp]:
    """Position of each value among the label's levels or quantile strata; −1 where missing."""
    if label.kind == "quantitative":
        strata = np.searchsorted(np.array(label.quantiles), values.to_numpy(float), side="right")
        return np.where(values.isna(), -1, strata).astype(np.intp)
    if label.kind == "binary":
        return values.fillna(-1).to_numpy().astype(np.intp)
    return pd.Categorical(as_levels(values), categories=list(label.levels)).codes.astype(np.intp)


def as_levels(values: pd.Series) -> pd.Series:
    """Levels as text; digits that a file's reader took for numbers become text again: 1.0 → "1"."""
    is_number = pd.api.types.is_numeric_dtype(values)
    return values.astype("Int64").astype("str") if is_number else values


def encode_labels(samples: pd.DataFrame, labels: list[Label]) -> NDArray[np.float32]:
    """Encode labels as (n_samples, n_features); a block of zeros says that a value is unknown.

    Binary and categorical labels become one-hot rows, quantitative ones (1, z-score). A run without
    labels has one column of zeros, since a network wants an input.
    """
    blocks = [np.zeros((len(samples), 0 if labels else 1), np.float32)]
    for label in labels:
        values = samples[label.name]
        block = np.zeros((len(samples), label.n_features), np.float32)
        known = values.notna().to_numpy()
        if label.kind == "quantitative":
            block[known, 0] = 1
            block[known, 1] = (values[known].to_numpy(float) - label.mean) / label.sd
        else:
            codes = level_codes(values, label)
            block[codes >= 0, codes[codes >= 0]] = 1
        blocks.append(block)
    return np.concatenate(blocks, axis=1)


def label_slices(labels: list[Label]) -> list[slice]:
    """Columns of `encode_labels` that belong to each label, so that one can be masked."""
    ends = np.cumsum([label.n_features for label in labels]).tolist()
    return [slice(end - label.n_features, end) for end, label in zip(ends, labels, strict=True)]


def save_labels(labels: list[Label], path: str | Path) -> None:
    """Write label descriptions as JSON."""
    write_json([asdict(label) for label in labels], path)


def load_labels(path: str | Path) -> list[Label]:
    """Read what `save_labels` wrote."""
    return [labels_from(record) for record in read_json(path)]


def labels_from(record: dict[str, Any]) -> Label:
    """Rebuild a label from plain data, whose sequences are lists."""
    sequences = {"levels": tuple(record["levels"]), "quantiles": tuple(record["quantiles"])}
    return Label(**(record | sequences))
