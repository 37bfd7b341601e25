"""A change reruns what depends on it and nothing else: settings, library code, one rule by name."""

import shutil
from collections import Counter
from pathlib import Path

import pytest
import yaml

from genosynth.settings.generators import TRAIT_FLOORS
from tests.workflow.running import TINY, planned_jobs

N_TRAITS = 2
N_ROWS = N_TRAITS * 6  # three generators and three reference rows
EVALUATE = {f"evaluate_{group}" for group in ("fidelity", "association", "utility", "privacy")}
N_RELEASES = N_TRAITS * 3
PANEL_GWAS = {"prepare_panel_gwas", "run_panel_gwas"}
GATHER = {"gather_scores", "write_report", "describe_release", "gather_timings"}


def planned(finished, *arguments: str | Path, config: Path = TINY) -> Counter[str]:
    return planned_jobs(finished.snakemake("--dry-run", *arguments, config=config))


@pytest.fixture
def changed(tmp_path):
    """The tiny config with one setting changed."""

    def change(section: str, **settings: object) -> Path:
        values = yaml.safe_load(TINY.read_text())
        values[section] = values.get(section, {}) | settings
        path = tmp_path / "changed.yaml"
        path.write_text(yaml.safe_dump(values))
        return path

    return change


@pytest.fixture
def edited(finished):
    """A file of the checkout with a line added, as long as the test runs."""
    before = {}

    def edit(file: str, line: str) -> None:
        path = finished.checkout / file
        before[path] = path.read_text()
        path.write_text(before[path] + line)

    yield edit
    for path, text in before.items():
        path.write_text(text)


@pytest.fixture
def after_train_vae() -> Counter[str]:
    """Jobs behind the VAE: those of the latent diffusion generator, for each trait."""
    one_a_trait = {"train_vae", "encode_latents", "train_denoiser", "sample_latent_diffusion"}
    one_a_trait |= {"score_people_latent_diffusion", "evaluate_likelihood", "sweep_sampling"}
    one_a_trait |= EVALUATE | PANEL_GWAS | {"write_release", "gather_scores"}
    rest = Counter(write_report=1, describe_release=N_RELEASES, gather_timings=1)
    return Counter(dict.fromkeys(one_a_trait, N_TRAITS)) + rest


def test_second_run__has_nothing_to_do(finished):
    assert "Nothing to be done" in finished.snakemake("--dry-run").stdout


def test_forced_rule__reruns_what_depends_on_it(finished, after_train_vae):
    assert planned(finished, "--forcerun", "train_vae") == after_train_vae


def test_changed_section__reruns_as_the_forced_rule(finished, changed, after_train_vae):
    assert planned(finished, config=changed("vae", width=33)) == after_train_vae


def test_edited_library__reruns_as_the_forced_rule(finished, edited, after_train_vae):
    edited("genosynth/training/vae.py", "\nUNUSED = 1\n")
    assert planned(finished) == after_train_vae


def test_added_polygenic_score__is_matched_and_asked_of_every_row(finished, tmp_path):
    values = yaml.safe_load(TINY.read_text())
    (tmp_path / "pgs.txt").write_text("rsID\teffect_allele\teffect_weight\n")
    scores = {"pgs": str(tmp_path / "pgs.txt")}
    values["phenotypes"]["traits"]["disease"]["polygenic_scores"] = scores
    (tmp_path / "with_pgs.yaml").write_text(yaml.safe_dump(values))
    jobs = planned(finished, config=tmp_path / "with_pgs.yaml")
    assert jobs["match_polygenic_scores"] == 1
    assert jobs["evaluate_utility"] == N_ROWS / N_TRAITS + len(TRAIT_FLOORS)
    assert set(jobs) - GATHER == {"match_polygenic_scores", "evaluate_utility"}


def test_edited_check__takes_with_it_what_else_was_edited(finished, edited, after_train_vae):
    # Snakemake asks nothing of jobs behind one that must run; `ancient` would hide them
    edited("genosynth/devices.py", "\nUNUSED = 1\n")
    assert planned(finished) == after_train_vae + Counter({"check_device": 1})


def test_edited_library__a_comment_reruns_nothing(finished, edited):
    edited("genosynth/training/vae.py", "\n# a remark\n")
    assert "Nothing to be done" in finished.snakemake("--dry-run").stdout


def test_edited_shell_script__reruns_the_rules_that_call_it(finished, edited):
    edited("workflow/scripts/run_glm.sh", "true\n")
    jobs = planned(finished)
    assert {"run_gwas", "clump_gwas", "run_panel_gwas", "train_vae"} <= set(jobs)
    assert not {"quality_control", "split_cohort", "fit_pca"} & set(jobs)


@pytest.mark.parametrize(
    ("section", "settings", "first", "untouched"),
    [
        ("evaluation", {"n_bootstrap": 21}, {"evaluate_fidelity"}, {"evaluate_privacy"}),
        ("privacy", {"n_compared": 400}, {"evaluate_privacy"}, EVALUATE - {"evaluate_privacy"}),
        ("sampling", {"steps": 9}, {"sample_latent_diffusion"}, {"train_vae", "fit_copula"}),
        ("copula", {"threshold": 2.0}, {"fit_copula", "sample_copula"}, {"train_vae", "run_gwas"}),
        ("selection", {"size": 100}, {"select_panel", "train_vae"}, {"run_gwas", "clump_gwas"}),
        ("selection", {"p_value": 0.5}, {"clump_gwas", "select_panel"}, {"run_gwas"}),
        ("qc", {"maf": 0.02}, {"filter_variants", "run_gwas"}, {"simulate_cohort"}),
        ("split", {"kinship": 0.3}, {"split_cohort", "run_gwas"}, {"quality_control"}),
        ("simulation", {"n_causal": 61}, {"simulate_cohort", "import_genotypes"}, set()),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_changed_section__reruns_its_rules_and_no_earlier_ones(
    finished, changed, section, settings, first, untouched
):
    jobs = planned(finished, config=changed(section, **settings))
    assert first | GATHER <= set(jobs)
    assert not untouched & set(jobs)


def test_deleted_report__reruns_nothing_before_it(finished, tmp_path):
    report = finished.results / "report.html"
    kept = shutil.move(report, tmp_path)
    try:
        assert planned(finished) == Counter(["write_report", "gather_timings"])
    finally:
        shutil.move(kept, report)
