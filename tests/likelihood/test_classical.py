"""Likelihood under classical generators: totals of one, draws, and another implementation."""

import itertools
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from genosynth.likelihood.classical import classical_nats
from genosynth.likelihood.people import choose_people, nats_table
from genosynth.models.clusters import ClustersModel
from genosynth.models.independent import IndependentModel
from genosynth.settings.clusters import ClustersSettings
from genosynth.settings.independent import IndependentSettings
from genosynth.training.cluster_pairs import log_likelihood
from genosynth.training.clusters import fit_clusters
from genosynth.training.independent import fit_independent
from tests.models.chained_people import chained_people

SITES = [0, 1, 40]  # of both chromosomes


def few_variants(kind: str):
    train, labels = chained_people(1500, kind=kind, effect=0.6)
    variants = train.variants.iloc[SITES].reset_index(drop=True)
    return replace(train, counts=train.counts[:, SITES], variants=variants), labels


def fitted(name: str, train, labels) -> IndependentModel | ClustersModel:
    if name == "independent":
        return fit_independent(train, labels, settings=IndependentSettings())
    settings = ClustersSettings(n_clusters=3, max_iterations=3)
    return fit_clusters(train, labels, settings=settings, seed=1)


def persons(n: int, kind: str) -> pd.DataFrame:
    """The same labels n times: a condition unknown, so that ancestries are mixed."""
    return pd.DataFrame({"trait": [1.0 if kind == "binary" else 6.0] * n, "ancestry": [None] * n})


every_model = pytest.mark.parametrize("name", ["independent", "clusters"])
every_kind = pytest.mark.parametrize("kind", ["binary", "quantitative"])


@every_model
@every_kind
def test_nats__are_how_often_a_genotype_is_drawn(name, kind):
    model = fitted(name, *few_variants(kind))
    counts = np.array(list(itertools.product(range(3), repeat=3)), np.int8)
    likely = np.exp(-model.nats(counts, persons(27, kind)))
    assert likely.sum() == pytest.approx(1, abs=1e-9)
    n = 20_000
    drawn = model.sample(persons(n, kind), person_ids=np.arange(n), seed=5)
    shares = np.bincount(drawn @ np.array([9, 3, 1]), minlength=27) / n
    assert (abs(shares - likely) < 4.5 * np.sqrt(likely / n) + 1e-4).all()


@every_model
def test_nats__missing_calls_are_summed_over(name):
    model = fitted(name, *few_variants("binary"))
    counts = np.array([[1, copies, 2] for copies in range(3)], np.int8)
    each = np.exp(-model.nats(counts, persons(3, "binary"))).sum()
    missing = model.nats(np.array([[1, -1, 2]], np.int8), persons(1, "binary"))
    assert np.exp(-missing[0]) == pytest.approx(each, rel=1e-9)


def test_clusters__agree_with_the_pass_they_were_fitted_by():
    train, labels = chained_people(300, kind="binary")
    model = fitted("clusters", train, labels)
    counts, ancestry = train.counts[:100], 1
    found = model.clusters.log_likelihood(counts, np.zeros(counts.shape), ancestry=ancestry)
    expected = log_likelihood(model.clusters, counts, np.full(100, ancestry))
    assert found.sum() == pytest.approx(expected, rel=1e-5)


def test_classical_nats__do_not_depend_on_the_batch(monkeypatch):
    train, labels = few_variants("quantitative")
    model = fitted("independent", train, labels)
    whole = classical_nats(model, train)
    monkeypatch.setattr("genosynth.likelihood.classical.BATCH_SIZE", 7)
    np.testing.assert_allclose(classical_nats(model, train), whole)


def test_choose_people__as_many_of_train_as_of_test(monkeypatch):
    train, _ = chained_people(100, kind="binary")
    parts = np.repeat(["train", "test", "reference"], [60, 30, 10])
    real = replace(train, samples=train.samples.assign(part=parts))
    people = choose_people(real, seed=1)
    assert people.samples["part"].value_counts().to_dict() == {"test": 30, "train": 30}
    assert people.samples["iid"].is_unique
    table = nats_table(people, np.arange(60.0))
    assert list(table) == ["iid", "part", "nats"]
    monkeypatch.setattr("genosynth.likelihood.people.MAX_PEOPLE", 20)
    assert len(choose_people(real, seed=1).samples) == 40
