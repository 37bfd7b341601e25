"""config/ says what the settings say, and a wrong config stops the run before any job."""

import itertools
import json
import re
from pathlib import Path

import pytest
import yaml

from genosynth.errors import ConfigError
from genosynth.settings.config import Config, read_config
from genosynth.settings.template import config_template
from tests.workflow.running import ROOT, TINY, planned_jobs, run_snakemake

BED_FILES = ("bed", "bim", "fam")
DEMO = ROOT / "config/cohorts/demo.yaml"
COHORTS = sorted((ROOT / "config/cohorts").glob("*.yaml"))
# Examples whose genotypes the user brings cannot be planned here.
SELF_CONTAINED = [
    path for path in COHORTS if yaml.safe_load(path.read_text())["genotypes"].get("path") is None
]


def by_name(path: Path) -> str:
    return path.stem


def changed_demo(tmp_path: Path, changes: str) -> Path:
    """The demo config with some keys changed."""
    values = yaml.safe_load(DEMO.read_text())
    for section, value in yaml.safe_load(changes).items():
        both = isinstance(value, dict) and isinstance(values.get(section), dict)
        values[section] = values[section] | value if both else value
    path = tmp_path / "changed.yaml"
    path.write_text(yaml.safe_dump(values))
    return path


def test_config_yaml__is_current():
    text = (ROOT / "config/config.yaml").read_text()
    assert text == config_template(), "the settings have changed: make config"


def test_config_yaml__has_every_key_at_its_default():
    values = yaml.safe_load((ROOT / "config/config.yaml").read_text())
    assert values == Config.model_construct().model_dump(mode="json")


def test_config_yaml__explains_every_key():
    lines = [line.strip() for line in (ROOT / "config/config.yaml").read_text().splitlines()]
    bare = [
        line
        for previous, line in itertools.pairwise(lines)
        if line and "#" not in line and not previous.startswith("#")
    ]
    assert bare == []


def test_config_schema__is_current():
    schema = json.loads((ROOT / "config/config.schema.json").read_text())
    assert schema == Config.model_json_schema(), "the settings have changed: make config"


@pytest.mark.parametrize("path", COHORTS, ids=by_name)
def test_cohort_configs__are_valid_and_named_as_their_file(path):
    config = read_config(yaml.safe_load(path.read_text()))
    assert config.cohort.startswith(path.stem)


@pytest.mark.parametrize("path", SELF_CONTAINED, ids=by_name)
def test_cohort_configs__can_be_planned(path, tmp_path):
    assert "write_report" in planned_jobs(run_snakemake("-n", workdir=tmp_path, config=path))


def test_figures__are_a_stage_of_their_own(tmp_path):
    by_default = planned_jobs(run_snakemake("-n", workdir=tmp_path, config=DEMO))
    asked_for = planned_jobs(run_snakemake("-n", "figures", workdir=tmp_path, config=DEMO))
    assert "export_figures" not in by_default
    assert {"export_figures", "write_report"} <= set(asked_for)


def test_cohort_without_traits__is_planned_without_association(tmp_path):
    values = {
        "cohort": "untold",
        "genotypes": {"format": "simulated"},
        "phenotypes": {"conditions": ["ancestry"]},
        "selection": {"method": "prune"},
    }
    path = tmp_path / "untold.yaml"
    path.write_text(yaml.safe_dump(values))
    jobs = planned_jobs(run_snakemake("-n", workdir=tmp_path, config=path))
    assert {"write_report", "evaluate_fidelity", "evaluate_privacy"} <= set(jobs)
    assert not {"run_gwas", "evaluate_association", "evaluate_utility"} & set(jobs)


def test_slurm_profile__plans_the_demo(tmp_path):
    done = run_snakemake("-n", "--profile", ROOT / "slurm", workdir=tmp_path, config=DEMO)
    assert "write_report" in planned_jobs(done)


def test_small_profile__names_rules_that_exist():
    rules = [path.read_text() for path in (ROOT / "workflow/rules").glob("*.smk")]
    grouped = yaml.safe_load((ROOT / "profiles/small/config.yaml").read_text())["groups"]
    assert set(grouped) <= set(re.findall(r"^rule (\w+):", "".join(rules), flags=re.MULTILINE))


def test_small_profile__scores_each_synthetic_cohort_in_a_job_of_its_own(tmp_path):
    # Rules side by side in one job add up: jobs that join cohorts outgrow every node
    values = yaml.safe_load(TINY.read_text()) | {"sampling": {"repeats": 3}}
    config = tmp_path / "repeats.yaml"
    config.write_text(yaml.safe_dump(values))
    groups = planned_groups(tmp_path, config)
    for rule in ("evaluate_privacy", "run_panel_gwas", "gather_scores"):
        assert most_in_a_group(rule, groups) == 1, rule


def test_small_profile__plans_summary_statistics_made_elsewhere(tmp_path):
    # Their clumps lie between rules that would share a job, and have jobs of their own
    values = yaml.safe_load(TINY.read_text())
    values["phenotypes"]["traits"]["disease"]["summary_statistics"] = "gwas.tsv"
    (tmp_path / "gwas.tsv").touch()
    config = tmp_path / "elsewhere.yaml"
    config.write_text(yaml.safe_dump(values))
    groups = planned_groups(tmp_path, config)
    assert most_in_a_group("select_panel", groups) == 1


def planned_groups(workdir: Path, config: Path) -> list[str]:
    """What a dry run says of each job that rules share under the profile for small cohorts."""
    profiles = ("--profile", ROOT / "slurm", "--workflow-profile", "small")
    done = run_snakemake("-n", *profiles, workdir=workdir, config=config)
    assert done.returncode == 0, done.stdout + done.stderr
    return re.split(r"^\[.+\] Group job ", done.stdout, flags=re.MULTILINE)[1:]


def most_in_a_group(rule: str, groups: list[str]) -> int:
    return max(group.count(f"    rule {rule}:") for group in groups)


def test_small_profile__reads_and_scans_each_chromosome_in_jobs_of_its_own(tmp_path):
    values = yaml.safe_load(TINY.read_text()) | {"genotypes": {"path": "chr{chrom}"}}
    values["phenotypes"]["path"] = "phenotypes.tsv"
    for name in ["phenotypes.tsv", *(f"chr{n}.{role}" for n in "123" for role in BED_FILES)]:
        (tmp_path / name).touch()
    config = tmp_path / "chromosomes.yaml"
    config.write_text(yaml.safe_dump(values))
    groups = planned_groups(tmp_path, config)
    for rule in ("import_genotypes", "filter_variants", "prune_variants", "train_frequencies"):
        assert most_in_a_group(rule, groups) == 1, rule
    for rule in ("run_gwas", "clump_gwas"):
        assert most_in_a_group(rule, groups) == 0, rule


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ("vae: {n_latnt: 3}", "vae.n_latnt: unknown key"),
        ("vea: {n_latent: 3}", "vea: unknown key"),
        ("vae: {n_latent: many}", "vae.n_latent: Input should be a valid integer"),
        ("qc: {maf: 2}", "qc.maf: Input should be less than or equal to 1"),
        ("split: {train: 0.9}", "train, test and reference must sum to 1, not 1.2"),
        ("generators: [gan]", "generators.0: Input should be 'latent_diffusion'"),
        ("generators: [copula, copula]", "generators: copula is named twice"),
        ("generators: [{name: gan}]", "generators.0.release: Field required"),
        ("generators: [{name: a b, release: x}]", "generators.0.name: String should match"),
        ("generators: [{name: copula, release: x}]", "generators.0.name: the name is taken"),
        ("generators: [{name: train_copy, release: x}]", "generators.0.name: the name is taken"),
        ("generators: [{name: labels, release: x}]", "generators.0.name: the name is taken"),
        ("generators: [{name: gan, relase: x}]", "generators.0.relase: unknown key"),
        ("genotypes: {format: auto}", "genotypes.path is missing"),
        ("selection: {method: list}", "selection.variants"),
        ("phenotypes: {traits: {}}", "selection.method gwas needs phenotypes.traits"),
        ("sampling: {composition: {ldl: 0.5}}", "ldl is not a binary trait"),
        ("cohort: a/b", "cohort: String should match pattern"),
        (
            "phenotypes: {traits: {a/b: {column: b, kind: binary}}}",
            "a/b.[key]: String should match",
        ),
        (
            "phenotypes: {traits: {none: {column: b, kind: binary}}}",
            "none is a folder of every run",
        ),
        ("phenotypes: {conditions: [sex, source]}", "conditions.1: source is a column that"),
    ],
)
def test_read_config__names_the_path_and_what_is_allowed(tmp_path, changes, message):
    values = yaml.safe_load(changed_demo(tmp_path, changes).read_text())
    with pytest.raises(ConfigError) as error:
        read_config(values)
    assert message in str(error.value)


def test_read_config__takes_releases_made_elsewhere(tmp_path):
    changes = "generators: [{name: gan, release: peer/gan, labels: gan.tsv}, copula]"
    config = read_config(yaml.safe_load(changed_demo(tmp_path, changes).read_text()))
    assert config.generator_names == ["gan", "copula"]
    assert config.built_in_generators == ["copula"]
    assert config.external_releases["gan"].labels == "gan.tsv"
    assert read_config(config.model_dump(mode="json")) == config


def test_snakemake__stops_at_a_wrong_key_before_any_job(tmp_path):
    config = changed_demo(tmp_path, "vae: {n_latnt: 3}")
    done = run_snakemake(workdir=tmp_path, config=config)
    assert done.returncode == 1
    output = done.stdout + done.stderr
    assert output.count("vae.n_latnt: unknown key") == 1
    assert "Traceback" not in output
    assert not (tmp_path / "results").exists()
