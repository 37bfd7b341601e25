"""The rules behind the verdicts: which score is read how, where the lines are drawn, and why."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Literal

from genosynth.reporting.wording import ATTACK_NAMES

Question = Literal["faithful", "useful", "copies"]
QUESTIONS: dict[Question, str] = {
    "faithful": "Faithful?",
    "useful": "Useful?",
    "copies": "A reason not to share?",  # no measurement can answer "safe to share?" with yes
}  # in the order of the page, and how each is asked there


class Answer(IntEnum):
    """From the best to the worst; UNKNOWN where nothing was measured."""

    GOOD = 0
    MIDDLING = 1
    BAD = 2
    UNKNOWN = 3


@dataclass(frozen=True)
class Rule:
    """When one score is good, when it is still middling, and why the lines are drawn there.

    how: `below_ceiling` is how far the value stays under the ceiling, `above_ceiling` over it;
    `share_of_ceiling` is the ratio to it; `from_target` is the distance from `target`;
    `below_zero` is how far the value is negative; `plain` is the value, `surely` the lower end of
    its interval; `surely_above_ceiling` is how far that end lies above the ceiling;
    `surely_above_theory` how far it lies above that and above what a faithful generator gives away,
    the score `theory`.
    metric: a name, or the part before the point of several (one finding for each model).
    is_due: whether a score that was not measured is missed; others are left out.
    """

    question: Question
    metric: str
    how: Literal[
        "below_ceiling",
        "above_ceiling",
        "share_of_ceiling",
        "from_target",
        "below_zero",
        "plain",
        "surely",
        "surely_above_ceiling",
        "surely_above_theory",
    ]
    good: float
    middling: float
    finding: str
    reason: str
    target: float = 0.0
    theory: str = ""
    is_due: bool = True

    @property
    def is_low_good(self) -> bool:
        """Whether the judged quantity is good when small."""
        return self.how != "share_of_ceiling"

    def describe(self, line: float) -> str:
        """Say in words what the score must reach."""
        if self.how == "above_ceiling" and line == 0:
            return "not above the ceiling"
        if self.how == "surely_above_theory" and line == 0:
            return "lower end of the interval not above theory and ceiling"
        return _LINES[self.how].format(line=f"{line:g}", target=f"{self.target:g}")


_LINES = {
    "below_ceiling": "at most {line} below the ceiling",
    "above_ceiling": "at most {line} above the ceiling",
    "share_of_ceiling": "at least {line} of the ceiling",
    "from_target": "within {line} of {target}",
    "below_zero": "at least −{line}",
    "plain": "at most {line}",
    "surely": "lower end of the interval at most {line}",
    "surely_above_ceiling": "lower end of the interval at most {line} above the ceiling",
    "surely_above_theory": "lower end of the interval at most {line} above theory and ceiling",
}


# In each question from the least to the most demanding score.
RULES = (
    Rule(
        "faithful",
        "composition_distance",
        "surely_above_ceiling",
        0.02,
        0.10,
        "{percent} of the synthetic people would need another level of {part} to be as the "
        "training people are (held-out people: {ceiling_percent}).",
        "Other scores compare people of the same labels: they do not see who is missing. What is "
        "lost with a tenth of the people can be a whole ancestry.",
        is_due=False,  # a cohort, or a release made elsewhere, may have no conditions
    ),
    Rule(
        "faithful",
        "af_pearson",
        "below_ceiling",
        0.001,
        0.01,
        "Allele frequencies correlate {value} with the real ones (held-out people: {ceiling}).",
        "Any sampler of single variants gets this right; one that does not has lost the cohort.",
    ),
    Rule(
        "faithful",
        "heterozygosity_slope",
        "from_target",
        0.03,
        0.10,
        "Heterozygote rates are {value} times the real ones.",
        "Rounding genotypes instead of drawing them shows here first, as too few heterozygotes.",
        target=1.0,
    ),
    Rule(
        "faithful",
        "genotype_frequency_rmse",
        "above_ceiling",
        0.03,
        0.08,
        "Shares of people with 0, 1 or 2 copies are wrong by {value} at a typical variant "
        "(held-out people: {ceiling}).",
        "The most probable genotype loses heterozygotes of rare alleles and gains them where both "
        "are common, which can cancel in the rates above; here both count. Of a release of 200 "
        "people 0.03 is chance.",
    ),
    Rule(
        "faithful",
        "ld_near_pearson",
        "share_of_ceiling",
        0.95,
        0.75,
        "LD between neighbours correlates {value} with the real one (two samples of real people: "
        "{ceiling}).",
        "Fine mapping, scores and imputation rest on it; independent sampling lies at the floor.",
    ),
    Rule(
        "faithful",
        "c2st_auc",
        "plain",
        0.60,
        0.75,
        "A classifier tells synthetic from real people with AUC {value} (0.5 is guessing).",
        "It looks for any difference at all, and adds what it finds along the genome: small errors "
        "in many places count. At 0.60 it is wrong on 40 of 100 pairs, at 0.75 on 25.",
    ),
    Rule(
        "useful",
        "effect_slope",
        "from_target",
        0.10,
        0.25,
        "Effects of variants on the trait are {value} times those in training people.",
        "Above 1 the trait is exaggerated, below 1 it fades; a tenth is the size of sampling error "
        "in a cohort of thousands.",
        target=1.0,
    ),
    Rule(
        "useful",
        "trts_excess",
        "surely",
        0.02,
        0.05,
        "A polygenic score learnt from real people separates synthetic cases or values: {value} of "
        "AUC or r² beyond single variants drawn as in training people (95 % interval {interval}).",
        "Any faithful release repeats the chance effects of training people, and so do single "
        "variants drawn by class; what is beyond them is exaggerated.",
    ),
    Rule(
        "useful",
        "tstr_gap",
        "below_zero",
        0.02,
        0.05,
        "A {model} trained on synthetic people scores {gap} than one trained on real people (AUC "
        "or r² in real held-out people).",
        "0.02 of AUC or R² is the margin chosen in advance as too small to matter.",
    ),
    Rule(
        "copies",
        "identical_match_rate",
        "above_ceiling",
        0.0,
        0.001,
        "{percent} of synthetic people equal a training person at every variant (held-out people "
        "{ceiling_percent}).",
        "One copy more than strangers show is one person too many.",
    ),
    Rule(
        "copies",
        "near_duplicate_rate",
        "surely",
        0.02,
        0.04,
        "{percent} of synthetic people are nearer to a training person than 99 % of held-out "
        "people are (strangers: 1 %; here {ceiling_percent}; 95 % interval {interval}).",
        "Strangers come so near once in a hundred. At 0.02 one row in a hundred is somebody's "
        "changed copy, at 0.04 three are; typical distances do not show so few.",
    ),
    Rule(
        "copies",
        "closer_to_train",
        "surely",
        0.52,
        0.55,
        "The real person nearest to a synthetic one is a training person {percent} of the time, "
        "held-out people counted as if they were as many (95 % interval {interval}).",
        "Half is what strangers show. If a tenth of the synthetic people are copies it is about "
        "0.53, if a fifth are, 0.57; only what is beyond the interval counts.",
    ),
    Rule(
        "copies",
        "nnaa_loss",
        "surely",
        0.03,
        0.10,
        "Synthetic people mix with training more than with held-out people by {value} (0: no "
        "difference, 0.5: copies; 95 % interval {interval}).",
        "It sees when some people are copied, which a typical distance does not show; with few "
        "people it is noisy, so only what is beyond its interval counts.",
    ),
    Rule(
        "copies",
        "dcr_ratio",
        "share_of_ceiling",
        0.97,
        0.90,
        "Synthetic people are {precise} times as far from their nearest training person as "
        "held-out people are (95 % interval {interval}).",
        "1 is how near strangers come by chance.",
    ),
    Rule(
        "copies",
        "kinship_excess",
        "surely",
        0.01,
        0.05,
        "Synthetic people as closely akin to a training person as 1 % of held-out people are: "
        "{value} beyond that 1 % (95 % interval {interval}).",
        "A few relatives come by chance, and held-out people show how many; copies of a few show "
        "here when typical distances do not.",
    ),
    Rule(
        "copies",
        "attribute_gain.variants",
        "surely",
        0.01,
        0.05,
        "Read off the synthetic person most alike, hidden genotypes of training people are guessed "
        "right more often than those of held-out people, by {value} (95 % interval {interval}).",
        "What is guessed as well of strangers is knowledge of the population; the rest is memory "
        "of people.",
    ),
    *(
        Rule(
            "copies",
            f"{attack}_auc",
            "surely_above_theory",
            0.0,
            0.05,
            f"The attack by {name} tells training from held-out people with AUC {{value}} (95 % "
            "interval {interval}); allele frequencies of a faithful generator give {theory} away, "
            "real held-out people {ceiling}.",
            "What allele frequencies give away no generator can keep; more is memory of single "
            "people.",
            theory="mia_af_lrt_expected_auc",
        )
        for attack, name in ATTACK_NAMES.items()
    ),
    Rule(
        "copies",
        "mia_max_tpr_at_1pct",
        "surely_above_theory",
        0.01,
        0.05,
        "The best of five attacks finds {percent} of training people when it accuses 1 % of "
        "held-out people ({theory_percent} is what allele frequencies of a faithful generator give "
        "away).",
        "An AUC is an average and hides a few who are exposed. The tail is heavier than theory has "
        "it, hence the room.",
        theory="mia_af_lrt_expected_tpr_at_1pct",
    ),
)
