"""A release made elsewhere is scored with the others: never fitted, drawn or released."""

import re
import shutil
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import yaml

from genosynth.data.genotypes import load_genotypes
from genosynth.files import read_json, read_table
from genosynth.reporting.rules import QUESTIONS
from genosynth.settings.generators import ROWS_OF_REAL_PEOPLE
from tests.filesets import plink2
from tests.workflow.conftest import Run
from tests.workflow.running import TINY, planned_jobs, run_snakemake

N_TRAITS = 2
GENERATORS = ("latent_diffusion", "independent", "copula")
OWN_JOBS = Counter(["read_release"] + ["import_release"] * N_TRAITS)
OWN_JOBS += Counter(
    rule
    for rule in (
        *("prepare_panel_gwas", "run_panel_gwas", "evaluate_association"),
        *("evaluate_fidelity", "evaluate_utility", "evaluate_privacy"),
    )
    for _ in range(N_TRAITS)
)
GATHER = Counter(gather_scores=N_TRAITS, describe_release=3 * N_TRAITS)
GATHER += Counter(record_evaluation=N_TRAITS, write_report=1, gather_timings=1)


@dataclass(frozen=True)
class Peer:
    """What somebody else brings, and the tiny config with it beside the generators, and alone."""

    folder: Path
    labels: Path
    beside: Path
    alone: Path


@pytest.fixture(scope="module")
def peer(finished, tmp_path_factory) -> Peer:
    """Half of the real people as a VCF, their labels as a table."""
    folder = tmp_path_factory.mktemp("peer")
    cohort = finished.results / "cohort"
    people = read_table(cohort / "phenotypes.tsv", dtype=str)
    columns = {"#FID": "FID", "IID": "IID", "disease": "disease", "ldl": "ldl", "sex": "sex"}
    table = people[list(columns)].rename(columns=columns).iloc[::2]
    table.to_csv(folder / "labels.tsv", sep="\t", index=False, na_rep="NA")
    table[["FID", "IID"]].to_csv(folder / "half.txt", sep="\t", index=False)
    arguments = ["--keep", folder / "half.txt", "--export", "vcf", "bgz", "id-paste=iid"]
    plink2("--pfile", cohort / "qc/all", *arguments, "--out", folder / "people")
    values = yaml.safe_load(TINY.read_text())
    labels = folder / "labels.tsv"
    release = {"name": "peer", "release": str(folder / "people"), "labels": str(labels)}
    configs = {"beside": [*values["generators"], release], "alone": [release]}
    for name, generators in configs.items():
        text = yaml.safe_dump(values | {"generators": generators})
        (folder / f"{name}.yaml").write_text(text)
    return Peer(folder, labels, folder / "beside.yaml", folder / "alone.yaml")


@pytest.fixture(scope="module")
def scored(finished, peer, tmp_path_factory) -> Run:
    """The real people of the finished run, and the peer's alone: scored, with a report."""
    workdir = tmp_path_factory.mktemp("alone") / "work"
    shutil.copytree(finished.workdir, workdir, symlinks=True)
    for generator in GENERATORS:
        for folder in workdir.glob(f"results/tiny/*/{generator}"):
            shutil.rmtree(folder)
    run = Run(finished.checkout, workdir, "")
    done = run.snakemake("evaluate", "report", config=peer.alone)
    assert done.returncode == 0, done.stderr[-3000:]
    return run


def test_added_release__runs_its_own_rules_alone(finished, peer):
    assert planned_jobs(finished.snakemake("-n", config=peer.beside)) == OWN_JOBS + GATHER


def test_release_alone__is_planned_without_any_generator(peer, tmp_path):
    planned = planned_jobs(run_snakemake("-n", workdir=tmp_path, config=peer.alone))
    assert planned >= OWN_JOBS
    of_generators = {"train_vae", "fit_copula", "sample_independent", "evaluate_likelihood"}
    assert not (of_generators | {"write_release", "describe_release"}) & set(planned)


def test_release_alone__is_scored_beside_the_reference_rows(scored):
    scores = read_table(scored.results / "disease/scores.tsv")
    assert set(scores["generator"]) == {"peer", *ROWS_OF_REAL_PEOPLE}
    of_peer = scores[scores["generator"] == "peer"].set_index("metric")
    assert of_peer.loc["ld_near_pearson", "ceiling"] > 0.5
    assert np.isnan(of_peer.loc["ld_near_pearson", "floor"])
    assert of_peer.loc["dcr_ratio", "floor"] < 0.3  # the leaking copy is always scored


def test_release_alone__has_a_page_that_tells_what_is_missing(scored):
    page = (scored.results / "report.html").read_text()
    assert "peer was made elsewhere" in page
    assert page.count("The generator independent was not scored") == N_TRAITS
    assert "no floor: independent was not scored" in page
    assert not re.search(r">\s*nan\b", page, flags=re.IGNORECASE)
    assert "learnt from" not in page.partition("<nav")[0]


def test_release_alone__has_its_evaluation_as_data(scored):
    for trait in ("disease", "ldl"):
        record = read_json(scored.results / trait / "peer/evaluation.json")
        assert (record["trait"], record["generator"]) == (trait, "peer")
        assert [each["question"] for each in record["verdicts"]] == list(QUESTIONS)


def test_changed_labels__rerun_what_reads_them(scored, peer):
    other = peer.folder / "other.tsv"
    shutil.copy(peer.labels, other)
    config = peer.folder / "other.yaml"
    config.write_text(peer.alone.read_text().replace(str(peer.labels), str(other)))
    target = "results/tiny/disease/peer/scores/1/association.tsv"
    planned = planned_jobs(scored.snakemake("-n", target, config=config))
    of_peer = {"read_release", "import_release", "prepare_panel_gwas", "run_panel_gwas"}
    assert planned == Counter(of_peer | {"evaluate_association"})


def test_release__is_read_without_ids_and_without_what_it_lacks(scored):
    people = load_genotypes(scored.results / "disease/peer/synthetic/1")
    real = load_genotypes(scored.results / "disease/genotypes")
    assert people.samples.columns.tolist() == ["iid", "part", "disease", "sex"]  # no ancestry
    assert people.samples["iid"].tolist()[:2] == ["syn1", "syn2"]
    assert not set(people.samples["iid"]) & set(real.samples["iid"])
    assert set(people.samples["disease"].dropna()) == {0, 1}
    assert not list((scored.results / "cohort").glob("external/*"))


def test_release__of_half_of_the_cohort_has_its_effects(scored):
    scores = read_table(scored.results / "disease/peer/scores/1/association.tsv")
    assert scores.set_index("metric").loc["effect_pearson", "value"] > 0.5


def test_absent_release__stops_before_any_job(tmp_path):
    config = tmp_path / "absent.yaml"
    values = yaml.safe_load(TINY.read_text())
    values["generators"] = [{"name": "peer", "release": "nowhere/people"}]
    config.write_text(yaml.safe_dump(values))
    done = run_snakemake(workdir=tmp_path, config=config)
    assert done.returncode == 1
    assert "release of peer: nowhere/people: no genotype files; looked for" in done.stderr
    assert not (tmp_path / "results").exists()
