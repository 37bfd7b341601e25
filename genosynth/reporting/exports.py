"""Scores as data for other programs: plain records, and files inside the links of the page."""

import json
import math
from base64 import b64encode
from dataclasses import dataclass
from typing import Any

import pandas as pd


@dataclass(frozen=True)
class Download:
    """A file inside a link: nothing is asked of a server, and no script is needed."""

    name: str
    href: str


def plain(value: Any) -> Any:
    """Give a value that JSON knows, None in place of NaN and infinity."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


def plain_records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Give rows as plain data, NaN and infinity as None: JSON knows neither."""
    return [
        {str(name): plain(value) for name, value in row.items()} for row in table.to_dict("records")
    ]


def offer_scores(scores: pd.DataFrame, *, cohort: str, trait: str) -> list[Download]:
    """Offer the score table of a trait as TSV and as JSON."""
    name = f"{cohort}_{trait}_scores"
    tsv = scores.to_csv(sep="\t", index=False, na_rep="NA")  # as scores.tsv is written
    return [
        _download(f"{name}.tsv", "text/tab-separated-values", tsv),
        _download(f"{name}.json", "application/json", json.dumps(plain_records(scores))),
    ]


def _download(name: str, media_type: str, text: str) -> Download:
    return Download(name, f"data:{media_type};base64,{b64encode(text.encode()).decode()}")
