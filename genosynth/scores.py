"""Scores: what is measured, what each name means, and the table that gathers them."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from functools import partial
from pathlib import Path
from typing import Literal, TypedDict

import pandas as pd

from genosynth.errors import ArtifactMismatch
from genosynth.files import read_table, write_table


@dataclass(frozen=True)
class Score:
    """One number about one synthetic cohort.

    The interval holds 95 %: other synthetic people could have been drawn from the same generator,
    other people held out; training people and the fitted generator are taken as they are. n counts
    what the value rests on (`Metric.counted`). What cannot be computed is NaN. Metrics computed
    together state the same seconds.
    """

    metric: str
    value: float
    ci_low: float
    ci_high: float
    n: int
    seconds: float


class ScoredRow(TypedDict):
    """What a file of scores is about."""

    generator: str
    repeat: int
    group: str


@dataclass(frozen=True)
class Metric:
    """What a score's name means.

    ceiling, floor: rows that show what real people, and what a worthless generator (one deaf to the
    trait where it is asked for, for privacy a leaking one), get from the same code and seed.
    better: high, low, or the value to hit; neither where a score only describes. kind: of the
    traits it is scored for; empty: any.
    """

    group: Literal["fidelity", "association", "utility", "privacy"]
    ceiling: str
    floor: str
    better: Literal["high", "low", "neither"] | float
    unit: str
    counted: str
    meaning: str
    kind: Literal["", "binary", "quantitative"] = ""


_to_train = partial(Metric, "fidelity", "real_holdout", "independent")
_to_holdout = partial(Metric, "fidelity", "real_train", "independent")
_effect = partial(Metric, "association", "real_holdout", "label_shuffled")
_prediction = partial(Metric, "utility", "real_train", "label_shuffled")
_leakage = partial(Metric, "privacy", "real_holdout", "train_copy")
_theory = partial(Metric, "privacy", "real_train", "train_copy")  # as many people: nobody is ranked

_MODELS = {
    "prs": "polygenic score",
    "logistic": "ridge logistic model",
    "ridge": "ridge regression",
    "xgboost": "boosted trees",
}
_BINARY, _NUMBERS = ("prs", "logistic", "xgboost"), ("prs", "ridge", "xgboost")
_auc = partial(_prediction, unit="AUC", counted="held-out people", kind="binary")
_r2 = partial(_prediction, unit="r²", counted="held-out people", kind="quantitative")
_either = partial(_prediction, unit="AUC or r²", counted="held-out people")
_gain = partial(Metric, "utility", "real_holdout", "label_shuffled", counted="held-out people")
_FROM_SYNTHETIC = "{} learnt from synthetic people"
_FROM_TRAIN = "{} learnt from as many training people"
_ON_SYNTHETIC = "{} learnt from training people, tested on synthetic ones"
_GAP = "{}: synthetic minus training"
_ADDED = "{}: gain from adding synthetic people to all training people"
_PREDICTED = (  # name, models that are scored by it, definition
    ("tstr_auc", _BINARY, _auc("high", meaning=_FROM_SYNTHETIC)),
    ("trtr_auc", _BINARY, _auc("neither", meaning=_FROM_TRAIN)),
    ("tstr_gap", ("logistic",), _auc(0.0, meaning=_GAP)),
    ("tstr_r2", _NUMBERS, _r2("high", meaning=_FROM_SYNTHETIC)),
    ("trtr_r2", _NUMBERS, _r2("neither", meaning=_FROM_TRAIN)),
    ("tstr_gap", ("ridge",), _r2(0.0, meaning=_GAP)),
    ("tstr_gap", ("prs", "xgboost"), _either(0.0, meaning=_GAP)),
    ("trts_auc", _BINARY, _auc("neither", counted="synthetic people", meaning=_ON_SYNTHETIC)),
    ("trts_r2", _NUMBERS, _r2("neither", counted="synthetic people", meaning=_ON_SYNTHETIC)),
    (
        "trts_excess",
        ("prs",),
        _either(
            0.0,
            counted="synthetic people",
            meaning="{}: separability beyond that of single variants drawn as in train",
        ),
    ),
    ("tstr_auprc", _BINARY, _auc("high", unit="AUPRC", meaning=_FROM_SYNTHETIC)),
    ("trtr_auprc", _BINARY, _auc("neither", unit="AUPRC", meaning=_FROM_TRAIN)),
    (
        "tstr_calibration_slope",
        ("logistic", "xgboost"),
        _auc(1.0, unit="slope", meaning=f"{_FROM_SYNTHETIC}: outcome on log odds"),
    ),
    (
        "tstr_calibration_intercept",
        ("logistic", "xgboost"),
        _auc(0.0, unit="log odds", meaning=f"{_FROM_SYNTHETIC}: cases beyond those predicted"),
    ),
    ("augmentation_gain", ("logistic",), _gain("high", "AUC", meaning=_ADDED, kind="binary")),
    ("augmentation_gain", ("ridge",), _gain("high", "r²", meaning=_ADDED, kind="quantitative")),
    (
        "balancing_gain",
        ("logistic",),
        _gain(
            "high",
            "AUC",
            meaning="{}: gain from equal classes by synthetic people, beyond that by weights",
            kind="binary",
        ),
    ),
    (
        "reweighting_gain",
        ("logistic",),
        _gain(
            "neither",
            "AUC",
            meaning="{}: gain from equal classes by weights of training people, no one added",
            kind="binary",
        ),
    ),
)
_PREDICTIONS = {
    f"{name}.{model}": replace(metric, meaning=metric.meaning.format(_MODELS[model]))
    for name, models, metric in _PREDICTED
    for model in models
}

METRICS: dict[str, Metric] = {
    "af_pearson": _to_train(
        "high", "correlation", "variants", "ALT frequencies agree with the training people's"
    ),
    "af_rmse": _to_train("low", "frequency", "variants", "typical error of an ALT frequency"),
    "genotype_frequency_rmse": _to_train(
        "low", "frequency", "variants", "typical error of the share of people with 0, 1 or 2 copies"
    ),
    "heterozygosity_slope": _to_train(
        1.0, "ratio", "variants", "heterozygotes, relative to the training people's"
    ),
    "hwe_excess": _to_holdout(
        0.0,
        "share",
        "variants",
        "variants out of Hardy–Weinberg equilibrium, beyond held-out people's",
    ),
    "ld_near_pearson": _to_train(
        "high", "correlation", "pairs of variants", "correlations of neighbouring variants agree"
    ),
    "ld_all_pearson": _to_train(
        "high", "correlation", "pairs of variants", "correlations of any two variants agree"
    ),
    "ld_decay_rmse": _to_train(
        "low", "r²", "bins of distance", "error of the curve of LD against distance"
    ),
    "haplotype_pearson": _to_train(
        "high", "correlation", "windows", "combinations of three neighbours, beyond their own rates"
    ),
    "pca_distance": _to_holdout(
        "low", "share of variance", "people a side", "distance in the space of ancestry"
    ),
    "fst": _to_holdout(0.0, "Fst", "variants", "genetic distance as between two populations"),
    "aats": _to_holdout(
        0.5,
        "share",
        "people a side",
        "nearest neighbours lie in one's own set, mean of the next two",
    ),
    "aats_truth": _to_holdout(
        0.5, "share", "people a side", "nearest to a held-out person is another one, not synthetic"
    ),
    "aats_synthetic": _to_holdout(
        0.5, "share", "people a side", "nearest to a synthetic person is another one, not real"
    ),
    **{
        f"precision.{k}": _to_holdout(
            "high", "share", "people a side", f"synthetic people among real ones, {k} neighbours"
        )
        for k in (5, 50)
    },
    **{
        f"recall.{k}": _to_holdout(
            "high", "share", "people a side", f"real people among synthetic ones, {k} neighbours"
        )
        for k in (5, 50)
    },
    "composition_distance": _to_train(
        "low",
        "share",
        "synthetic people",
        "people who would need another level of a condition to be as the training people",
    ),
    "condition_auc": _to_train(
        "neither",
        "AUC",
        "synthetic people",
        "a condition read from ten components, as training people teach; right as in the ceiling",
    ),
    "condition_r2": _to_train(
        "neither",
        "r²",
        "synthetic people",
        "a quantitative condition read by ridge regression, as training people teach",
    ),
    "structure_accuracy": _to_holdout(
        "high",
        "balanced accuracy",
        "held-out people",
        "levels of a condition read from ten components, as synthetic people teach",
    ),
    "structure_overlap": _to_holdout(
        "high",
        "share",
        "variants",
        "of the variants that differ most between two levels, those that do in held-out people",
    ),
    "c2st_auc": _to_holdout(
        0.5, "AUC", "people a side", "synthetic told from held-out people by gradient boosting"
    ),
    "c2st_auc.all": _to_holdout(
        0.5, "AUC", "people a side", "the same, from all variants, trait and conditions"
    ),
    "c2st_auc.pcs": _to_holdout(
        0.5, "AUC", "people a side", "the same, from ten principal components"
    ),
    "c2st_auc.blocks": _to_holdout(
        0.5, "AUC", "people a side", "the same, from neighbours: evidence of all blocks, added"
    ),
    "c2st_auc_linear": _to_holdout(
        0.5, "AUC", "people a side", "synthetic told from held-out people by a linear model"
    ),
    "holdout_nats": Metric(
        "fidelity",
        "real_holdout",
        "independent",
        "low",
        "nats",
        "held-out people",
        "negative log-likelihood of a held-out person under the fitted generator",
    ),
    "effect_slope": _effect(
        1.0, "ratio", "variants", "size of effects on the trait, relative to the training people's"
    ),
    "effect_slope_holdout": Metric(
        "association",
        "real_train",
        "label_shuffled",
        1.0,
        "ratio",
        "variants",
        "the same, relative to held-out people's; their noise lowers it: compare with the ceiling",
    ),
    "effect_pearson": _effect(
        "high", "correlation", "variants", "z-scores of effects agree with the training people's"
    ),
    "sign_concordance": _effect(
        "high", "share", "variants with |z| > 1.96", "effects of the same direction; chance is 0.5"
    ),
    "top_overlap_10pct": _effect(
        "high", "share", "variants", "strongest tenth of variants in common; chance is 0.1"
    ),
    "lambda_gc_difference": _effect(
        0.0, "λ", "variants", "median association statistic, beyond the training people's"
    ),
    "gwas_slope": _effect(
        1.0, "ratio", "variants", "plink2 --glm: size of effects relative to the training people's"
    ),
    "gwas_slope_holdout": Metric(
        "association",
        "real_train",
        "label_shuffled",
        1.0,
        "ratio",
        "variants",
        "plink2 --glm: size of effects relative to held-out people's",
    ),
    "gwas_pearson": _effect(
        "high", "correlation", "variants", "plink2 --glm: z-scores agree with the training people's"
    ),
    "gwas_sign_concordance": _effect(
        "high",
        "share",
        "variants with |z| > 1.96",
        "plink2 --glm: effects of the same direction; chance is 0.5",
    ),
    "gwas_top_overlap_10pct": _effect(
        "high",
        "share",
        "variants",
        "plink2 --glm: strongest tenth of variants in common; chance is 0.1",
    ),
    "gwas_lambda": _effect(
        "neither", "λ", "variants", "plink2 --glm: median statistic relative to that of chance"
    ),
    "gwas_lambda_difference": _effect(
        0.0, "λ", "variants", "plink2 --glm: median statistic, beyond the training people's"
    ),
    **_PREDICTIONS,
    "pgs_auc": _auc(
        "neither",
        counted="synthetic people",
        meaning="a polygenic score made elsewhere, in synthetic people",
    ),
    "pgs_r2": _r2(
        "neither",
        counted="synthetic people",
        meaning="a polygenic score made elsewhere, in synthetic people",
    ),
    "pgs_gap": _either(
        0.0,
        counted="synthetic people",
        meaning="a polygenic score made elsewhere: synthetic minus held-out people",
    ),
    "causal_recall": _effect(
        1.0, "ratio", "causal variants", "simulation: causal variants found, relative to train"
    ),
    "causal_effect_slope": _effect(
        1.0,
        "ratio",
        "causal variants",
        "simulation: slope of effects on the truth, relative to train",
    ),
    "identical_match_rate": _leakage(
        "low", "share", "synthetic people", "synthetic people equal to a training person"
    ),
    "near_duplicate_rate": _leakage(
        "low", "share", "synthetic people", "nearer to train than 99 % of held-out people; 1 % are"
    ),
    "dcr_ratio": _leakage(
        1.0, "ratio", "synthetic people", "distance to train, relative to held-out people's"
    ),
    "nndr": _leakage(
        "high", "ratio", "synthetic people", "distance to the nearest over the second nearest"
    ),
    "closer_to_train": _leakage(
        0.5, "share", "synthetic people", "nearest to a training rather than a held-out person"
    ),
    "nnaa_loss": _leakage(
        0.0, "share", "people a side", "nearer to training than to held-out people; above 0 leaks"
    ),
    "kinship_excess": _leakage(
        0.0, "share", "synthetic people", "closest kin in train, beyond 99 % of held-out people"
    ),
    "attribute_gain.variants": _leakage(
        0.0, "share", "people attacked", "hidden genotypes guessed: training minus held-out people"
    ),
    "attribute_gain.trait": _leakage(
        0.0, "AUC or r²", "people attacked", "the trait guessed: training minus held-out people"
    ),
    "mia_nearest_auc": _leakage(
        0.5, "AUC", "people attacked", "training told from held-out people by the nearest synthetic"
    ),
    "mia_nearest_tpr_at_1pct": _leakage(
        0.01, "share", "training people", "training people found so, at 1 % false alarms"
    ),
    "mia_density_auc": _leakage(
        0.5, "AUC", "people attacked", "training told from held-out people by density of synthetic"
    ),
    "mia_density_tpr_at_1pct": _leakage(
        0.01, "share", "training people", "training people found so, at 1 % false alarms"
    ),
    "mia_af_lrt_auc": _leakage(
        0.5, "AUC", "people attacked", "training told from held-out people by allele frequencies"
    ),
    "mia_af_lrt_tpr_at_1pct": _leakage(
        0.01, "share", "training people", "training people found so, at 1 % false alarms"
    ),
    "mia_homer_auc": _leakage(
        0.5, "AUC", "people attacked", "the same from allele frequencies, by Homer's statistic"
    ),
    "mia_homer_tpr_at_1pct": _leakage(
        0.01, "share", "training people", "training people found so, at 1 % false alarms"
    ),
    "mia_sequence_auc": _leakage(
        0.5, "AUC", "people attacked", "training told from held-out people by pairs of neighbours"
    ),
    "mia_sequence_tpr_at_1pct": _leakage(
        0.01, "share", "training people", "training people found so, at 1 % false alarms"
    ),
    "mia_max_tpr_at_1pct": _leakage(
        0.01, "share", "training people", "training people found by the attack best on other people"
    ),
    "mia_loss_auc": _leakage(
        0.5, "AUC", "people attacked", "training told from held-out people by the model's weights"
    ),
    "mia_loss_tpr_at_1pct": _leakage(
        0.01, "share", "training people", "training people found so, at 1 % false alarms"
    ),
    "mia_af_lrt_expected_auc": _theory(
        "low", "AUC", "training people", "what a faithful generator's allele frequencies give away"
    ),
    "mia_af_lrt_expected_tpr_at_1pct": _theory(
        "low", "share", "training people", "training people found so, at 1 % false alarms"
    ),
}

# Scored as NAME.CONDITION, once for each condition, structure also by classifier or percentage;
# pgs once for each polygenic score of the config.
FAMILIES = (
    *("condition_auc", "condition_r2", "structure_accuracy", "structure_overlap"),
    "composition_distance",
    *("pgs_auc", "pgs_r2", "pgs_gap"),
)


def metric_of(name: str) -> Metric:
    """Give the meaning of a score; those of a family share one.

    Raises:
        KeyError: no metric has this name.

    >>> metric_of("condition_auc.ancestry") is METRICS["condition_auc"]
    True
    """
    family = name.partition(".")[0]
    return METRICS[family if family in FAMILIES else name]


def is_known(name: str) -> bool:
    """Whether a score has a meaning."""
    return name in METRICS or name.startswith(tuple(f"{family}." for family in FAMILIES))


COLUMNS = ["cohort", "trait", "generator", "repeat", "metric", "value", "ci_low", "ci_high"]
COLUMNS += ["floor", "ceiling", "better", "n", "seconds"]


def write_scores(scores: Sequence[Score], path: str | Path) -> None:
    """Write the scores of one group and one synthetic cohort."""
    columns = [field.name for field in fields(Score)]
    write_table(pd.DataFrame([asdict(score) for score in scores], columns=columns), path)


def gather_scores(
    paths: Sequence[str | Path], *, rows: Sequence[ScoredRow], cohort: str, trait: str
) -> pd.DataFrame:
    """Join score files into one long table, with floor and ceiling of each metric beside it.

    rows: what each file is about, in the order of `paths`.

    Raises:
        ArtifactMismatch: a file holds a metric that METRICS does not know.
    """
    tables = [_read_known(path).assign(**row) for path, row in zip(paths, rows, strict=True)]
    scores = pd.concat(tables, ignore_index=True).assign(cohort=cohort, trait=trait)
    first = scores[scores["repeat"] == 1].set_index(["generator", "metric"])["value"]
    meanings = [metric_of(metric) for metric in scores["metric"]]
    for bound in ("floor", "ceiling"):
        names = [getattr(meaning, bound) for meaning in meanings]
        keys = zip(names, scores["metric"], strict=True)
        scores[bound] = [first.get(key, float("nan")) for key in keys]
    scores["better"] = [str(meaning.better) for meaning in meanings]
    return scores[COLUMNS]


def _read_known(path: str | Path) -> pd.DataFrame:
    table = read_table(path)
    unknown = {metric for metric in table["metric"] if not is_known(metric)}
    if unknown:
        raise ArtifactMismatch(
            f"{path}: unknown metrics {', '.join(sorted(unknown))}. "
            "Evaluate again: snakemake --forcerun, or name them in genosynth/scores.py"
        )
    return table
