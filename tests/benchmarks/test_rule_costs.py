"""Costs of rules: which rules are known, and how they are carried over to larger cohorts."""

import re

import pandas as pd
import pytest

from benchmarks.rule_costs import GROWTH, Sizes, format_table, larger, rule_costs
from tests.workflow.running import ROOT

DEMO = Sizes(people=1000, train=700, genome=10_000, panel=100)
# twice the people and variants, more training people than are fitted
BIOBANK = larger(DEMO, 100_000, genome=20_000, panel=200)


def costs(**seconds: float) -> pd.DataFrame:
    timings = pd.DataFrame({"rule": list(seconds), "longest_seconds": list(seconds.values())})
    table = rule_costs(timings.assign(peak_mb=1.0), DEMO, [BIOBANK, BIOBANK])
    return table.set_index("rule")


def test_rules__that_are_measured_all_have_their_growth():
    text = "".join(path.read_text() for path in (ROOT / "workflow/rules").glob("*.smk"))
    measured = {
        rule.partition(":")[0]
        for rule in re.split(r"^rule ", text, flags=re.MULTILINE)
        if "benchmark:" in rule
    }
    assert measured == set(GROWTH)


@pytest.mark.parametrize(
    ("rule", "factor"),
    [
        ("find_relatives", 100**2),
        ("run_gwas", 100 * 2),
        ("sample_copula", 100 * 2),
        ("train_vae", 50_000 / 700 * 2),
        ("train_denoiser", 2),
        ("prepare_gwas", 100),
        ("select_panel", 2),
        ("write_report", 1),
    ],
)
def test_cost__grows_with_what_the_rule_works_on(rule, factor):
    assert costs(**{rule: 3.0}).loc[rule, "seconds_0"] == pytest.approx(3 * factor)


def test_cost__of_a_genotype_is_that_of_one_person_and_variant():
    assert costs(run_gwas=7.0).loc["run_gwas", "microseconds"] == pytest.approx(1.0)


def test_costs__longest_in_the_biobank_comes_first():
    assert costs(write_report=50.0, run_gwas=1.0).index.tolist() == ["run_gwas", "write_report"]


def test_table__says_where_a_job_is_mostly_start():
    table = format_table(costs(run_gwas=1.0, fit_pca=36.0).reset_index())
    assert table["500,000 people"].tolist() == ["2 h", "< 3.3 min"]
