"""The whole workflow, started from a folder outside the checkout."""

import re
import subprocess
import sys
from collections import Counter

import numpy as np
import pandas as pd
import pytest
import torch
import yaml

from genosynth.data.genotypes import load_genotypes
from genosynth.data.labels import load_labels
from genosynth.files import read_json, read_table
from genosynth.models.copula import load_copula
from genosynth.models.independent import load_independent
from genosynth.models.weights import load_latents, load_vae
from genosynth.settings.config import read_config
from genosynth.settings.generators import PRIVACY_CONTROLS, TRAIT_FLOORS
from genosynth.training.frequencies import fit_frequencies
from genosynth.training.vae import allele_frequencies
from tests.workflow.running import ROOT, TINY

TRAITS = ["disease", "ldl"]
GENERATORS = ["latent_diffusion", "independent", "copula"]
REFERENCES = ["real_train", "real_holdout", "train_copy"]
COHORT_FILES = [
    "qc/all.pgen",
    "qc/all.pvar",
    "qc/all.psam",
    "qc_steps.tsv",
    "split.tsv",
    "pca.tsv",
    "input/truth.tsv",
]
TRAIT_FILES = ["gwas.tsv", "clumps/all.tsv", "panel.tsv", "genotypes/counts.npy", "scores.tsv"]
SCORE_COLUMNS = ["cohort", "trait", "generator", "repeat", "metric", "value", "ci_low", "ci_high"]
SCORE_COLUMNS += ["floor", "ceiling", "better", "n", "seconds"]
RELEASE_FILES = [
    "synthetic.pgen",
    "synthetic.pvar",
    "synthetic.psam",
    "README.md",
    "provenance.json",
    "evaluation.json",
    "DATASHEET.md",
]


def test_run__makes_the_files_of_the_contract(finished):
    wanted = [f"cohort/{name}" for name in COHORT_FILES] + [
        "report.html",
        "summary.html",
        "timings.tsv",
    ]
    for trait in TRAITS:
        wanted += [f"{trait}/{name}" for name in TRAIT_FILES]
        for generator in GENERATORS:
            wanted += [f"{trait}/{generator}/release/{name}" for name in RELEASE_FILES]
    missing = [name for name in wanted if not (finished.results / name).is_file()]
    assert missing == []


def test_run__leaves_no_half_made_file(finished):
    half = [path for pattern in ("*.part", "*.making*") for path in finished.results.rglob(pattern)]
    assert half == []


@pytest.mark.parametrize(
    ("program", "arguments"),
    [("demo_costs", []), ("rule_costs", ["disease"]), ("panel_reading", ["disease"])],
)
def test_run__is_what_benchmarks_of_finished_runs_read(finished, program, arguments):
    command = [sys.executable, "-m", f"benchmarks.{program}", finished.results, *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "| --- |" in done.stdout


@pytest.fixture(scope="module")
def started(finished) -> Counter[str]:
    """Jobs of each rule that Snakemake says it started."""
    return Counter(
        line.split()[1].rstrip(":")
        for line in finished.output.splitlines()
        if line.startswith(("rule ", "localrule ")) and line != "localrule all:"
    )


def test_run__logs_and_times_every_job(finished, started):
    for rule, n_jobs in started.items():
        logs = list((finished.workdir / f"logs/tiny/{rule}").rglob("*.log"))
        timings = list((finished.results / f"timings/{rule}").rglob("*.tsv"))
        assert (len(logs), len(timings)) == (n_jobs, n_jobs), rule


def test_run__adds_up_timings_of_all_jobs_before(finished, started):
    timings = read_table(finished.results / "timings.tsv").set_index("rule")
    assert timings["n_jobs"].to_dict() == started - Counter(["gather_timings"])
    assert (timings["longest_seconds"] <= timings["seconds"]).all()


def test_run__scores_every_generator_and_reference_row_for_every_trait(finished):
    for trait in TRAITS:
        scores = read_table(finished.results / trait / "scores.tsv")
        partly = {*PRIVACY_CONTROLS, *TRAIT_FLOORS}
        assert set(scores["generator"]) == {*GENERATORS, *REFERENCES, *partly}
        assert scores.columns.tolist() == SCORE_COLUMNS
        assert not scores.duplicated(["generator", "repeat", "metric"]).any()


@pytest.mark.parametrize("trait", TRAITS)
def test_fits__see_training_people_alone(finished, trait):
    folder, settings = finished.results / trait, read_config(yaml.safe_load(TINY.read_text()))
    train = load_genotypes(folder / "genotypes").part("train")
    labels, variants = load_labels(folder / "labels.json"), train.variants
    n_alleles = read_table(finished.results / "cohort/pca.afreq")["OBS_CT"]
    assert 0 < n_alleles.max() <= 2 * len(train.samples)

    of_train = np.ma.masked_less(train.counts, 0).mean(axis=0) / 2
    of_panel = read_table(folder / "panel.tsv")["train_alt_frequency"]
    np.testing.assert_allclose(of_panel, of_train, rtol=0, atol=1e-5)
    for name, load in {"independent": load_independent, "copula": load_copula}.items():
        model = load(folder / name / "model", variants=variants)
        pseudocount = getattr(settings, name).pseudocount
        expected = fit_frequencies(train, labels, pseudocount=pseudocount)
        assert np.array_equal(model.frequencies.thresholds, expected.thresholds), name
    vae = load_vae(folder / "latent_diffusion/model/vae.safetensors", variants=variants)
    assert torch.equal(vae.head.frequencies, allele_frequencies(train.counts))
    latents = load_latents(folder / "latent_diffusion/latents.safetensors")
    assert len(latents.mean) == len(train.samples)


def test_release__opens_in_plink2_and_names_nobody(finished, tmp_path):
    people = set(read_table(finished.results / "cohort/phenotypes.tsv", dtype=str)["IID"])
    for trait in TRAITS:
        for generator in GENERATORS:
            release = finished.results / trait / generator / "release"
            subprocess.run(
                ["plink2", "--pfile", release / "synthetic", "--freq", "--out", tmp_path / "f"],
                check=True,
                capture_output=True,
            )
            made = pd.read_csv(release / "synthetic.psam", sep="\t", dtype=str)
            assert not people & set(made["#IID"])
            texts = ["provenance.json", "README.md", "evaluation.json", "DATASHEET.md"]
            text = "".join((release / name).read_text() for name in texts)
            assert not people & set(re.findall(r"\w+", text))
            assert read_json(release / "provenance.json")


def test_report_of_snakemake__holds_the_page_of_the_cohort(finished, tmp_path):
    done = finished.snakemake("--report", tmp_path / "report.html")
    assert done.returncode == 0, done.stderr
    text = (tmp_path / "report.html").read_text()
    assert "results/tiny/report.html" in text


def test_summary__has_ten_lines(finished):
    command = [sys.executable, "-m", "genosynth.reporting.summary", finished.results]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert len(done.stdout.splitlines()) == 10
    assert str(finished.results / "report.html") in done.stdout
