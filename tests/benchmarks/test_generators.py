"""The runs of benchmarks.generators: what is planned, and what is said of a run that fails."""

from typing import get_args

import pytest
import yaml

from benchmarks.generators import COHORTS
from benchmarks.runs import Cohort, Run, runs_through, write_overlay
from genosynth.settings.generators import BuiltIn
from tests.workflow.running import planned_jobs, run_snakemake


@pytest.mark.parametrize("cohort", COHORTS.values(), ids=lambda cohort: cohort.name)
def test_cohorts__are_given_every_generator(cohort):
    assert sorted(cohort.settings.built_in_generators) == sorted(get_args(BuiltIn))


def test_cohorts__keep_releases_made_elsewhere():
    assert list(COHORTS["yelmen"].settings.external_releases) == ["gan", "rbm"]


def test_run__is_planned_under_its_own_name_up_to_the_scores(tmp_path):
    run = Run(COHORTS["small"], 7, tmp_path)
    overlay = write_overlay(run)
    plan = run_snakemake(
        "-n", "evaluate", workdir=tmp_path, config=run.cohort.config, overlays=[overlay]
    )
    jobs = planned_jobs(plan)
    assert {"fit_clusters", "train_vae", "gather_scores"} <= set(jobs)
    assert "write_report" not in jobs
    read = ["disease/scores.tsv", "disease/panel.tsv", "disease/labels.json", "disease/genotypes"]
    read += ["cohort/train_frequencies/all.afreq", "cohort/split.tsv"]
    read += ["timings/sample_clusters/disease_1.tsv"]
    assert [name for name in read if f"results/small_seed7/{name}" not in plan.stdout] == []
    assert yaml.safe_load(overlay.read_text())["seed"] == 7


def test_run__that_fails_is_named_with_its_log(tmp_path, capsys):
    config = tmp_path / "broken.yaml"
    values = {
        "cohort": "broken",
        "genotypes": {"path": "nowhere"},
        "selection": {"method": "all"},
    }
    config.write_text(yaml.safe_dump(values))
    run = Run(Cohort("broken", config), 1, tmp_path)
    assert not runs_through(run, cores="1")
    assert not run.is_finished
    assert f"broken_seed1: failed, see {run.log}" in capsys.readouterr().out
    assert "nowhere" in run.log.read_text()
