"""The evaluation scripts, from folders of genotypes to one table of scores."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from genosynth.data.genotypes import Genotypes, save_genotypes
from genosynth.data.labels import Label, save_labels
from genosynth.files import read_table, write_table
from genosynth.scores import is_known
from tests.evaluation.simulated_people import HEIGHT, LABELS, population
from tests.workflow.fake_snakemake import run_script

FIGURES = {
    "fidelity": ["allele_frequencies", "ld_decay", "ld_block", "components"],
    "association": ["effects", "gwas"],
    "utility": ["roc", "calibration", "utility_groups", "utility_classes"],
    "privacy": ["nearest", "membership_roc", "exposure", "release_size"],
}
SETTINGS = {"fidelity": {"n_bootstrap": 20}, "utility": {"n_bootstrap": 20}, "privacy": {}}
REFERENCE_ROWS = ["real_train", "real_holdout", "train_copy"]
PARTLY = {"train_few": ["privacy"], "label_shuffled": ["association", "utility"]}


def save_cohort(folder: Path, labels: list[Label]) -> None:
    people = population(60)
    parts = [
        people.people(300, 1),
        people.people(240, 2, part="test"),
        people.people(150, 3, part="reference"),
    ]
    real = Genotypes(
        np.concatenate([part.counts for part in parts]),
        pd.concat([part.samples for part in parts], ignore_index=True),
        parts[0].variants,
    )
    save_genotypes(real, folder / "genotypes")
    save_labels(labels, folder / "labels.json")
    scores = {"score": "pgs", "id": real.variants["id"].iloc[:9], "weight": 1.0}
    write_table(pd.DataFrame(scores), folder / "polygenic_scores.tsv")


def make_row(folder: Path, name: str) -> Path:
    row = folder / name / "synthetic/1"
    run_script(
        "make_reference_row",
        log=folder / "log",
        input={"genotypes": folder / "genotypes", "labels": folder / "labels.json"},
        output={"row": row},
        params={"seed": 1},
        wildcards={"generator": name},
    )
    return row


def evaluate(folder: Path, name: str, group: str) -> Path:
    scores = folder / name / "scores/1"
    nothing = folder / "nothing.glm"  # what plink2 finds where there is nothing to find
    nothing.touch()
    tables = {table: scores / f"{table}.tsv" for table in FIGURES[group]}
    run_script(
        f"evaluate_{group}",
        log=folder / "log",
        threads=2,
        input={
            "genotypes": folder / "genotypes",
            "labels": folder / "labels.json",
            "synthetic": folder / name / "synthetic/1",
            "truth": [],
            "polygenic_scores": [folder / "polygenic_scores.tsv"],
            **dict.fromkeys(("gwas", "gwas_of_train", "gwas_of_holdout"), nothing),
        },
        output={"scores": scores / f"{group}.tsv"} | tables,
        params={"settings": SETTINGS.get(group), "seed": 2**32 - 1},
        wildcards={"trait": "disease"},
    )
    assert all(path.exists() for path in tables.values())
    return scores / f"{group}.tsv"


@pytest.mark.parametrize("labels", [LABELS, [HEIGHT], []], ids=["binary", "quantitative", "none"])
def test_evaluation__from_genotypes_to_scores(tmp_path: Path, labels: list[Label]) -> None:
    save_cohort(tmp_path, labels)
    groups = list(FIGURES) if labels else ["fidelity", "privacy"]
    files, rows = {}, []
    for name in REFERENCE_ROWS:
        make_row(tmp_path, name)
        for group in groups:
            files[f"{name}_{group}"] = evaluate(tmp_path, name, group)
            rows.append({"generator": name, "repeat": 1, "group": group})
    for name, some_groups in PARTLY.items():
        make_row(tmp_path, name)
        for group in set(some_groups) & set(groups):
            files[f"{name}_{group}"] = evaluate(tmp_path, name, group)
            rows.append({"generator": name, "repeat": 1, "group": group})
    run_script(
        "gather_scores",
        log=tmp_path / "log",
        input=files,
        output={"scores": tmp_path / "scores.tsv"},
        params={"rows": rows},
        wildcards={"cohort": "demo", "trait": "disease"},
    )
    table = read_table(tmp_path / "scores.tsv")
    assert all(is_known(metric) for metric in table["metric"])
    is_partly = table["generator"].isin(list(PARTLY))
    assert (~is_partly).sum() == 3 * table["metric"].nunique()
    assert set(table["metric"][is_partly]) < set(table["metric"])
    values = table.set_index(["generator", "metric"])["value"]
    assert ("real_holdout", "condition_auc.ancestry") in values or labels != LABELS
    assert ("train_copy", "pgs_gap.pgs") in values or not labels
    assert values["real_train", "af_pearson"] == 1
    assert values["real_train", "identical_match_rate"] == 1
    assert values["real_holdout", "identical_match_rate"] == 0
    assert values["train_copy", "dcr_ratio"] < 0.5
    assert values["train_few", "dcr_ratio"] < 0.5
    assert values["train_copy", "mia_nearest_auc"] > 0.9
    assert values["train_copy", "mia_homer_auc"] < 0.6  # more, were they in the reference, too
    assert values["real_holdout", "mia_nearest_auc"] == pytest.approx(0.5, abs=0.12)
    ceilings, floors = (
        table.set_index(["generator", "metric"])[bound] for bound in ("ceiling", "floor")
    )
    if labels:
        floor = floors["train_copy", "effect_pearson"]
        assert floor == values["label_shuffled", "effect_pearson"]
        assert abs(floor) < 0.5 < values["train_copy", "effect_pearson"]
    assert ceilings["train_copy", "dcr_ratio"] == values["real_holdout", "dcr_ratio"]
    assert ceilings["train_copy", "c2st_auc"] == values["real_train", "c2st_auc"]
