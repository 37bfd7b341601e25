"""Haplotype clusters: frequencies, effects, linkage of a dense region, ancestry, the folder."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import logsumexp

from genosynth.data.labels import describe_label
from genosynth.models.clusters import Ancestries, ClustersModel, load_clusters, save_clusters
from genosynth.models.frequencies import ANY, group_codes
from genosynth.settings.clusters import ClustersSettings
from genosynth.training.clusters import fit_clusters, shift_to
from tests.models.chained_people import chained_people, dosages, effect_slope
from tests.models.mosaic_people import mosaic_people


def fitted(train, labels, **settings) -> ClustersModel:
    settings = {"n_clusters": 6, "max_iterations": 15} | settings
    return fit_clusters(train, labels, settings=ClustersSettings(**settings), seed=1)


def drawn(model: ClustersModel, people: pd.DataFrame, seed: int = 5) -> np.ndarray:
    return model.sample(people, person_ids=np.arange(len(people)), seed=seed)


@pytest.mark.parametrize("kind", ["binary", "quantitative"])
def test_sample__has_the_allele_frequencies_of_the_group(kind):
    train, labels = chained_people(4000, kind=kind)
    counts = drawn(fitted(train, labels, max_iterations=3), train.samples)
    for level in ("north", "south"):
        rows = (train.samples["ancestry"] == level).to_numpy()
        difference = counts[rows].mean(axis=0) - dosages(train.counts)[rows].mean(axis=0)
        # An allele frequency errs by less than 4.5 standard errors of 2p ≤ √(0.5/n).
        assert abs(difference).max() < 4.5 * np.sqrt(0.5 / rows.sum())


@pytest.mark.parametrize("kind", ["binary", "quantitative"])
def test_sample__keeps_the_effects_of_the_trait(kind):
    train, labels = chained_people(4000, kind=kind)
    model = fitted(train, labels, max_iterations=2)
    trait = train.samples["trait"].to_numpy()
    slopes = [effect_slope(drawn(model, train.samples, s), train.counts, trait) for s in range(4)]
    assert np.mean(slopes) == pytest.approx(1, abs=0.05)


def test_nats__of_somebody_of_unknown_ancestry_mix_those_of_each():
    train, (_, ancestry) = chained_people(1500, kind="quantitative")
    train.samples["trait"] += 2 * (train.samples["ancestry"] == "north")  # centres differ
    trait = describe_label(train.samples["trait"], role="trait", kind="quantitative")
    model = fitted(train, [trait, ancestry], max_iterations=2)
    people, counts = train.samples.iloc[:40].assign(ancestry=None), train.counts[:40]
    (weights,) = np.unique(model.ancestries.weights(group_codes(people, (trait, ancestry))), axis=0)
    levels = [ancestry.levels[code] for code in model.ancestries.codes[:, -1]]
    of_each = [model.nats(counts, people.assign(ancestry=level)) for level in levels]
    expected = -logsumexp(-np.stack(of_each, axis=1), b=weights, axis=1)
    np.testing.assert_allclose(model.nats(counts, people), expected, rtol=1e-9)


def test_shift__brings_about_the_frequencies():
    rng = np.random.default_rng(1)
    target, alt = rng.uniform(0.001, 0.999, (3, 20)), rng.uniform(0.001, 0.999, (20, 5))
    shares = rng.dirichlet(np.ones(5), (3, 20))
    shifts = shift_to(target, shares, alt=alt, sd=np.zeros(20))
    odds = alt / (1 - alt) * np.exp(shifts)[:, :, None]
    np.testing.assert_allclose((shares * odds / (1 + odds)).sum(axis=2), target, rtol=1e-6)


def test_sample__keeps_effects_that_clusters_hardly_leave_room_for():
    train = mosaic_people(3000, seed=1)
    noise = np.random.default_rng(3).normal(size=3000)
    trait = noise + 0.5 * train.counts[:, 10]
    train.samples["trait"] = trait
    labels = [describe_label(train.samples["trait"], role="trait", kind="quantitative")]
    model = fitted(train, labels, n_clusters=8)
    counts = np.concatenate([drawn(model, train.samples, seed) for seed in range(4)])
    slope = effect_slope(counts, np.tile(train.counts, (4, 1)), np.tile(trait, 4))
    assert slope == pytest.approx(1, abs=0.05)
    assert abs(counts.mean(axis=0) - train.counts.mean(axis=0)).max() < 0.05


def test_sample__recovers_the_linkage_of_a_dense_region():
    train = mosaic_people(1500, seed=1)
    counts = drawn(fitted(train, [], n_clusters=12, max_iterations=30), train.samples)
    pairs = np.triu_indices(train.counts.shape[1], 1)
    real, synthetic = (np.corrcoef(dosages(each).T)[pairs] for each in (train.counts, counts))
    assert np.corrcoef(real, synthetic)[0, 1] > 0.97
    assert synthetic @ real / (real @ real) == pytest.approx(1, abs=0.05)


def test_sample__chromosomes_are_independent():
    train, labels = chained_people(4000, kind="binary", effect=0)
    north = (train.samples["ancestry"] == "north").to_numpy()
    counts = drawn(fitted(train, labels, max_iterations=3), train.samples)[north]
    across = np.corrcoef(counts.T)[:40, 40:]
    assert np.sqrt((across**2).mean()) == pytest.approx(1 / np.sqrt(north.sum()), rel=0.1)


def test_ancestries__are_the_conditions_that_divide_frequencies():
    train, labels = chained_people(3000, kind="binary")
    train.samples["sex"] = np.random.default_rng(1).choice(["f", "m"], 3000)
    sex = describe_label(train.samples["sex"], role="condition", kind="categorical")
    labels = [labels[0], sex, labels[1]]
    model = fitted(train, labels, max_iterations=1)
    assert model.ancestries.columns.tolist() == [0, 2]
    known = train.samples.dropna()
    groups = known.groupby(["trait", "ancestry"]).size() / len(known)
    np.testing.assert_allclose(model.ancestries.people, groups)


def test_ancestries__unknown_is_any_of_them():
    people = np.array([0.2, 0.3, 0.1, 0.4])
    levels = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.int16)
    ancestries = Ancestries(np.array([0, 1]), levels, people)
    codes = np.array([[0, 0], [1, 1], [0, -1], [-1, 1], [ANY, ANY], [0, 7]], np.int16)
    expected = [[1, 0, 0, 0], [0, 0, 0, 1], [0.4, 0.6, 0, 0], [0, 3 / 7, 0, 4 / 7], people]
    expected.append([0.4, 0.6, 0, 0])  # never seen: of the same class of the trait
    np.testing.assert_allclose(ancestries.weights(codes), expected)


def test_sample__unknown_ancestry_spans_chromosomes():
    train, labels = chained_people(3000, kind="binary", effect=0)
    model = fitted(train, labels, max_iterations=3)
    south = (train.samples["ancestry"] == "south").to_numpy()
    contrast = train.counts[south].mean(axis=0) - train.counts[~south].mean(axis=0)

    def agreement(people: pd.DataFrame) -> float:
        weighted = drawn(model, people) * contrast
        return np.corrcoef(weighted[:, :40].sum(axis=1), weighted[:, 40:].sum(axis=1))[0, 1]

    of_train = agreement(train.samples)
    assert of_train > 0.2
    assert agreement(train.samples.assign(ancestry=None)) == pytest.approx(of_train, abs=0.07)
    assert abs(agreement(train.samples[~south])) < 0.1


def test_fit__without_labels_and_with_a_variant_that_never_varies():
    train, _ = chained_people(500, kind="binary")
    train.counts[:, 3] = 0
    counts = drawn(fitted(train, [], max_iterations=3), train.samples)
    assert counts[:, 3].mean() < 0.02
    assert set(np.unique(counts)) == {0, 1, 2}


def test_sample__does_not_depend_on_the_batch():
    train, labels = chained_people(1000, kind="quantitative")
    model = fitted(train, labels, max_iterations=2)
    everybody = drawn(model, train.samples)
    for size in (1, 7, 640):
        people = train.samples.iloc[200 : 200 + size]
        some = model.sample(people, person_ids=np.arange(200, 200 + size), seed=5)
        assert np.array_equal(everybody[200 : 200 + size], some)


def test_model_folder__gives_the_same_people(tmp_path):
    train, labels = chained_people(500, kind="quantitative")
    model = fitted(train, labels, max_iterations=2)
    save_clusters(model, tmp_path / "model", variants=train.variants)
    loaded = load_clusters(tmp_path / "model", variants=train.variants)
    assert np.array_equal(drawn(model, train.samples), drawn(loaded, train.samples))
