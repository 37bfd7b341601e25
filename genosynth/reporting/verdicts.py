"""Plain answers to three questions about a generator, by rules that anyone can read.

Is it faithful? Is it useful? Was a reason found not to share it? A rule reads one score relative to
what real people reach in the same run, and an answer is as good as its worst rule. No answer ever
says that synthetic people are private or safe: the rules only say what was looked for, and whether
it was found.
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from genosynth.reporting.rules import QUESTIONS, RULES, Answer, Question, Rule
from genosynth.reporting.wording import format_interval, format_number, format_percent

LEAKING_ROW, REAL_ROW = "train_copy", "real_holdout"  # controls of the search for copies
OVERFITTED_ROW = "train_few"
CONTROLS = (LEAKING_ROW, OVERFITTED_ROW, REAL_ROW)


HEADLINES: dict[Question, tuple[str, str, str, str]] = {
    "faithful": ("Faithful", "Faithful in part", "Not faithful", "Not assessed"),
    "useful": ("Useful", "Useful in part", "Not useful", "Not assessed"),
    "copies": ("No copying found", "Closer than it should be", "Copies people", "Cannot tell"),
}

NNAA_BALANCE = 0.10  # within which `nnaa_loss` of held-out people must lie: what it calls copies
APART = (
    "Held-out people are farther from training people than these are from each other, as where "
    "families are kept apart: nearness to training people is then no sign of copying."
)
FOOLED_BY_FAMILIES = (
    "near_duplicate_rate",
    "closer_to_train",
    "nnaa_loss",
    "kinship_excess",
    "attribute_gain",
    "mia_",
)  # beginnings of names of scores
NOTHING_TO_LEARN = (
    "Even a model trained on real people predicts the trait no better than chance, so a gap to it "
    "says nothing."
)


@dataclass(frozen=True)
class Finding:
    """What one rule says about one generator.

    metric: the score that it read; empty where there was none to read.
    """

    rule: Rule
    answer: Answer
    text: str
    metric: str = ""


@dataclass(frozen=True)
class Verdict:
    """The answer to one question about one generator, with every finding behind it.

    metric: the score that decided; empty where none did.
    """

    question: Question
    answer: Answer
    text: str
    findings: list[Finding]
    metric: str = ""

    @property
    def headline(self) -> str:
        """The answer in a few words."""
        return HEADLINES[self.question][self.answer]


def judge(scores: pd.DataFrame, generator: str) -> list[Verdict]:
    """Answer the three questions for one generator (or reference row) of one trait."""
    return [_judge_question(scores, generator, question) for question in QUESTIONS]


def _judge_question(scores: pd.DataFrame, generator: str, question: Question) -> Verdict:
    rules = [rule for rule in RULES if rule.question == question]
    findings = [finding for rule in rules for finding in _apply(rule, scores, generator)]
    measured = [finding for finding in findings if finding.answer != Answer.UNKNOWN]
    if not measured:
        return Verdict(question, Answer.UNKNOWN, "None of its scores was measured.", findings)
    worst = max(measured, key=lambda finding: finding.answer)
    if worst.answer == Answer.GOOD:
        worst = measured[-1]  # the most demanding
    if len(measured) < len(findings) and worst.answer == Answer.GOOD:
        missing = next(finding for finding in findings if finding.answer == Answer.UNKNOWN)
        return Verdict(question, Answer.UNKNOWN, missing.text, findings, missing.metric)
    if question == "copies" and generator not in CONTROLS:
        failed = failed_controls(scores)
        if failed:
            return Verdict(question, Answer.UNKNOWN, failed, findings)
    return Verdict(question, worst.answer, worst.text, findings, worst.metric)


def failed_controls(scores: pd.DataFrame) -> str:
    """Say why the search for copies cannot be believed; empty if all controls behaved.

    A search that does not condemn a known copy, or condemns real strangers, tells nothing.
    """
    leaking, overfitted, real = (
        _judge_question(scores, control, "copies").answer for control in CONTROLS
    )
    if leaking not in (Answer.MIDDLING, Answer.BAD):
        return "The search did not catch the control that copies training people."
    if overfitted not in (Answer.MIDDLING, Answer.BAD):
        return "The search did not catch the control that copies a few training people."
    if real == Answer.BAD:
        return "The search also suspects real people who were never trained on."
    return ""


def _held_out_people_are_apart(scores: pd.DataFrame) -> bool:
    """Whether held-out people are surely farther from training people than these from each other.

    So it is where whole families are held out: nearness to train then says "family", not "copy".
    """
    of_strangers = scores[(scores["generator"] == REAL_ROW) & (scores["metric"] == "nnaa_loss")]
    return bool((of_strangers["ci_high"] < -NNAA_BALANCE).any())


def _apply(rule: Rule, scores: pd.DataFrame, generator: str) -> list[Finding]:
    """One finding for each model of a metric (`tstr_gap.logistic`, …); one if none is measured.

    A model that learns nothing from real people is passed over where another one learns.
    """
    of_generator = scores[(scores["generator"] == generator) & scores["value"].notna()]
    rows = of_generator[of_generator["metric"] == rule.metric]
    if rows.empty:
        rows = of_generator[of_generator["metric"].str.startswith(f"{rule.metric}.")]
    if rows.empty:
        missed = Finding(rule, Answer.UNKNOWN, f"{rule.metric} was not measured.")
        return [missed] if rule.is_due else []
    findings = []
    for _, row in rows.iterrows():
        finding = _find(rule, row, theory=_theory(rule, of_generator))
        if rule.metric == "tstr_gap" and _real_people_teach_nothing(of_generator, row["metric"]):
            finding = replace(finding, answer=Answer.UNKNOWN, text=NOTHING_TO_LEARN)
        is_near = rule.metric.startswith(FOOLED_BY_FAMILIES) and finding.answer > Answer.GOOD
        if is_near and _held_out_people_are_apart(scores):
            finding = replace(finding, answer=Answer.UNKNOWN, text=APART)
        findings.append(finding)
    telling = [finding for finding in findings if finding.text != NOTHING_TO_LEARN]
    return telling or findings[:1]


def _real_people_teach_nothing(scores: pd.DataFrame, gap: str) -> bool:
    """Whether even the model trained on real people is no better than chance."""
    model = gap.split(".")[-1]
    for metric, chance in ((f"trtr_auc.{model}", 0.5), (f"trtr_r2.{model}", 0.0)):
        lowest = scores.loc[scores["metric"] == metric, "ci_low"]
        if len(lowest) and not lowest.isna().any():
            return bool(lowest.iloc[0] <= chance)
    return False


def _theory(rule: Rule, scores: pd.DataFrame) -> float:
    """What a faithful generator gives away in theory; NaN for rules without theory."""
    known = scores.loc[scores["metric"] == rule.theory, "value"]
    return float(known.iloc[0]) if len(known) else float("nan")


def _find(rule: Rule, row: pd.Series, *, theory: float) -> Finding:
    text = rule.finding.format(
        value=format_number(row["value"], least=2),
        ceiling=format_number(row["ceiling"], least=2),
        precise=format_number(row["value"], decimals=3),
        percent=format_percent(row["value"]),
        ceiling_percent=format_percent(row["ceiling"]),
        theory=format_number(theory),
        theory_percent=format_percent(theory),
        interval=format_interval(row["ci_low"], row["ci_high"], decimals=3),
        gap=f"{format_number(abs(row['value']))} {'lower' if row['value'] < 0 else 'higher'}",
        model=_MODELS.get(str(row["metric"]).partition(".")[2], "model"),
        part=str(row["metric"]).partition(".")[2],
    )
    quantity = _judged_quantity(rule, row, theory)
    if np.isnan(quantity):
        text = f"{rule.metric} has no ceiling to judge it by."
        return Finding(rule, Answer.UNKNOWN, text, str(row["metric"]))
    sign = 1 if rule.is_low_good else -1
    grade = sum(sign * quantity > sign * line + 1e-9 for line in (rule.good, rule.middling))
    return Finding(rule, Answer(int(grade)), text, str(row["metric"]))


def _judged_quantity(rule: Rule, row: pd.Series, theory: float) -> float:
    value, ceiling = row["value"], row["ceiling"]
    # held-out people are their own ceiling: them, theory alone can suspect
    bounds = [theory] if row["generator"] == REAL_ROW else [theory, ceiling]
    quantities = {
        "below_ceiling": ceiling - value,
        "above_ceiling": value - ceiling,
        "from_target": abs(value - rule.target),
        "below_zero": -value,
        "plain": value,
        "surely": row["ci_low"],
        "surely_above_ceiling": row["ci_low"] - ceiling,
        "surely_above_theory": row["ci_low"] - max(filter(np.isfinite, bounds), default=np.nan),
        "share_of_ceiling": value / (ceiling or np.nan),
    }
    return float(quantities[rule.how])


_MODELS = {
    "prs": "polygenic score",
    "logistic": "logistic model",
    "ridge": "ridge model",
    "xgboost": "boosting model",
}

SEARCHES: dict[str, tuple[str, ...]] = {
    "people identical to a training person": ("identical_match_rate",),
    "people nearer to training people than strangers are": (
        "near_duplicate_rate",
        "dcr_ratio",
        "nndr",
        "closer_to_train",
        "nnaa_loss",
    ),
    "membership attacks that see the released rows alone": (
        "mia_nearest_auc",
        "mia_density_auc",
        "mia_af_lrt_auc",
        "mia_homer_auc",
        "mia_sequence_auc",
    ),
    "membership attacks that see the model's weights": ("mia_loss_auc",),
    # never in a report: a program of its own, benchmarks.shadow_models
    "membership attacks that train the generator again (shadow models)": (),
    "relatives of training people": ("kinship_excess",),
    "guessing a person's trait or hidden variants": (
        "attribute_gain.variants",
        "attribute_gain.trait",
    ),
}  # what privacy scores look for, by the scores that do


@dataclass(frozen=True)
class Coverage:
    """Which searches for training people were made, and which were not."""

    tested: list[str]
    untested: list[str]


def privacy_coverage(scores: pd.DataFrame) -> Coverage:
    """Say what was and what was not looked for."""
    measured = set(scores.loc[scores["value"].notna(), "metric"])
    tested = [what for what, metrics in SEARCHES.items() if measured & set(metrics)]
    return Coverage(tested, [what for what in SEARCHES if what not in tested])
