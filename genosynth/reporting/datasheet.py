"""What a release says of itself: its evaluation as data, and its datasheet for people."""

from pathlib import Path
from typing import Any

import jinja2
import pandas as pd

from genosynth.reporting.exports import plain, plain_records
from genosynth.reporting.exposure import most_exposed
from genosynth.reporting.release_size import ONE_ATTACK, advice_sentence, is_known
from genosynth.reporting.rules import Answer
from genosynth.reporting.verdicts import judge, privacy_coverage
from genosynth.reporting.wording import format_number

RELEASED = 1  # repeat
KEPT = ["metric", "value", "ci_low", "ci_high", "floor", "ceiling", "better", "n"]


def evaluation_record(
    scores: pd.DataFrame, generator: str, *, exposure: pd.DataFrame, sizes: pd.DataFrame
) -> dict[str, Any]:
    """Give scores and verdicts of a release as plain data, NaN and infinity as None.

    They are of the people released, one of the `n_repeats` cohorts drawn; the report has the mean.
    scores: all rows of the trait, since a verdict needs the reference rows. exposure, sizes: of
    this release, who is found and what theory expects of other sizes.
    """
    of_first = scores[scores["repeat"] == RELEASED]
    own = of_first[of_first["generator"] == generator]
    coverage = privacy_coverage(own)
    return {
        "cohort": str(own["cohort"].iloc[0]),
        "trait": str(own["trait"].iloc[0]),
        "generator": generator,
        "repeat": RELEASED,
        "n_repeats": int(scores.loc[scores["generator"] == generator, "repeat"].nunique()),
        "verdicts": [
            {
                "question": verdict.question,
                "answer": verdict.headline,
                "because": verdict.text,
                "findings": [
                    {
                        "metric": finding.metric or finding.rule.metric,
                        "answer": Answer(finding.answer).name.lower(),
                        "text": finding.text,
                    }
                    for finding in verdict.findings
                ],
            }
            for verdict in judge(of_first, generator)
        ],
        "looked_for": coverage.tested,
        "not_looked_for": coverage.untested,
        "most_exposed": {name: plain(value) for name, value in most_exposed(exposure).items()},
        "release_size": _record_sizes(sizes),
        "scores": plain_records(own[KEPT]),
    }


def datasheet_text(
    record: dict[str, Any],
    provenance: dict[str, Any],
    *,
    qc_steps: pd.DataFrame,
    n_people: int,
    template: str | Path,
) -> str:
    """Fill the datasheet (Gebru et al. 2021, Datasheets for Datasets) of a release.

    record: of `evaluation_record`; n_people: synthetic ones.
    """
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, trim_blocks=True)
    environment.filters["number"] = format_number
    return environment.from_string(Path(template).read_text()).render(
        record=record,
        made=provenance["made"],
        settings=provenance["settings"],
        versions=provenance["versions"],
        n_people=n_people,
        n_real=int(qc_steps["samples_after"].iloc[-1]),
        n_before=int(qc_steps["samples_before"].iloc[0]),
    )


def _record_sizes(sizes: pd.DataFrame) -> dict[str, Any]:
    if not is_known(sizes):
        return {}
    rows = sizes[sizes["what"] != "grid"]
    advice = f"{advice_sentence(sizes)} {ONE_ATTACK}"
    return {"advice": advice, "expected": plain_records(rows)}
