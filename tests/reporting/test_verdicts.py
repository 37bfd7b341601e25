import itertools

import pytest

from genosynth.reporting.rules import QUESTIONS, RULES, Answer
from genosynth.reporting.tables import pool_repeats
from genosynth.reporting.verdicts import (
    NOTHING_TO_LEARN,
    SEARCHES,
    failed_controls,
    judge,
    privacy_coverage,
)
from genosynth.scores import METRICS
from tests.reporting.stand_in import score_table

ATTACK_AUCS = ("mia_nearest_auc", "mia_density_auc", "mia_af_lrt_auc", "mia_homer_auc")
ATTACK_AUCS += ("mia_sequence_auc",)


@pytest.fixture
def scores():
    return pool_repeats(score_table("demo", "disease", "binary"))


def change(scores, generator, **values):
    """Scores in which some values of one generator are others, with intervals of no width."""
    changed = scores.copy()
    for metric, value in values.items():
        rows = (changed["metric"] == metric) & (changed["generator"] == generator)
        assert rows.any()
        changed.loc[rows, ["value", "ci_low", "ci_high"]] = value
    return changed


def drop(scores, metric):
    return scores[scores["metric"] != metric]


def answers(scores, generator):
    verdicts = judge(scores, generator)
    return {verdict.question: verdict.answer for verdict in verdicts}


def test_rules__speak_of_known_scores():
    known = set(METRICS) | {name.split(".")[0] for name in METRICS}
    assert {rule.metric for rule in RULES} <= known

    assert {rule.question for rule in RULES} == set(QUESTIONS)


def test_good_generator__passes_everything(scores):
    scores = change(scores, "latent_diffusion", c2st_auc=0.55)
    assert set(answers(scores, "latent_diffusion").values()) == {Answer.GOOD}


def test_leaking_copy__is_condemned_and_real_people_are_not(scores):
    assert answers(scores, "train_copy")["copies"] == Answer.BAD
    assert answers(scores, "real_holdout")["copies"] == Answer.GOOD
    assert answers(scores, "real_train")["copies"] == Answer.BAD


@pytest.mark.parametrize(
    "leak",
    [
        {"dcr_ratio": 0.5},
        {"identical_match_rate": 0.01},
        {"near_duplicate_rate": 0.06},
        {"closer_to_train": 0.7},
        {"nnaa_loss": 0.3},
        {"kinship_excess": 0.1},
        {"mia_nearest_auc": 0.7},
        {"mia_density_auc": 0.7},
        {"mia_af_lrt_auc": 0.7},
        {"mia_homer_auc": 0.7},
        {"mia_max_tpr_at_1pct": 0.1},
    ],
)
def test_any_leak__condemns_a_generator(scores, leak):
    verdict = judge(change(scores, "latent_diffusion", **leak), "latent_diffusion")[2]
    assert verdict.headline == "Copies people"


def test_slight_nearness__is_named_before_it_is_copying(scores):
    scores = change(scores, "latent_diffusion", dcr_ratio=0.94)
    assert answers(scores, "latent_diffusion")["copies"] == Answer.MIDDLING


@pytest.mark.parametrize("control", ["train_copy", "train_few"])
def test_search_that_misses_a_leaking_control__cannot_tell(scores, control):
    blind = change(scores, control, dcr_ratio=1.0, nnaa_loss=0.0, kinship_excess=0.0)
    blind = change(blind, control, near_duplicate_rate=0.01)
    blind = change(blind, control, closer_to_train=0.5, **{"attribute_gain.variants": 0.0})
    blind = change(blind, control, **{name: 0.5 for name in ATTACK_AUCS})
    blind = change(blind, control, mia_max_tpr_at_1pct=0.01)
    assert answers(blind, "latent_diffusion")["copies"] == Answer.UNKNOWN
    assert "did not catch" in failed_controls(blind)


def test_search_that_suspects_strangers__cannot_tell(scores):
    nervous = change(scores, "real_holdout", dcr_ratio=0.5)
    assert answers(nervous, "latent_diffusion")["copies"] == Answer.UNKNOWN
    assert "real people" in failed_controls(nervous)


def test_attack__is_called_out_by_name(scores):
    verdict = judge(change(scores, "copula", mia_density_auc=0.6), "copula")[2]
    assert verdict.answer == Answer.MIDDLING
    assert verdict.text.startswith("The attack by density of synthetic people tells training")
    assert "AUC 0.60" in verdict.text
    assert "0.579" in verdict.text  # what allele frequencies give away


@pytest.mark.parametrize("bound", ["theory", "ceiling"])
def test_attack__is_measured_by_the_higher_of_theory_and_real_people(scores, bound):
    found = change(scores, "copula", mia_af_lrt_auc=0.62)
    assert answers(found, "copula")["copies"] == Answer.MIDDLING
    if bound == "theory":
        found = change(found, "copula", mia_af_lrt_expected_auc=0.63)
    else:
        of_attack = found["metric"] == "mia_af_lrt_auc"
        found = found.assign(ceiling=found["ceiling"].where(~of_attack, 0.63))
    assert answers(found, "copula")["copies"] == Answer.GOOD


def test_attack__that_is_told_by_chance_only__is_not_called_out(scores):
    scores.loc[scores["metric"] == "mia_homer_auc", ["value", "ci_low"]] = [0.6, 0.57]
    assert answers(scores, "copula")["copies"] == Answer.GOOD


def test_attack__on_strangers_above_theory__is_a_failed_control(scores):
    shifted = change(scores, "real_holdout", mia_nearest_auc=0.7)
    assert "real people" in failed_controls(shifted)


def test_families_kept_apart__nearness_to_train_is_no_sign_of_copying(scores):
    related = change(scores, "real_holdout", nnaa_loss=-0.49)
    near = change(related, "latent_diffusion", nnaa_loss=0.24)
    assert answers(near, "latent_diffusion")["copies"] == Answer.UNKNOWN
    related_by_attack = change(near, "latent_diffusion", mia_nearest_auc=0.9, kinship_excess=0.5)
    assert answers(related_by_attack, "latent_diffusion")["copies"] == Answer.UNKNOWN
    for sign in ({"identical_match_rate": 0.1}, {"dcr_ratio": 0.14}):
        copied = change(near, "latent_diffusion", **sign)
        assert answers(copied, "latent_diffusion")["copies"] == Answer.BAD


def test_independent_variants__are_not_faithful_because_of_ld(scores):
    verdict = judge(scores, "independent")[0]
    assert verdict.answer == Answer.BAD
    assert verdict.text.startswith("LD between neighbours")


def test_findings__name_the_score_that_they_read(scores):
    measured = set(scores["metric"])
    for verdict in judge(scores, "latent_diffusion"):
        metrics = [finding.metric for finding in verdict.findings]
        assert set(metrics) <= measured
        assert len(metrics) == len(set(metrics))
        assert verdict.metric in metrics
    without = judge(drop(scores, "ld_near_pearson"), "latent_diffusion")[0].findings
    assert [finding.metric for finding in without].count("") == 1


def test_visible_difference__is_faithful_in_part(scores):
    verdict = judge(scores, "latent_diffusion")[0]
    assert verdict.answer == Answer.MIDDLING
    assert "classifier" in verdict.text


@pytest.mark.parametrize(("slope", "answer"), [(1.4, Answer.BAD), (0.8, Answer.MIDDLING)])
def test_wrong_effects__are_not_useful(scores, slope, answer):
    changed = change(scores, "copula", effect_slope=slope)
    assert answers(changed, "copula")["useful"] == answer


def test_worse_models__are_not_useful(scores):
    changed = change(scores, "copula", **{"tstr_gap.logistic": -0.08})
    verdict = judge(changed, "copula")[1]
    assert verdict.answer == Answer.BAD
    assert "0.080 lower" in verdict.text


def test_unpredictable_trait__is_not_judged_by_prediction(scores):
    predicted = scores.loc[scores["metric"] == "trtr_auc.prs", "generator"]
    for generator in predicted:
        chance = {f"trtr_auc.{model}": 0.5 for model in ("logistic", "prs", "xgboost")}
        scores = change(scores, generator, **chance)
    verdict = judge(scores, "copula")[1]
    assert verdict.answer == Answer.UNKNOWN
    assert verdict.text == NOTHING_TO_LEARN


def test_model_that_learns_nothing__is_passed_over(scores):
    blind = change(scores, "copula", **{"trtr_auc.xgboost": 0.5, "tstr_gap.xgboost": -0.2})
    assert answers(blind, "copula")["useful"] == Answer.GOOD
    worse = change(scores, "copula", **{"tstr_gap.xgboost": -0.2})
    assert answers(worse, "copula")["useful"] == Answer.BAD


def test_exaggerated_separability__is_not_useful_beyond_its_interval(scores):
    exaggerated = change(scores, "copula", **{"trts_excess.prs": 0.08})
    verdict = judge(exaggerated, "copula")[1]
    assert verdict.answer == Answer.BAD
    assert "0.080 of AUC" in verdict.text
    is_excess = exaggerated["metric"] == "trts_excess.prs"
    uncertain = exaggerated.assign(ci_low=exaggerated["ci_low"].where(~is_excess, 0.01))
    assert answers(uncertain, "copula")["useful"] == Answer.GOOD


def test_missing_score__forbids_the_best_answer(scores):
    scores = change(scores, "latent_diffusion", c2st_auc=0.55)
    verdict = judge(drop(scores, "ld_near_pearson"), "latent_diffusion")[0]
    assert verdict.answer == Answer.UNKNOWN
    assert verdict.text == "ld_near_pearson was not measured."


@pytest.mark.parametrize(("distance", "answer"), [(0.3, Answer.BAD), (0.1, Answer.MIDDLING)])
def test_missing_ancestry__is_not_faithful(scores, distance, answer):
    scores = change(scores, "latent_diffusion", c2st_auc=0.55)
    lost = change(scores, "latent_diffusion", **{"composition_distance.population": distance})
    verdict = judge(lost, "latent_diffusion")[0]
    assert verdict.answer == answer
    assert "would need another level of population" in verdict.text


def test_cohort_without_conditions__is_not_asked_for_them(scores):
    scores = change(scores, "latent_diffusion", c2st_auc=0.55)
    scores = drop(scores, "composition_distance.population")
    assert answers(scores, "latent_diffusion")["faithful"] == Answer.GOOD


def test_no_trait__is_not_assessed():
    scores = pool_repeats(score_table("demo", "none", "none"))
    verdict = judge(scores, "latent_diffusion")[1]
    assert verdict.headline == "Not assessed"


def test_privacy_coverage__names_what_was_not_looked_for(scores):
    coverage = privacy_coverage(scores)
    assert "people identical to a training person" in coverage.tested
    assert "relatives of training people" in coverage.tested
    assert "membership attacks that see the released rows alone" in coverage.tested
    assert "membership attacks that see the model's weights" in coverage.tested
    unweighted = privacy_coverage(drop(scores, "mia_loss_auc"))
    assert "membership attacks that see the model's weights" in unweighted.untested
    assert any("shadow models" in what for what in coverage.untested)


def test_searches__are_made_by_scores_that_exist():
    assert set(itertools.chain(*SEARCHES.values())) <= set(METRICS)


def test_every_rule__says_its_lines_in_words():
    for rule in RULES:
        assert rule.describe(rule.good) != rule.describe(rule.middling)
