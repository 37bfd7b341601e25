"""Unknown labels: drawn as training people have them, given what is known."""

import numpy as np
import pandas as pd
import pytest

from genosynth.data.labels import Label, encode_labels
from genosynth.sampling.unknown import complete_labels

DISEASE = Label("disease", "trait", "binary", levels=("0", "1"))
ANCESTRY = Label("ancestry", "condition", "categorical", levels=("east", "west"))
SEX = Label("sex", "condition", "categorical", levels=("1", "2"))
WEIGHT = Label("weight", "condition", "quantitative", mean=70.0, sd=10.0, quantiles=(65.0, 75.0))
LABELS = [DISEASE, ANCESTRY, SEX, WEIGHT]


@pytest.fixture
def train() -> pd.DataFrame:
    """West is ill and heavy more often; sex is read from a file as a number."""
    rng = np.random.default_rng(1)
    is_west = rng.random(4000) < 0.3
    return pd.DataFrame(
        {
            "disease": (rng.random(4000) < np.where(is_west, 0.6, 0.2)).astype(float),
            "ancestry": np.where(is_west, "west", "east"),
            "sex": rng.choice([1, 2], 4000),
            "weight": 70 + 10 * rng.standard_normal(4000) + 5 * is_west,
        }
    )


def table(n: int = 3000, **known: object) -> pd.DataFrame:
    return pd.DataFrame({label.name: known.get(label.name, np.nan) for label in LABELS}, range(n))


def completed(asked: pd.DataFrame, train: pd.DataFrame) -> pd.DataFrame:
    return complete_labels(asked, train, LABELS, seed=3)


def test_unknown__everything_becomes_the_joint_distribution_of_train(train):
    drawn = completed(table(), train)
    assert abs((drawn["ancestry"] == "west").mean() - 0.3) < 0.04
    by_ancestry = drawn.groupby("ancestry")["disease"].mean()
    assert abs(by_ancestry["west"] - 0.6) < 0.06
    assert abs(by_ancestry["east"] - 0.2) < 0.04
    assert (encode_labels(drawn, LABELS)[:, [0, 2, 4]].sum() > 0).all()
    assert not drawn.isna().any(axis=None)


def test_unknown__ancestry_is_drawn_given_the_disease(train):
    drawn = completed(table(disease=1.0), train)
    expected = (train.loc[train["disease"] == 1, "ancestry"] == "west").mean()
    assert abs((drawn["ancestry"] == "west").mean() - expected) < 0.04  # not the .3 of everybody


def test_known__labels_stay_as_they_are(train):
    asked = table(200, sex="2", weight=71.5)
    drawn = completed(asked, train)
    assert set(drawn["sex"]) == {"2"}
    assert set(drawn["weight"]) == {71.5}
    whole = train.iloc[:50].assign(sex=train["sex"].astype(str))
    pd.testing.assert_frame_equal(completed(whole, train), whole)


def test_unknown__a_person_does_not_depend_on_the_others(train):
    asked = table(100)
    alone = completed(asked, train)
    asked.loc[50:, "disease"] = 1.0
    pd.testing.assert_frame_equal(completed(asked, train).iloc[:50], alone.iloc[:50])


def test_unknown__a_pattern_that_nobody_shares_is_met_as_far_as_it_can_be(train):
    only_east = train[(train["disease"] == 0) | (train["ancestry"] == "east")]
    drawn = completed(table(200, disease=1.0, ancestry="west"), only_east)
    assert set(drawn["ancestry"]) == {"west"}
    assert drawn["weight"].notna().all()


def test_unknown__stays_unknown_where_no_training_person_is_wholly_known(train):
    asked = table(20)
    nobody = train.assign(ancestry=np.nan)
    assert completed(asked, nobody).isna().all(axis=None)
