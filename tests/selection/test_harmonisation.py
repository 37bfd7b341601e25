"""Alleles of an external GWAS: aligned whatever strand and order, strangers refused."""

import numpy as np
import pandas as pd
import pytest

from genosynth.errors import SelectionError
from tests.selection.external_gwas import (
    N_PALINDROMIC,
    N_VARIANTS,
    counts,
    harmonised,
    make_effects,
    make_variants,
    on_other_strand,
    swapped,
)


@pytest.fixture
def variants() -> pd.DataFrame:
    return make_variants()


@pytest.fixture
def effects(variants: pd.DataFrame) -> pd.DataFrame:
    return make_effects(variants)


def test_harmonise__identity(effects, variants) -> None:
    result = harmonised(effects, variants)
    pd.testing.assert_frame_equal(
        result.gwas[["chromosome", "position_bp", "id", "ref", "alt"]],
        variants.drop(columns="alt_frequency"),
    )
    for column in ("beta", "se", "p_value", "n"):
        np.testing.assert_array_equal(result.gwas[column].to_numpy(float), effects[column])
    np.testing.assert_allclose(result.gwas["alt_frequency"], effects["effect_frequency"])
    assert counts(result)["matched"] == N_VARIANTS
    assert counts(result)["palindromic_by_frequency"] == N_PALINDROMIC


@pytest.mark.parametrize("has_frequency", [True, False])
@pytest.mark.parametrize("change", [swapped, on_other_strand])
def test_harmonise__is_invariant_to(change, has_frequency, effects, variants) -> None:
    rng = np.random.default_rng(3)
    rows = pd.Series(rng.random(N_VARIANTS) < 0.5)
    if not has_frequency:
        effects["effect_frequency"] = np.nan
    expected, result = harmonised(effects, variants), harmonised(change(effects, rows), variants)
    pd.testing.assert_frame_equal(result.gwas, expected.gwas)
    assert len(result.gwas) == N_VARIANTS - (0 if has_frequency else N_PALINDROMIC)
    both = change(swapped(effects, rows), pd.Series(rng.random(N_VARIANTS) < 0.5))
    pd.testing.assert_frame_equal(harmonised(both, variants).gwas, expected.gwas)


def test_harmonise__is_invariant_to_row_order_and_case(effects, variants) -> None:
    expected = harmonised(effects, variants)
    shuffled = effects.sample(frac=1, random_state=1).reset_index(drop=True)
    result = harmonised(shuffled, variants)
    pd.testing.assert_frame_equal(result.gwas, expected.gwas)
    pd.testing.assert_frame_equal(result.matching, expected.matching)


def test_harmonise__by_position_where_ids_differ(effects, variants) -> None:
    expected = harmonised(effects, variants).gwas
    effects["id"] = effects["id"].where(np.arange(N_VARIANTS) % 2 == 0, "other" + effects["id"])
    effects.loc[effects.index % 2 == 0, ["chromosome", "position_bp"]] = -1
    result = harmonised(effects, variants)
    pd.testing.assert_frame_equal(result.gwas, expected)
    assert counts(result)["matched_by_id"] == counts(result)["matched_by_position"] == 150


def test_harmonise__counts_every_row_once(effects, variants) -> None:
    effects.loc[0, "beta"] = np.nan
    effects.loc[1, "se"] = 0
    effects.loc[2, ["id", "position_bp"]] = ["rs_elsewhere", 1]
    effects.loc[6, "effect_allele"] = "C"  # A/G in the cohort
    effects.loc[3, "effect_frequency"] = 0.45  # A/T
    twice = effects.loc[[12]].assign(beta=9.0, p_value=effects["p_value"][12] / 2)
    result = harmonised(pd.concat([effects, twice], ignore_index=True), variants)
    found = counts(result)
    assert found["rows"] == N_VARIANTS + 1
    assert found["dropped_no_result"] == 2
    dropped = [
        name for name in found if name.startswith("dropped_") and name != "dropped_no_result"
    ]
    assert [found[name] for name in dropped] == [1, 1, 1, 1]
    assert found["matched"] + sum(found[name] for name in dropped) + 2 == found["rows"]
    assert found["cohort_variants_without_effect"] == 5
    assert result.gwas.set_index("id")["beta"]["rs12"] == 9.0  # the smaller p-value stays


@pytest.mark.parametrize(
    ("alt_frequency", "effect_frequency", "sign"),
    [
        (0.2, 0.25, 1),
        (0.2, 0.75, -1),
        (0.8, 0.59, 1),
        (0.2, 0.57, 0),
        (0.45, 0.1, 0),
        (np.nan, 0.1, 0),
        (0.1, np.nan, 0),
    ],
)
def test_palindromic__by_frequency(
    alt_frequency, effect_frequency, sign, effects, variants
) -> None:
    variants.loc[3, "alt_frequency"] = alt_frequency
    effects.loc[3, "effect_frequency"] = effect_frequency
    result = harmonised(effects, variants)
    gwas = result.gwas.set_index("id")["beta"]
    assert counts(result)["dropped_palindromic"] == (sign == 0)
    assert gwas.get("rs3", 0) == pytest.approx(sign * effects["beta"][3])


def test_harmonise__without_other_allele(effects, variants) -> None:
    expected = harmonised(effects, variants).gwas
    rows = pd.Series(np.arange(N_VARIANTS) % 3 == 0)
    changed = swapped(on_other_strand(effects, rows), rows).assign(other_allele=pd.NA)
    pd.testing.assert_frame_equal(harmonised(changed, variants).gwas, expected)


def test_harmonise__doubts_a_swapped_allele_column(effects, variants, caplog) -> None:
    effects["effect_frequency"] = 1 - effects["effect_frequency"]
    harmonised(effects, variants)
    assert "hardly agree" in caplog.text


def test_harmonise__refuses_another_build_by_its_positions(effects, variants) -> None:
    moved = effects.assign(id=".", position_bp=effects["position_bp"] + 7)
    moved.loc[:9, "position_bp"] -= 7
    with pytest.raises(SelectionError, match=r"only 10 of its 300 rows .* 300 variants .* build"):
        harmonised(moved, variants)
    assert (
        len(harmonised(moved[:30], variants[:60]).gwas) == 10
    )  # a sixth of a small cohort will do


def test_harmonise__refuses_strangers_at_the_same_places(effects, variants) -> None:
    rng = np.random.default_rng(5)
    strange = np.array([("A", "C"), ("G", "T"), ("A", "G"), ("C", "T")])[rng.integers(0, 4, 300)]
    effects[["effect_allele", "other_allele"]] = strange
    with pytest.raises(SelectionError, match=r"alleles disagree at .* of .* variants found"):
        harmonised(effects, variants)
