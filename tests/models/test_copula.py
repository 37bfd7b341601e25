"""The Gaussian copula: linkage, boundaries, structure, effects, and the model folder."""

import numpy as np
import pandas as pd
import pytest

from genosynth.models.copula import CopulaModel, load_copula, save_copula
from genosynth.settings.copula import CopulaSettings
from genosynth.training.copula import fit_copula
from tests.models.chained_people import N_VARIANTS, chained_people, dosages, effect_slope

SAME = np.triu(np.kron(np.eye(2), np.ones((N_VARIANTS, N_VARIANTS))), 1).astype(bool)
ACROSS = np.triu(~np.kron(np.eye(2), np.ones((N_VARIANTS, N_VARIANTS))).astype(bool), 1)


def fitted(train, labels, **settings) -> CopulaModel:
    return fit_copula(train, labels, settings=CopulaSettings(**settings), seed=1)


def drawn(model: CopulaModel, people: pd.DataFrame, seed: int = 5) -> np.ndarray:
    return model.sample(people, person_ids=np.arange(len(people)), seed=seed)


def correlations(counts: np.ndarray) -> np.ndarray:
    return np.corrcoef(dosages(counts).T)


@pytest.mark.parametrize("kind", ["binary", "quantitative"])
def test_sample__recovers_linkage_within_chromosomes(kind):
    train, labels = chained_people(8000, kind=kind)
    counts = drawn(fitted(train, labels), train.samples)
    real, synthetic = correlations(train.counts), correlations(counts)
    assert np.corrcoef(real[SAME], synthetic[SAME])[0, 1] > 0.99
    assert synthetic[SAME] @ real[SAME] / (real[SAME] @ real[SAME]) == pytest.approx(1, abs=0.03)


def test_sample__keeps_genotype_frequencies():
    train, labels = chained_people(8000, kind="binary")
    counts = drawn(fitted(train, labels), train.samples)
    for copies in range(3):
        real = (train.counts == copies).sum(axis=0) / (train.counts >= 0).sum(axis=0)
        assert abs((counts == copies).mean(axis=0) - real).max() < 4.5 * 0.5 / np.sqrt(8000)


def test_sample__chromosomes_are_independent_given_the_labels():
    train, labels = chained_people(8000, kind="binary", effect=0)
    counts = drawn(fitted(train, labels), train.samples)
    north = (train.samples["ancestry"] == "north").to_numpy()
    across = correlations(counts[north])[ACROSS]
    assert np.sqrt((across**2).mean()) == pytest.approx(1 / np.sqrt(north.sum()), rel=0.1)


def test_sample__structure_that_no_label_tells_spans_chromosomes():
    train, labels = chained_people(8000, kind="binary", effect=0)
    model = fitted(train, labels[:1])
    real, synthetic = correlations(train.counts), correlations(drawn(model, train.samples))
    assert 1 <= len(model.loadings) <= 3
    assert (
        np.corrcoef(real[ACROSS], synthetic[ACROSS])[0, 1] > 0.7
    )  # 1 but for the sampling error of both
    assert len(fitted(train, labels[:1], max_factors=0).loadings) == 0


@pytest.mark.parametrize("kind", ["binary", "quantitative"])
def test_sample__keeps_the_effects_of_the_trait(kind):
    train, labels = chained_people(8000, kind=kind)
    model = fitted(train, labels)
    trait = train.samples["trait"].to_numpy()
    slopes = [effect_slope(drawn(model, train.samples, s), train.counts, trait) for s in range(4)]
    assert np.mean(slopes) == pytest.approx(1, abs=0.05)


def test_noise__has_unit_variance():
    train, labels = chained_people(3000, kind="quantitative")
    model = fitted(train, labels[:1])
    of_linkage = np.concatenate([(root**2).sum(axis=1) for root in model.roots])
    np.testing.assert_allclose(of_linkage + (model.loadings**2).sum(axis=0), 1)


def test_fit__one_chromosome_and_duplicated_variants():
    train, labels = chained_people(3000, kind="binary", missing=0)
    train.variants["chromosome"] = 1
    train.counts[:, 1] = train.counts[:, 0]
    model = fitted(train, labels)
    counts = drawn(model, train.samples)
    assert len(model.roots) == 1
    assert correlations(counts)[0, 1] > 0.95


def test_fit__a_long_chromosome_in_blocks_loses_what_crosses_them_only(monkeypatch):
    train, labels = chained_people(3000, kind="binary", missing=0)
    train.variants["chromosome"] = 1
    whole = fitted(train, labels)
    n_variants = len(train.variants)
    monkeypatch.setattr("genosynth.training.linkage.MOST_LINKED", n_variants // 2)
    blocks = fitted(train, labels)
    assert len(blocks.roots) > 1
    assert sum(map(len, blocks.roots)) == n_variants
    first = slice(0, len(blocks.roots[0]))
    (of_whole,) = whole.roots
    np.testing.assert_allclose(
        blocks.roots[0] @ blocks.roots[0].T, (of_whole @ of_whole.T)[first, first], atol=0.02
    )


def test_sample__does_not_depend_on_the_batch():
    train, labels = chained_people(2000, kind="quantitative")
    model = fitted(train, labels)
    everybody = drawn(model, train.samples)
    for size in (1, 7, 640):
        people = train.samples.iloc[200 : 200 + size]
        some = model.sample(people, person_ids=np.arange(200, 200 + size), seed=5)
        assert np.array_equal(everybody[200 : 200 + size], some)


def test_model_folder__gives_the_same_people(tmp_path):
    train, labels = chained_people(1000, kind="quantitative")
    model = fitted(train, labels[:1])
    save_copula(model, tmp_path / "model", variants=train.variants)
    loaded = load_copula(tmp_path / "model", variants=train.variants)
    assert np.array_equal(drawn(model, train.samples), drawn(loaded, train.samples))
