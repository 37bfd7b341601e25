"""Generators that are broken in one way each: which verdict catches them, and by which rule.

The sound generator draws fresh people from the population itself. Everything else is the workflow:
the scores of four groups with floor and ceiling, then the rules.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom

from genosynth.data.genotypes import Genotypes
from genosynth.evaluation.association import evaluate_association
from genosynth.evaluation.comparison import Comparison
from genosynth.evaluation.fidelity.evaluate import evaluate_fidelity
from genosynth.evaluation.privacy.evaluate import evaluate_privacy
from genosynth.evaluation.reference_rows import ROWS, make_reference_row, train_copy
from genosynth.evaluation.utility.prediction import evaluate_utility
from genosynth.reporting.rules import Answer
from genosynth.reporting.verdicts import Verdict, judge
from genosynth.scores import gather_scores, write_scores
from genosynth.settings.evaluation import EvaluationSettings
from genosynth.settings.privacy import PrivacySettings
from tests.evaluation.simulated_people import LABELS, Population, population, shuffled_columns

N_TRAIN, N_TEST, N_REFERENCE = 3000, 2000, 1000
POPULATION = population(150)
TRAIN = POPULATION.people(N_TRAIN, 1)
TEST = POPULATION.people(N_TEST, 2, part="test")
REFERENCE = POPULATION.people(N_REFERENCE, 3, part="reference")
SETTINGS = EvaluationSettings(n_bootstrap=20)


def sound(seed: int = 4, *, of: Population = POPULATION) -> Genotypes:
    return of.people(N_TRAIN, seed, part="synthetic")


def shrunken_genotypes() -> Genotypes:
    """Everybody is drawn to the average person, and rounded."""
    people = sound()
    blurred = 0.4 * people.counts + 0.6 * TRAIN.counts.mean(axis=0)
    return replace(people, counts=np.rint(blurred).astype(np.int8))


def most_probable_genotypes() -> Genotypes:
    """What decoding by argmax does: of what latents leave open, everybody has the likeliest.

    Latents are ten principal components; they give each person's frequency of each allele, two
    draws of which are a genotype.
    """
    people, mean = sound(), TRAIN.counts.mean(axis=0)
    axes = np.linalg.svd(TRAIN.counts - mean, full_matrices=False)[2][:10]
    frequencies = (mean + (people.counts - mean) @ axes.T @ axes).clip(0, 2) / 2
    probabilities = binom.pmf(np.arange(3)[:, None, None], 2, frequencies)
    return replace(people, counts=probabilities.argmax(axis=0).astype(np.int8))


def tripled_effects() -> Genotypes:
    """What guidance does: cases and controls differ three times as much as they do."""
    people = sound()
    is_case = people.samples["disease"].to_numpy() == 1
    of_controls, of_cases = (
        TRAIN.counts[TRAIN.samples["disease"] == value].mean(axis=0) / 2 for value in (0, 1)
    )
    exaggerated = np.where(is_case[:, None], of_cases + 2 * (of_cases - of_controls), of_controls)
    counts = np.random.default_rng(5).binomial(2, exaggerated.clip(0, 1))
    return replace(people, counts=counts.astype(np.int8))


def copied_people() -> Genotypes:
    """One in twenty is a training person, labels and all."""
    people = sound()
    own, copied = (
        people.take(np.arange(N_TRAIN // 20, N_TRAIN)),
        TRAIN.take(np.arange(N_TRAIN // 20)),
    )
    samples = pd.concat([copied.samples.assign(part="synthetic"), own.samples], ignore_index=True)
    return replace(people, counts=np.concatenate([copied.counts, own.counts]), samples=samples)


def changed_copies() -> Genotypes:
    """One in twenty is a training person with a tenth of the genotypes drawn anew."""
    people = sound()
    leaking = train_copy(TRAIN, seed=9).take(np.arange(N_TRAIN // 20))
    own = people.take(np.arange(N_TRAIN // 20, N_TRAIN))
    samples = pd.concat([leaking.samples.assign(part="synthetic"), own.samples], ignore_index=True)
    return replace(people, counts=np.concatenate([leaking.counts, own.counts]), samples=samples)


def one_ancestry() -> Genotypes:
    people = POPULATION.people(2 * N_TRAIN, 6, part="synthetic")
    east = np.flatnonzero(people.samples["ancestry"] == "east")
    return people.take(east[:N_TRAIN])


def shuffled_labels() -> Genotypes:
    people = sound()
    disease = people.samples["disease"].sample(frac=1, random_state=7).to_numpy()
    return replace(people, samples=people.samples.assign(disease=disease))


BROKEN: dict[str, Callable[[], Genotypes]] = {
    "shrunken_genotypes": shrunken_genotypes,
    "most_probable_genotypes": most_probable_genotypes,
    "tripled_effects": tripled_effects,
    "copied_people": copied_people,
    "changed_copies": changed_copies,
    "independent_variants": lambda: shuffled_columns(sound(), seed=8),
    "one_ancestry": one_ancestry,
    "shuffled_labels": shuffled_labels,
}
# Question, score whose rule catches it, at least so bad.
CAUGHT = {
    "shrunken_genotypes": ("faithful", "heterozygosity_slope", Answer.BAD),
    "most_probable_genotypes": ("faithful", "genotype_frequency_rmse", Answer.BAD),
    "tripled_effects": ("useful", "effect_slope", Answer.BAD),
    "copied_people": ("copies", "identical_match_rate", Answer.BAD),
    "changed_copies": ("copies", "near_duplicate_rate", Answer.BAD),
    "independent_variants": ("faithful", "ld_near_pearson", Answer.BAD),
    "one_ancestry": ("faithful", "composition_distance", Answer.BAD),
    "shuffled_labels": ("useful", "effect_slope", Answer.BAD),
}


def score(people: Genotypes, folder: Path) -> dict[str, Path]:
    comparison = Comparison(TRAIN, TEST, people, LABELS)
    found = {
        "fidelity": evaluate_fidelity(comparison, settings=SETTINGS, seed=1),
        "association": evaluate_association(comparison),
        "utility": evaluate_utility(comparison, settings=SETTINGS, seed=1),
        "privacy": evaluate_privacy(
            comparison, reference=REFERENCE, settings=PrivacySettings(), seed=1
        ),
    }
    for group, evaluation in found.items():
        write_scores(evaluation.scores, folder / f"{group}.tsv")
    return {group: folder / f"{group}.tsv" for group in found}


@pytest.fixture(scope="module")
def scores(tmp_path_factory) -> pd.DataFrame:
    """The score table of all generators and reference rows."""
    real = Genotypes(
        np.concatenate([part.counts for part in (TRAIN, TEST)]),
        pd.concat([part.samples for part in (TRAIN, TEST)], ignore_index=True),
        TRAIN.variants,
    )
    generators = {"sound": sound()} | {name: make() for name, make in BROKEN.items()}
    generators["independent"] = generators["independent_variants"]
    for name in ROWS:
        generators[name] = make_reference_row(real, name=name, labels=LABELS, seed=1)
    paths, rows = [], []
    for name, people in generators.items():
        folder = tmp_path_factory.mktemp(name)
        for group, path in score(people, folder).items():
            paths.append(path)
            rows.append({"generator": name, "repeat": 1, "group": group})
    return gather_scores(paths, rows=rows, cohort="toy", trait="disease")


def verdicts(scores: pd.DataFrame, generator: str) -> dict[str, Verdict]:
    return {verdict.question: verdict for verdict in judge(scores, generator)}


def test_sound_generator__passes(scores):
    """Useful in part, no more: fresh people do not repeat the chance effects of training people."""
    answers = {name: verdict.answer for name, verdict in verdicts(scores, "sound").items()}
    expected = {"faithful": Answer.GOOD, "useful": Answer.MIDDLING, "copies": Answer.GOOD}
    assert answers == expected


@pytest.mark.parametrize("name", BROKEN)
def test_broken_generator__is_caught_by_the_rule_meant_for_it(scores, name):
    question, metric, at_least = CAUGHT[name]
    verdict = verdicts(scores, name)[question]
    finding = next(each for each in verdict.findings if each.rule.metric == metric)
    assert at_least <= finding.answer < Answer.UNKNOWN, finding.text
    assert at_least <= verdict.answer < Answer.UNKNOWN


def test_shuffled_trait__is_a_floor_where_single_variants_are_none(scores):
    values = scores.set_index(["metric", "generator"])["value"]
    chances = dict.fromkeys(("effect_slope", "effect_pearson"), (0.0, 3 / 150**0.5))
    chances |= dict.fromkeys(("tstr_auc.prs", "tstr_auc.logistic"), (0.5, 0.12))  # four SD
    for metric, (chance, room) in chances.items():
        assert values[metric, "label_shuffled"] == pytest.approx(chance, abs=room)
        assert values[metric, "independent"] > chance + 2 * room


def test_copies_of_everybody_and_of_few__are_condemned(scores):
    assert verdicts(scores, "train_copy")["copies"].answer == Answer.BAD
    assert verdicts(scores, "train_few")["copies"].answer == Answer.BAD
    assert verdicts(scores, "real_holdout")["copies"].answer == Answer.GOOD
