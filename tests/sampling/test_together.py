"""Who is drawn with whom."""

import numpy as np
import pandas as pd

from genosynth.data.labels import Label
from genosynth.sampling import together
from genosynth.sampling.together import drawn_together

LABELS = [
    Label("ancestry", "condition", "categorical", levels=("east", "west")),
    Label("disease", "trait", "binary", levels=("0", "1")),
]
N = 1000


def table() -> pd.DataFrame:
    rng = np.random.default_rng(1)
    ancestry = rng.choice(["east", "west", None], N)
    return pd.DataFrame({"ancestry": ancestry, "disease": rng.integers(0, 2, N).astype(float)})


def test_drawn_together__everybody_once_in_parts_of_bounded_size(monkeypatch):
    parts = drawn_together(table(), LABELS, n_variants=10, seed=1)
    assert len(parts) == 1
    monkeypatch.setattr(together, "MOST_PEOPLE", 300)
    parts = drawn_together(table(), LABELS, n_variants=10, seed=1)
    assert [len(part) for part in parts] == [300, 300, 300, 100]
    assert np.array_equal(np.sort(np.concatenate(parts)), np.arange(N))
    wide = drawn_together(table(), LABELS, n_variants=10**6, seed=1)
    assert {len(part) for part in wide[:-1]} == {together.LEAST_PEOPLE}


def test_drawn_together__people_alike_follow_one_another_the_trait_first():
    people = table()
    (order,) = drawn_together(people, LABELS, n_variants=10, seed=1)
    ordered = people.iloc[order]
    assert ordered["disease"].is_monotonic_increasing
    for _, of_class in ordered.groupby("disease"):
        ancestry = of_class["ancestry"].fillna("")  # unknown ones first
        assert ancestry.is_monotonic_increasing


def test_drawn_together__people_alike_are_in_random_order():
    people = pd.DataFrame({"ancestry": ["east"] * N, "disease": [1.0] * N})
    (one,) = drawn_together(people, LABELS, n_variants=10, seed=1)
    (two,) = drawn_together(people, LABELS, n_variants=10, seed=2)
    assert abs(np.corrcoef(one, np.arange(N))[0, 1]) < 0.15
    assert not np.array_equal(one, two)


def test_drawn_together__orders_by_the_value_of_a_quantitative_trait():
    height = np.random.default_rng(2).normal(size=N)
    label = Label("height", "trait", "quantitative")
    (order,) = drawn_together(pd.DataFrame({"height": height}), [label], n_variants=10, seed=1)
    assert np.array_equal(order, np.argsort(height))


def test_drawn_together__without_labels_at_random():
    (order,) = drawn_together(pd.DataFrame(index=range(N)), [], n_variants=10, seed=1)
    assert np.array_equal(np.sort(order), np.arange(N))
    assert not np.array_equal(order, np.arange(N))
