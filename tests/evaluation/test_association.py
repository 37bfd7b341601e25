"""Effects: textbook regression, known slopes, permuted labels, empty classes."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from genosynth.data.genotypes import MISSING, Genotypes
from genosynth.errors import ArtifactMismatch
from genosynth.evaluation.association import effect_statistics, evaluate_association
from genosynth.evaluation.comparison import Comparison
from genosynth.evaluation.effects import estimate_effects
from genosynth.scores import METRICS
from tests.evaluation.simulated_people import (
    ANCESTRY,
    HEIGHT,
    LABELS,
    population,
    shuffled_columns,
    shuffled_people,
    swapped_alleles,
    with_missing_calls,
)

PEOPLE = population(240, n_chromosomes=12)
TRAIN = with_missing_calls(PEOPLE.people(1500, 1), 1)
HOLDOUT = PEOPLE.people(600, 2)


def scores(synthetic: Genotypes, labels=LABELS, train: Genotypes = TRAIN):
    evaluation = evaluate_association(Comparison(train, HOLDOUT, synthetic, labels))
    return {score.metric: score for score in evaluation.scores}


def with_trait(people: Genotypes, values) -> Genotypes:
    return replace(people, samples=people.samples.assign(disease=values))


def test_effects__are_mean_differences_and_t_statistics() -> None:
    effects = estimate_effects(TRAIN, "disease")
    called = TRAIN.counts[:, 7] != MISSING
    status = TRAIN.samples["disease"].to_numpy()[called]
    dosage = TRAIN.counts[called, 7].astype(float)
    cases, controls = dosage[status == 1], dosage[status == 0]
    assert effects.size[7] == pytest.approx(cases.mean() - controls.mean())
    assert effects.z[7] == pytest.approx(stats.ttest_ind(cases, controls).statistic)


def test_effects__of_numbers_are_regression_slopes() -> None:
    unknown = TRAIN.samples["height"].where(np.arange(1500) % 5 > 0) * 1e-7 + 3
    people = replace(TRAIN, samples=TRAIN.samples.assign(height=unknown))
    effects = estimate_effects(people, "height")
    usable = (TRAIN.counts[:, 4] != MISSING) & unknown.notna().to_numpy()
    fit = stats.linregress(unknown[usable], TRAIN.counts[usable, 4])
    assert effects.size[4] == pytest.approx(fit.slope)
    assert effects.z[4] == pytest.approx(fit.slope / fit.stderr)


def test_slope__of_train_on_itself_is_one_and_of_stronger_effects_larger() -> None:
    effects = estimate_effects(TRAIN, "disease")
    stronger = replace(effects, size=1.7 * effects.size, z=1.7 * effects.z)
    found = effect_statistics(stronger, effects)
    assert found["effect_slope"] == pytest.approx(1.7)
    assert found["effect_pearson"] == pytest.approx(1)
    assert found["sign_concordance"] == 1
    assert found["top_overlap_10pct"] == 1
    assert effect_statistics(effects, effects)["lambda_gc_difference"] == 0


def test_slope__of_resampled_train_is_one() -> None:
    drawn = TRAIN.take(np.random.default_rng(1).integers(0, 1500, 20_000))
    found = scores(drawn)
    assert found["effect_slope"].ci_low < 1 < found["effect_slope"].ci_high
    assert found["effect_slope"].value == pytest.approx(1, abs=0.05)


def test_lambda__is_compared_at_the_size_of_train() -> None:
    train = estimate_effects(TRAIN, "disease")
    assert train.weight == pytest.approx(1 / (1 / 384 + 1 / 1116), rel=0.1)
    # with four times as many people the excess of χ² over its null median is four times as large
    null = 0.4549
    larger = replace(train, z=np.sqrt(null + 4 * np.maximum(train.z**2 - null, 0)))
    larger = replace(larger, weight=4 * train.weight)
    assert effect_statistics(larger, train)["lambda_gc_difference"] == pytest.approx(0, abs=1e-9)


def test_slope__independent_columns_within_classes_keep_all_effects() -> None:
    found = scores(shuffled_columns(TRAIN, 1))
    assert found["effect_slope"].value == pytest.approx(1, abs=0.02)
    assert found["top_overlap_10pct"].value > 0.9


def test_effects__of_permuted_labels_are_none() -> None:
    values = np.random.default_rng(1).permutation(TRAIN.samples["disease"])
    found = scores(with_trait(TRAIN, values))
    assert found["effect_slope"].ci_low < 0 < found["effect_slope"].ci_high
    assert abs(found["effect_pearson"].value) < 0.2
    assert found["sign_concordance"].value == pytest.approx(0.5, abs=0.25)
    assert found["lambda_gc_difference"].value < -0.2


def test_slope__on_holdout_never_meets_the_same_people() -> None:
    row = replace(HOLDOUT, samples=HOLDOUT.samples.assign(source=HOLDOUT.samples["iid"]))
    assert scores(row)["effect_slope_holdout"].value < 0.9
    assert scores(HOLDOUT)["effect_slope_holdout"].value == pytest.approx(1)


@pytest.mark.parametrize("labels", [LABELS, [HEIGHT, ANCESTRY]], ids=["binary", "quantitative"])
def test_scores__are_all_that_are_promised(labels) -> None:
    found = scores(PEOPLE.people(1500, 3), labels)
    promised = [name for name, metric in METRICS.items() if metric.group == "association"]
    from_people_alone = [name for name in promised if not name.startswith(("causal_", "gwas_"))]
    assert sorted(found) == sorted(from_people_alone)
    assert all(score.ci_low <= score.value <= score.ci_high for score in found.values())
    assert found["effect_slope"].value > 0.3
    assert found["sign_concordance"].value > 0.7


def test_scores__do_not_depend_on_order_or_allele() -> None:
    comparison = Comparison(TRAIN, HOLDOUT, PEOPLE.people(1000, 3), LABELS)
    first = evaluate_association(comparison).scores
    for other in (shuffled_people(comparison, 1), swapped_alleles(comparison)):
        again = {score.metric: score.value for score in evaluate_association(other).scores}
        for score in first:
            # a correlation around the mean shifts a little when signs turn on both sides
            assert again[score.metric] == pytest.approx(score.value, abs=0.02), score.metric


def test_scores__of_one_class_are_nan_with_a_count() -> None:
    found = scores(with_trait(TRAIN, 1.0))
    for metric in ("effect_slope", "effect_pearson", "lambda_gc_difference"):
        assert np.isnan(found[metric].value), metric
        assert found[metric].n == 0
    nobody = scores(TRAIN.take(np.zeros(0, np.intp)))
    assert np.isnan(nobody["effect_slope"].value)


def test_scores__a_lost_variant_counts_as_no_effect() -> None:
    counts = TRAIN.counts.copy()
    counts[:, :120] = 0
    found = scores(replace(TRAIN, counts=counts))
    effects = estimate_effects(TRAIN, "disease").size ** 2
    assert found["effect_slope"].value == pytest.approx(effects[120:].sum() / effects.sum())
    assert found["effect_slope"].n == 240


def test_association__needs_a_trait() -> None:
    with pytest.raises(ArtifactMismatch, match="no trait"):
        evaluate_association(Comparison(TRAIN, HOLDOUT, TRAIN, [ANCESTRY]))


def test_table__shows_standardised_effects() -> None:
    comparison = Comparison(TRAIN, HOLDOUT, TRAIN, [HEIGHT])
    table = evaluate_association(comparison).figures["effects"]
    assert list(table) == ["id", "train", "holdout", "synthetic"]
    called = TRAIN.counts[:, 9] != MISSING
    r = np.corrcoef(TRAIN.counts[called, 9], TRAIN.samples["height"][called])[0, 1]
    assert table["train"][9] == pytest.approx(r, rel=0.01)
    assert table["synthetic"].tolist() == table["train"].tolist()
