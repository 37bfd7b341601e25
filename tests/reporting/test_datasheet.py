"""What a release says of itself."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from genosynth.files import read_table
from genosynth.reporting.datasheet import datasheet_text, evaluation_record
from genosynth.reporting.verdicts import judge
from tests.reporting.stand_in import score_table
from tests.workflow.running import ROOT

TEMPLATE = ROOT / "resources/datasheet.md.j2"
PROVENANCE = {
    "made": {"cohort": "demo", "trait": "disease", "generator": "latent_diffusion"},
    "settings": {"split": {"train": 0.7}, "selection": {"method": "gwas"}},
    "versions": {"plink2": "PLINK v2", "python": "3.11.9"},
}
QC = pd.DataFrame({"samples_before": [1000, 1000], "samples_after": [1000, 950]})


@pytest.fixture(scope="module")
def scores() -> pd.DataFrame:
    return score_table("demo", "disease", "binary")


@pytest.fixture(scope="module")
def tables(folder) -> dict[str, pd.DataFrame]:
    """Who is exposed, and what theory expects of sizes."""
    measured = folder / "disease/latent_diffusion/scores/1"
    return {
        "exposure": read_table(measured / "exposure.tsv"),
        "sizes": read_table(measured / "release_size.tsv"),
    }


@pytest.fixture(scope="module")
def record(scores, tables):
    return evaluation_record(scores, "latent_diffusion", **tables)


def fill(record, template: Path = TEMPLATE) -> str:
    return datasheet_text(record, PROVENANCE, qc_steps=QC, n_people=8171, template=template)


def test_evaluation__is_json_without_nan(record):
    assert json.loads(json.dumps(record, allow_nan=False)) == record


def test_evaluation__repeats_the_verdicts_of_the_report(record, scores):
    expected = [verdict.headline for verdict in judge(scores, "latent_diffusion")]
    assert [verdict["answer"] for verdict in record["verdicts"]] == expected
    assert all(verdict["findings"] for verdict in record["verdicts"])


def test_evaluation__has_the_scores_of_this_generator_with_floor_and_ceiling(record, scores):
    own = scores[(scores["generator"] == "latent_diffusion") & (scores["repeat"] == 1)]
    assert [row["metric"] for row in record["scores"]] == own["metric"].tolist()
    (ld,) = (row for row in record["scores"] if row["metric"] == "ld_near_pearson")
    assert ld["floor"] < ld["value"]
    assert ld["ceiling"] > 0.9


def test_evaluation__names_the_most_exposed_group_and_advises_on_size(record):
    assert record["most_exposed"]["group"] == "most rare alleles"
    expected = {row["what"]: row for row in record["release_size"]["expected"]}
    assert set(expected) == {"here", "any_rows", "any_reference", "most_rows", "widest_panel"}
    assert expected["any_rows"]["n_synthetic"] is None
    assert "no more than 310 rows" in record["release_size"]["advice"]


def test_evaluation__says_how_everybody_is_found_by_the_attack_on_the_most_exposed(scores, tables):
    areas = np.linspace(0.5, 0.6, len(tables["exposure"]))  # each attack on each group another
    exposure = tables["exposure"].assign(auc=areas, auc_low=areas)
    record = evaluation_record(scores, "latent_diffusion", **tables | {"exposure": exposure})
    found, row = record["most_exposed"], exposure.set_index(["group", "attack"])["auc"]
    assert found["auc"] == row[found["group"], found["attack"]]
    assert found["auc_of_everybody"] == row["everybody", found["attack"]]


def test_evaluation__of_too_few_people_says_nothing_of_them(scores):
    columns = {"exposure": ["group", "kind", "attack", "auc_low"], "sizes": ["what", "auc"]}
    nothing = {name: pd.DataFrame(columns=names) for name, names in columns.items()}
    record = evaluation_record(scores, "latent_diffusion", **nothing)
    assert (record["most_exposed"], record["release_size"]) == ({}, {})
    assert "Most exposed" not in fill(record)


def test_datasheet__has_every_heading_and_says_what_was_not_looked_for(record):
    text = fill(record)
    headings = ["Motivation", "Composition", "Collection process", "Uses", "Distribution"]
    headings += ["Preprocessing, cleaning, labelling", "Maintenance"]
    assert [heading for heading in headings if f"\n## {heading}\n" not in text] == []
    assert "8,171 synthetic people" in text
    assert "50 of 1,000 people did not pass" in text
    assert "Most exposed of the groups looked at: most rare alleles" in text
    assert "no more than 310 rows" in text
    not_looked_for = text.partition("It was **not** looked for")[2].partition("Allele frequ")[0]
    assert record["not_looked_for"]
    assert all(f"- {what}\n" in not_looked_for for what in record["not_looked_for"])


def test_evaluation__is_of_the_people_released_and_says_so(record, scores, tables):
    assert (record["repeat"], record["n_repeats"]) == (1, 1)
    again = scores.assign(repeat=2, value=0.0)
    of_two = evaluation_record(pd.concat([scores, again]), "latent_diffusion", **tables)
    assert of_two == record | {"n_repeats": 2}
    assert "the first of 2 cohorts drawn" in fill(of_two)
    assert "cohorts drawn" not in fill(record)


def test_datasheet__does_not_deny_what_was_found(scores, tables):
    own = (scores["metric"] == "identical_match_rate") & (scores["generator"] == "copula")
    copied = scores["value"].mask(own, 0.1)
    record = evaluation_record(scores.assign(value=copied), "copula", **tables)
    text = fill(record)
    assert "| Is there a reason not to share it? | Copies people |" in text
    assert "none is a changed copy" not in text


def test_datasheet__calls_nothing_private(record):
    text = fill(record).lower()
    assert "is private" not in text
    assert "nothing here is differentially private" in text
