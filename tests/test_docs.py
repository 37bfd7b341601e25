"""Documents name what exists: files, settings, rules, outputs and metrics."""

import fnmatch
import itertools
import re
import runpy
from pathlib import Path

import pytest
import yaml

from genosynth.reporting.rules import QUESTIONS, RULES
from genosynth.reporting.verdicts import HEADLINES
from genosynth.scores import METRICS, Metric
from genosynth.settings.config import Config, read_config
from genosynth.settings.section import Section
from tests.workflow.running import ROOT

DOCUMENTS = [
    path
    for pattern in ("*.md", "config/*.md", "docs/*.md", "benchmarks/*.md")
    for path in sorted(ROOT.glob(pattern))
]
FOLDERS = {"benchmarks", "config", "docs", "envs", "genosynth", "profiles", "resources", "tests"}
FOLDERS |= {"tools", "workflow", ".ci"}
QUOTED = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\]\(([^)#\s]+)[^)]*\)")
YAML_BLOCK = re.compile(r"```yaml\n(.*?)```", re.DOTALL)
RULE = re.compile(r"^rule (\w+):", re.MULTILINE)
OUTPUT = re.compile(r'"results/\{+cohort\}+/([^"]+)"')
# Temporary files, prefixes, and the states a killed training resumes from.
NOT_KEPT = {"vae.pt", "denoiser.pt", "thinned", "pruned", "qc", "synthetic", "1", "1.tsv"}
RULE_FILES = sorted((ROOT / "workflow/rules").glob("*.smk"))

every_document = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.stem)


def quoted(document: Path) -> list[str]:
    """What stands between single backticks; code blocks do not count."""
    return QUOTED.findall(re.sub(r"```.*?```", "", document.read_text(), flags=re.DOTALL))


def looks_like_a_file(text: str) -> bool:
    first, slash, _ = text.partition("/")
    return bool(slash) and first in FOLDERS and not re.search(r"[\s{*…<]", text)


@every_document
def test_documents__name_files_that_exist(document):
    named = [text.rstrip("/") for text in quoted(document) if looks_like_a_file(text)]
    # relative to the document, as a reader of docs/ may expect, or to the root
    missing = [
        name for name in named if not ((ROOT / name).exists() or (document.parent / name).exists())
    ]
    assert missing == []


@every_document
def test_documents__link_to_files_that_exist(document):
    targets = [target for target in LINK.findall(document.read_text()) if "://" not in target]
    assert [name for name in targets if not (document.parent / name).exists()] == []


def settings_named(document: Path) -> list[list[str]]:
    """Dotted names whose first part is a section of the config, split."""
    names = [text.split(".") for text in quoted(document) if re.fullmatch(r"[a-z_\d.]+", text)]
    sections = {
        name for name, field in Config.model_fields.items() if isinstance(field.default, Section)
    }
    suffixes = {"html", "json", "pgen", "psam", "pvar", "py", "safetensors", "tsv", "yaml"}
    return [
        name for name in names if len(name) > 1 and name[0] in sections and name[-1] not in suffixes
    ]


@every_document
def test_documents__name_settings_that_exist(document):
    unknown = [
        ".".join(name)
        for name in settings_named(document)
        if name[1] not in type(Config.model_fields[name[0]].default).model_fields
    ]
    assert unknown == []


def merged(values: dict, changes: dict) -> dict:
    """Values with some keys changed, as --configfile changes those of config.yaml."""
    both = {
        key: merged(values[key], value)
        if isinstance(value, dict) and isinstance(values.get(key), dict)
        else value
        for key, value in changes.items()
    }
    return values | both


@pytest.mark.parametrize("block", YAML_BLOCK.findall((ROOT / "config/README.md").read_text()))
def test_config_readme__shows_valid_settings(block):
    example = yaml.safe_load((ROOT / "config/cohorts/t2d.yaml").read_text())
    read_config(merged(example, yaml.safe_load(block)))


def rule_names() -> set[str]:
    return {name for path in RULE_FILES for name in RULE.findall(path.read_text())}


@every_document
def test_documents__rerun_rules_that_exist(document):
    text = document.read_text()
    named = re.findall(r"-R (\w+)", text) + re.findall(r"--set-(?:resources|threads) (\w+)", text)
    assert set(named) <= rule_names()


def outputs() -> set[str]:
    """Names of all files and folders that rules say they write or read, but the timings."""
    paths = {path for file in RULE_FILES for path in OUTPUT.findall(file.read_text())}
    names = {path.rpartition("/")[2] for path in paths if not path.startswith("timings/")}
    return {name for name in names if "{" not in name} - NOT_KEPT


@pytest.mark.parametrize("name", sorted(outputs()))
def test_outputs__are_described(name):
    assert name in (ROOT / "docs/outputs.md").read_text()


def table_row(name: str, metric: Metric) -> str:
    bounds = f"`{metric.ceiling}` | `{metric.floor}`"
    return f"| `{name}` | {metric.meaning} | {metric.unit} | {metric.better} | {bounds} |"


@pytest.mark.parametrize("name", METRICS)
def test_outputs__describe_every_metric_as_the_code_does(name):
    assert table_row(name, METRICS[name]) in (ROOT / "docs/outputs.md").read_text()


def test_outputs__describe_no_metric_that_is_gone():
    scores = (ROOT / "docs/outputs.md").read_text().partition("## Scores")[2]
    described = re.findall(r"^\| `([a-z_\d.]+)` \| .* \| `\w+` \| `\w+` \|$", scores, re.MULTILINE)
    assert set(described) == set(METRICS)


def test_outputs__say_where_every_line_is_drawn():
    """The verdicts' answers and rules, in the order of the code."""
    verdicts = (ROOT / "docs/outputs.md").read_text().partition("## Verdicts")[2]
    answers = [f"| {QUESTIONS[each]} | {' | '.join(HEADLINES[each])} |" for each in QUESTIONS]
    lines = [
        f"| {QUESTIONS[rule.question]} | `{rule.metric}` | {rule.describe(rule.good)} | "
        f"{rule.describe(rule.middling)} |"
        for rule in RULES
    ]
    assert "\n".join(answers) in verdicts
    assert "\n".join(lines) in verdicts


def checks() -> list[tuple[list[str], list[str]]]:
    """Rows of the table of checks: patterns of metrics, and tests as file::name."""
    _, _, section = (ROOT / "docs/outputs.md").read_text().partition("score is checked against\n")
    table = section.partition("\n## ")[0]
    rows = [line.split(" | ") for line in table.splitlines() if line.startswith("| `")]
    return [(QUOTED.findall(metrics), QUOTED.findall(tests)) for metrics, _, tests in rows]


def test_checks__are_named_once_for_every_metric():
    patterns = [pattern for metrics, _ in checks() for pattern in metrics]
    named = {pattern: fnmatch.filter(METRICS, pattern) for pattern in patterns}
    assert [pattern for pattern in patterns if not named[pattern]] == []
    assert sorted(itertools.chain(*named.values())) == sorted(METRICS)


@pytest.mark.parametrize(("metrics", "tests"), checks(), ids=lambda names: names[0])
def test_checks__are_tests_that_exist(metrics, tests):
    for test in tests:
        file, _, name = test.partition("::")
        assert f"\ndef {name}(" in (ROOT / "tests" / file).read_text()


def test_pipeline_picture__is_current():
    drawn = runpy.run_path(str(ROOT / "docs/draw_pipeline.py"))["picture"]()
    assert drawn == (ROOT / "docs/pipeline.svg").read_text()
