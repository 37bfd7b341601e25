"""Frequencies given labels: closed forms, effects of both kinds of trait, and the model folder."""

import numpy as np
import pandas as pd
import pytest

from genosynth.errors import ArtifactMismatch
from genosynth.models.frequencies import ANY
from genosynth.models.independent import IndependentModel, load_independent, save_independent
from genosynth.settings.independent import IndependentSettings
from genosynth.training.frequencies import fit_frequencies
from genosynth.training.independent import fit_independent
from tests.models.chained_people import chained_people, dosages, effect_slope


def drawn(model: IndependentModel, people: pd.DataFrame, seed: int = 5) -> np.ndarray:
    return model.sample(people, person_ids=np.arange(len(people)), seed=seed)


def genotype_frequencies(counts: np.ndarray) -> np.ndarray:
    called = (counts >= 0).sum(axis=0)
    return np.stack([(counts == copies).sum(axis=0) / called for copies in range(3)])


@pytest.mark.parametrize("missing", [0.01, 0.3])
@pytest.mark.parametrize("kind", ["binary", "quantitative"])
def test_sample__has_the_genotype_frequencies_of_the_group(kind, missing):
    train, labels = chained_people(6000, kind=kind, missing=missing)
    counts = drawn(fit_independent(train, labels, settings=IndependentSettings()), train.samples)
    for level in ("north", "south"):
        rows = (train.samples["ancestry"] == level).to_numpy()
        difference = genotype_frequencies(counts[rows]) - genotype_frequencies(train.counts[rows])
        # Every error of a proportion is below 4.5 standard errors of √(p(1 − p)/n) ≤ 0.5/√n.
        assert abs(difference).max() < 4.5 * 0.5 / np.sqrt(rows.sum())


def test_sample__keeps_a_departure_from_hardy_weinberg():
    train, labels = chained_people(6000, kind="binary", missing=0)
    inbred = np.random.default_rng(1).random(train.counts.shape) < 0.5
    train.counts[inbred & (train.counts == 1)] = 2
    counts = drawn(fit_independent(train, labels, settings=IndependentSettings()), train.samples)
    heterozygous, real = (counts == 1).mean(axis=0), (train.counts == 1).mean(axis=0)
    assert heterozygous @ real / (real @ real) == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize("kind", ["binary", "quantitative"])
def test_sample__keeps_the_effects_of_the_trait(kind):
    train, labels = chained_people(8000, kind=kind)
    model = fit_independent(train, labels, settings=IndependentSettings())
    trait = train.samples["trait"].to_numpy()
    slopes = [effect_slope(drawn(model, train.samples, s), train.counts, trait) for s in range(4)]
    assert np.mean(slopes) == pytest.approx(1, abs=0.03)


def test_sample__has_no_linkage():
    train, labels = chained_people(6000, kind="binary")
    counts = drawn(fit_independent(train, labels, settings=IndependentSettings()), train.samples)
    north = (train.samples["ancestry"] == "north").to_numpy()
    correlation = np.corrcoef(dosages(counts[north]).T)
    assert abs(correlation[np.triu_indices(80, 1)]).max() < 5 / np.sqrt(north.sum())


def test_fit__a_rare_group_borrows_from_the_class_of_its_trait():
    train, labels = chained_people(4000, kind="binary", effect=0.4, missing=0)
    train.samples["ancestry"] = np.where(np.arange(4000) < 4, "south", "north")
    trait = train.samples["trait"].to_numpy()
    model = fit_frequencies(train, labels, pseudocount=1)
    rare = pd.DataFrame({"trait": [0.0, 1.0], "ancestry": "south"})
    expected = model.expected_dosages()[model.group_of(rare)]
    of_class = np.stack([train.counts[trait == level].mean(axis=0) for level in (0, 1)])
    assert abs(expected - of_class).max() < 0.1
    assert np.corrcoef(expected[1] - expected[0], of_class[1] - of_class[0])[0, 1] > 0.95


def test_groups__unseen_and_unknown_labels_have_a_place():
    train, labels = chained_people(1000, kind="binary")
    train.samples["trait"] = train.samples["trait"].where(train.samples["ancestry"] != "south", 0)
    model = fit_frequencies(train, labels, pseudocount=1)
    people = pd.DataFrame({"trait": [1.0, 0.0, np.nan], "ancestry": ["south", None, "north"]})
    groups = [model.groups[row].tolist() for row in model.group_of(people)]
    assert groups == [[1, ANY], [0, -1], [ANY, ANY]]


def test_fit__without_labels_gives_the_frequencies_of_everybody():
    train, _ = chained_people(3000, kind="binary")
    model = fit_independent(train, [], settings=IndependentSettings())
    counts = drawn(model, train.samples)
    difference = genotype_frequencies(counts) - genotype_frequencies(train.counts)
    assert abs(difference).max() < 4.5 * 0.5 / np.sqrt(3000)


def test_fit__no_genotype_is_impossible():
    train, labels = chained_people(500, kind="quantitative", missing=0)
    train.counts[:, 0] = 0
    assert np.isfinite(fit_frequencies(train, labels, pseudocount=1).thresholds).all()


@pytest.mark.parametrize("common", [0, 2])
def test_fit__thresholds_of_the_rarest_genotypes_are_numbers(common):
    train, _ = chained_people(20_000, kind="binary", missing=0)
    train.counts[:, 0] = common
    train.counts[0, 0] = 1
    thresholds = fit_frequencies(train, [], pseudocount=1).thresholds[0, :, 0]
    assert np.isfinite(thresholds).all()
    # of a mirrored variant mirrored
    train.counts[:, 0] = 2 - train.counts[:, 0]
    mirrored = fit_frequencies(train, [], pseudocount=1).thresholds[0, :, 0]
    np.testing.assert_allclose(mirrored, -thresholds[::-1], rtol=1e-6)


def test_sample__does_not_depend_on_the_batch():
    train, labels = chained_people(1000, kind="quantitative")
    model = fit_independent(train, labels, settings=IndependentSettings())
    everybody = drawn(model, train.samples)
    some = model.sample(train.samples.iloc[200:237], person_ids=np.arange(200, 237), seed=5)
    assert np.array_equal(everybody[200:237], some)
    assert not np.array_equal(everybody, drawn(model, train.samples, seed=6))


def test_model_folder__gives_the_same_people(tmp_path):
    train, labels = chained_people(500, kind="quantitative")
    model = fit_independent(train, labels, settings=IndependentSettings())
    save_independent(model, tmp_path / "model", variants=train.variants)
    loaded = load_independent(tmp_path / "model", variants=train.variants)
    assert np.array_equal(drawn(model, train.samples), drawn(loaded, train.samples))


def test_model_folder__refuses_another_panel(tmp_path):
    train, labels = chained_people(500, kind="binary")
    model = fit_independent(train, labels, settings=IndependentSettings())
    save_independent(model, tmp_path / "model", variants=train.variants)
    swapped = train.variants.assign(alt="T")
    with pytest.raises(ArtifactMismatch, match="snakemake -R fit_independent"):
        load_independent(tmp_path / "model", variants=swapped)
