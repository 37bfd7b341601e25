"""What every rule owes: see the table in docs/ and design of the workflow."""

import re
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from snakemake.iocontainers import InputFiles

from tests.workflow.running import ROOT

RULE = re.compile(r"^(?:rule|checkpoint) (\w+):$")
DIRECTIVE = re.compile(r"^    (\w+):(.*)$")
USES_TORCH = re.compile(r"from genosynth\.(models|training|sampling|devices)")


@dataclass
class Rule:
    """A rule as it is written; snakefmt keeps one directive to a line of four spaces."""

    name: str
    file: Path
    docstring: str = ""
    parts: dict[str, str] = field(default_factory=dict)

    @property
    def is_target(self) -> bool:
        """Whether it only names what another rule makes."""
        return not {"script", "shell", "run", "notebook", "wrapper"} & set(self.parts)


def read_rules(file: Path) -> list[Rule]:
    rules: list[Rule] = []
    part = ""
    for line in file.read_text().splitlines():
        if match := RULE.match(line):
            rules.append(Rule(match[1], file))
            part = ""
        elif line and not line.startswith(" "):
            part = "outside"  # a directive or include between rules
        elif rules and part != "outside":
            if match := DIRECTIVE.match(line):
                part, line = match[1], match[2]
            if not part:
                rules[-1].docstring += line.strip()
            else:
                rules[-1].parts[part] = rules[-1].parts.get(part, "") + line + "\n"
    return rules


RULES = [
    rule
    for file in [ROOT / "Snakefile", *sorted((ROOT / "workflow/rules").glob("*.smk"))]
    for rule in read_rules(file)
]
JOBS = [rule for rule in RULES if not rule.is_target]
SCRIPTS = [rule for rule in JOBS if "script" in rule.parts]
SHELLS = [rule for rule in JOBS if "shell" in rule.parts]


def script_of(rule: Rule) -> Path:
    return ROOT / f"workflow/scripts/{rule.name}.py"


def every(rules: list[Rule]):
    return pytest.mark.parametrize("rule", rules, ids=lambda rule: rule.name)


@every(RULES)
def test_rules__say_what_they_do(rule):
    assert re.match(r'"""[A-Z].+\."""$', rule.docstring), rule.docstring


@every(JOBS)
def test_jobs__are_logged_and_timed_under_the_name_of_their_rule(rule):
    assert f'"logs/{{cohort}}/{rule.name}/' in rule.parts["log"]
    assert f'"results/{{cohort}}/timings/{rule.name}/' in rule.parts["benchmark"]


@every(JOBS)
def test_jobs__have_an_environment_that_exists(rule):
    name = re.search(r'"(.+\.yaml)"', rule.parts["conda"])[1]
    assert (rule.file.parent / name).resolve().parent == ROOT / "envs"
    assert (rule.file.parent / name).exists()


@every(JOBS)
def test_jobs__ask_for_threads_and_for_more_of_the_rest_at_each_attempt(rule):
    assert "threads" in rule.parts
    assert re.search(r"mem_mb=(growing|genotypes)_mb\(", rule.parts["resources"])
    assert "runtime=growing_minutes(" in rule.parts["resources"]


def test_memory__is_in_proportion_to_large_panels(tmp_path):
    common = {}
    exec((ROOT / "workflow/rules/common.smk").read_text(), common)
    asked = common["genotypes_mb"](3000, bytes_each=4, bytes_a_pair=50)
    job = InputFiles(
        fromdict={name: str(tmp_path / name) for name in ("genotypes", "synthetic", "labels")}
    )
    assert asked(None, job, 1) == 3000  # not made yet
    allocate_matrix(tmp_path / "genotypes", (1000, 1000))
    assert [asked(None, job, attempt) for attempt in (1, 2)] == [3000, 6000]
    allocate_matrix(tmp_path / "synthetic", (250_000, 4000))
    assert [asked(None, job, attempt) for attempt in (1, 2)] == [6300, 12600]


def allocate_matrix(folder: Path, shape: tuple[int, int]) -> None:
    """A matrix of genotypes that takes no space on disk."""
    folder.mkdir()
    np.lib.format.open_memmap(folder / "counts.npy", mode="w+", dtype=np.int8, shape=shape)


@every(JOBS)
def test_jobs__leave_retries_to_the_profile_and_never_use_run(rule):
    assert not {"retries", "run", "wrapper", "notebook"} & set(rule.parts)


@every(SCRIPTS)
def test_scripts__are_named_as_their_rule_and_fingerprinted(rule):
    assert rule.parts["script"].strip() == f'"../scripts/{rule.name}.py"'
    assert f'code=code("{rule.name}")' in rule.parts["params"]


@every([rule for rule in SCRIPTS if rule.name.startswith(("sample_", "compose_"))])
def test_draws__of_each_repeat_have_a_seed_of_their_own(rule):
    assert "{repeat}" in rule.parts["output"]
    assert re.search(r'seed=seed\(.*"{repeat}"', rule.parts["params"])


@every(SHELLS)
def test_shell_scripts__that_make_results_are_fingerprinted(rule):
    called = re.findall(r'shell_script\("(\w+)"\)', rule.parts.get("params", ""))
    for name in set(called) - {"explain_plink2"}:  # which words errors
        assert f'code=code("{name}.sh")' in rule.parts["params"]


@every(SCRIPTS)
def test_scripts__that_train_or_sample_networks_ask_for_a_gpu(rule):
    uses_device = "device" in rule.parts.get("params", "")
    assert ("gpu=" in rule.parts["resources"]) == uses_device


@every(SHELLS)
def test_shells__log_everything_and_name_their_environment(rule):
    assert re.match(r'\s*r"""\n\s*exec (&>|2>) >\(tee \{log:q\}', rule.parts["shell"])
    assert "envs/plink2.yaml" in rule.parts["conda"]


def test_every_script__has_its_rule():
    scripts = {path.stem for path in (ROOT / "workflow/scripts").glob("*.py")}
    assert scripts == {rule.name for rule in SCRIPTS}


def test_rule_names__are_unique():
    names = [rule.name for rule in RULES]
    assert len(names) == len(set(names))
