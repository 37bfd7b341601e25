"""Scores of a likelihood: means, and the attack on the model that it allows."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom

from genosynth.data.genotypes import Genotypes
from genosynth.errors import ArtifactMismatch
from genosynth.evaluation.likelihood import evaluate_likelihood
from genosynth.evaluation.privacy.loss_attack import (
    hardy_weinberg_nats,
    nats_of_reference,
    unexplained,
)
from tests.evaluation.simulated_people import LABELS, population, with_missing_calls

PEOPLE = population(120)
PARTS = {"train": 500, "test": 400, "reference": 300}


def cohort() -> Genotypes:
    parts = [
        with_missing_calls(PEOPLE.people(n, seed, part=part), seed)
        for seed, (part, n) in enumerate(PARTS.items(), start=1)
    ]
    samples = pd.concat([part.samples for part in parts], ignore_index=True)
    samples["iid"] = [f"p{number}" for number in range(len(samples))]
    return Genotypes(np.concatenate([part.counts for part in parts]), samples, parts[0].variants)


REAL = cohort()
RARITY = nats_of_reference(REAL, REAL.part("reference"), LABELS)


def table(nats: np.ndarray) -> pd.DataFrame:
    asked = REAL.samples[["iid", "part"]].assign(nats=nats)
    return asked[asked["part"] != "reference"].sample(frac=1, random_state=1)


def scores(nats: np.ndarray) -> dict:
    found = evaluate_likelihood(table(nats), REAL, LABELS, path="nats.tsv")
    return {score.metric: score for score in found}


def test_holdout_nats__are_the_mean_of_test_people():
    nats = np.where(REAL.samples["part"] == "test", 50.0, 10.0) + np.arange(1200) % 2
    found = scores(nats)["holdout_nats"]
    assert found.value == pytest.approx(50.5)
    assert (found.ci_low, found.ci_high) == pytest.approx((50.5 - 0.049, 50.5 + 0.049), abs=1e-3)
    assert found.n == 400


def test_attack__finds_members_whose_nats_are_few_for_what_they_are():
    is_member = REAL.samples["part"] == "train"
    noise = np.random.default_rng(1).normal(0, 1, len(is_member))
    found = scores(0.8 * RARITY - 3 * is_member + noise)
    assert found["mia_loss_auc"].ci_low > 0.95
    assert found["mia_loss_tpr_at_1pct"].ci_low > 0.5
    # Nats as they are tell far less: people differ more than membership does.
    assert RARITY.std() > 4


def test_attack__finds_nobody_who_is_found_as_likely_as_others():
    noise = np.random.default_rng(2).normal(0, 1, len(RARITY))
    found = scores(RARITY + noise)
    assert found["mia_loss_auc"].ci_low < 0.5 < found["mia_loss_auc"].ci_high


def test_attack__without_reference_people_is_nan():
    parts = REAL.samples["part"].replace("reference", "nobody")
    real = replace(REAL, samples=REAL.samples.assign(part=parts))
    found = evaluate_likelihood(table(RARITY), real, LABELS, path="nats.tsv")
    assert [score.metric for score in found if np.isnan(score.value)] == [
        "mia_loss_auc",
        "mia_loss_tpr_at_1pct",
    ]


def test_stranger__is_named():
    nats = table(RARITY).replace({"iid": {"p7": "somebody"}})
    with pytest.raises(ArtifactMismatch, match="somebody is not among the real people"):
        evaluate_likelihood(nats, REAL, LABELS, path="nats.tsv")


def test_iids_that_repeat_in_families__are_told_apart():
    number = np.arange(len(REAL.samples))
    ids = {"fid": [f"f{n // 300}" for n in number], "iid": [f"p{n % 300}" for n in number]}
    real = replace(REAL, samples=REAL.samples.assign(**ids))
    asked = table(RARITY)
    asked = asked.assign(fid=real.samples["fid"], iid=real.samples["iid"])  # by row
    found = evaluate_likelihood(asked, real, LABELS, path="nats.tsv")
    for one, other in zip(found, scores(RARITY).values(), strict=True):
        assert replace(one, seconds=0) == replace(other, seconds=0)


def test_hardy_weinberg_nats__equal_scipy():
    counts = np.array([[0, 1, 2], [2, -1, 0]], np.int8)
    frequency = np.array([0.2, 0.5, 0.9])
    expected = -binom.logpmf(np.maximum(counts, 0), 2, frequency) * (counts >= 0)
    assert hardy_weinberg_nats(counts, frequency) == pytest.approx(expected.sum(axis=1))


def test_unexplained__does_not_depend_on_rarity():
    rng = np.random.default_rng(3)
    rarity, nats = rng.normal(size=(2, 500))
    left = unexplained(rarity, nats + 2 * rarity)
    assert np.corrcoef(left, rarity)[0, 1] == pytest.approx(0, abs=1e-9)
    assert np.corrcoef(left, nats)[0, 1] < -0.99
