"""A release made elsewhere is scored with the others: never fitted, drawn or released."""

import shutil
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from genosynth.data.genotypes import load_genotypes
from genosynth.files import read_table
from tests.filesets import plink2
from tests.workflow.conftest import Run
from tests.workflow.running import TINY, planned_jobs, run_snakemake

N_TRAITS = 2
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
GATHER += Counter(write_report=1, gather_timings=1)


@dataclass(frozen=True)
class Peer:
    """What somebody else brings, and the tiny config with it among the generators."""

    folder: Path
    labels: Path
    config: Path


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
    plink2("--pfile", cohort / "qc", *arguments, "--out", folder / "people")
    values = yaml.safe_load(TINY.read_text())
    release = {"release": str(folder / "people"), "labels": str(folder / "labels.tsv")}
    values["generators"].append({"name": "peer", **release})
    config = folder / "with_peer.yaml"
    config.write_text(yaml.safe_dump(values))
    return Peer(folder, folder / "labels.tsv", config)


@pytest.fixture(scope="module")
def scored(finished, peer, tmp_path_factory) -> Run:
    """A copy of the finished run, gone on with until the peer's effects are scored."""
    workdir = tmp_path_factory.mktemp("with_peer") / "work"
    shutil.copytree(finished.workdir, workdir, symlinks=True)
    run = Run(finished.checkout, workdir, "")
    done = run.snakemake("results/tiny/disease/peer/scores/1/association.tsv", config=peer.config)
    assert done.returncode == 0, done.stderr[-3000:]
    return run


def test_added_release__runs_its_own_rules_alone(finished, peer):
    assert planned_jobs(finished.snakemake("-n", config=peer.config)) == OWN_JOBS + GATHER


def test_changed_labels__rerun_what_reads_them(scored, peer):
    other = peer.folder / "other.tsv"
    shutil.copy(peer.labels, other)
    config = peer.folder / "other.yaml"
    config.write_text(peer.config.read_text().replace(str(peer.labels), str(other)))
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
