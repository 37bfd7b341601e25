"""Who is exposed most, in words and as data, from the table of attacks within groups of people."""

import math
from dataclasses import dataclass
from typing import Any

import pandas as pd

from genosynth.reporting.results import TraitResults
from genosynth.reporting.wording import (
    ATTACK_NAMES,
    format_interval,
    format_number,
    format_percent,
    name_source,
)

EVERYBODY = "everybody"  # the group that holds all people attacked
_KEPT = ["group", "attack", "n", "n_members", "auc", "auc_low", "auc_high"]
_KEPT += ["tpr_at_1pct", "tpr_low", "tpr_high", "expected_auc"]


def most_exposed(table: pd.DataFrame) -> dict[str, Any]:
    """Give the group and attack whose interval of the AUC begins highest; empty without any.

    `of_intervals` is how many were looked at, since the highest of many is partly chance;
    `auc_of_everybody` is the success of the same attack on average.
    """
    groups = table[(table["kind"] == "group") & table["auc_low"].notna()]
    single = groups[groups["group"] != EVERYBODY]
    if single.empty:
        return {}
    found = single.sort_values("auc_low").iloc[-1]
    everybody = groups[(groups["group"] == EVERYBODY) & (groups["attack"] == found["attack"])]
    return {
        **{str(name): found[name] for name in _KEPT},
        "n": int(found["n"]),
        "n_members": int(found["n_members"]),
        "of_intervals": len(single),
        "auc_of_everybody": float(everybody["auc"].iloc[0]),
    }


@dataclass(frozen=True)
class Exposed:
    """Whom one generator exposes most, in a few words and in full."""

    who: str
    brief: str
    text: str


def describe_exposures(results: TraitResults, generators: list[str]) -> list[Exposed]:
    """Say of each generator whom it exposes most; nothing where too few people were attacked."""
    tables = results.evidence_of("exposure", generators)
    return [
        Exposed(name_source(name), brief_exposure(found), describe_exposure(table, found))
        for name, table in tables.items()
        if (found := most_exposed(table))
    ]


def brief_exposure(found: dict[str, Any]) -> str:
    """Name the most exposed group and how well it is found."""
    interval = format_interval(found["auc_low"], found["auc_high"], decimals=2)
    return f"{found['group']}, AUC {format_number(found['auc'], decimals=2)} ({interval})"


def describe_exposure(table: pd.DataFrame, found: dict[str, Any]) -> str:
    """Say how the most exposed group is found, beside everybody and beside theory."""
    whole, expected = (
        format_number(found[name], decimals=2) for name in ("auc_of_everybody", "expected_auc")
    )
    tpr = found["tpr_at_1pct"]
    caught = (
        ""
        if math.isnan(tpr)
        else f" {format_percent(tpr)} of its training people are found at 1 % false alarms."
    )
    return (
        f"{brief_exposure(found)}, {found['n']:,} people attacked by "
        f"{ATTACK_NAMES[found['attack']]}: the highest of {found['of_intervals']} intervals. "
        f"Everybody: {whole}; expected of the group: {expected}.{caught} "
        f"{_first_accused(table, found['attack'])}"
    )


def _first_accused(table: pd.DataFrame, attack: str) -> str:
    of_attack = table[table["attack"] == attack]
    everybody = of_attack[of_attack["group"] == EVERYBODY].iloc[0]
    first = of_attack[of_attack["kind"] == "accused"].iloc[0]
    by_guessing = first["n"] * everybody["n_members"] / everybody["n"]
    return (
        f"Of the {first['n']:.0f} people whom it accuses first {first['n_members']:.0f} are "
        f"training people (by guessing {by_guessing:.1f})."
    )
