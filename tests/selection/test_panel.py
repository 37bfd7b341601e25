import numpy as np
import pandas as pd
import pytest

from genosynth.errors import SelectionError
from genosynth.selection.panel import (
    PANEL_COLUMNS,
    evenly_thinned,
    read_candidates,
    read_panel,
    select_panel,
)
from genosynth.settings.selection import SelectionSettings

N_VARIANTS = 50


@pytest.fixture
def variants() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "chromosome": np.repeat([1, 2], N_VARIANTS // 2),
            "position_bp": 100 * (1 + np.arange(N_VARIANTS) % 25),
            "id": [f"rs{i}" for i in range(N_VARIANTS)],
            "ref": "A",
            "alt": "G",
            "alt_frequency": np.linspace(0.05, 0.95, N_VARIANTS),
        }
    )


@pytest.fixture
def gwas(variants) -> pd.DataFrame:
    """Effects of all but the last five variants, in another order."""
    rng = np.random.default_rng(1)
    effects = {name: rng.random(N_VARIANTS) for name in ("beta", "se", "p_value")}
    return variants.assign(**effects).head(N_VARIANTS - 5).sample(frac=1, random_state=2)


def select(variants, gwas, candidates=None, /, **settings) -> pd.DataFrame:
    return select_panel(
        variants, gwas, candidates, settings=SelectionSettings.model_validate(settings)
    )


def test_panel__takes_the_strongest_clumps_in_genomic_order(variants, gwas):
    clumps = gwas["id"].head(20).tolist()
    panel = select(variants, gwas, clumps, method="gwas", size=8)
    strongest = gwas[gwas["id"].isin(clumps)].nsmallest(8, "p_value")
    assert set(panel["id"]) == set(strongest["id"])
    assert panel["id"].tolist() == sorted(panel["id"], key=lambda name: int(name[2:]))
    assert panel.columns.tolist() == PANEL_COLUMNS


def test_panel__carries_effects_and_training_frequencies(variants, gwas):
    panel = select(variants, gwas, method="all", size=None)
    assert panel["train_alt_frequency"].tolist() == variants["alt_frequency"].tolist()
    effects = gwas.set_index("id").reindex(panel["id"])
    np.testing.assert_array_equal(panel[["beta", "p_value"]], effects[["beta", "p_value"]])
    assert panel["beta"].isna().sum() == 5


def test_panel__never_takes_an_effect_of_other_alleles(variants, gwas):
    swapped = gwas.rename(columns={"ref": "alt", "alt": "ref"})
    assert select(variants, swapped, method="all", size=None)["beta"].isna().all()


def test_panel__has_no_effects_without_a_gwas(variants):
    panel = select(variants, None, method="all", size=None)
    assert panel[["beta", "se", "p_value"]].isna().all(axis=None)
    assert len(panel) == N_VARIANTS


def test_panel__ties_are_broken_by_the_larger_z(variants, gwas):
    tied = gwas.assign(p_value=1e-300, se=1.0, beta=np.arange(len(gwas)) - 40.0)
    panel = select(variants, tied, gwas["id"].tolist(), method="gwas", size=2)
    assert set(panel["id"]) == set(tied.nsmallest(2, "beta")["id"])


def test_panel__region_includes_both_ends(variants):
    panel = select(variants, None, method="region", region="2:300-500", size=None)
    assert panel["id"].tolist() == ["rs27", "rs28", "rs29"]
    assert (panel["chromosome"] == 2).all()


def test_panel__an_empty_region_is_an_error(variants):
    with pytest.raises(SelectionError, match=r"no variant.*3:1-2"):
        select(variants, None, method="region", region="3:1-2")


def test_panel__a_list_counts_absent_ids(variants, caplog):
    with caplog.at_level("WARNING"):
        panel = select(
            variants, None, ["rs4", "rs2", "unknown", "rs4"], method="list", variants="my.txt"
        )
    assert panel["id"].tolist() == ["rs2", "rs4"]
    assert "my.txt): 1 of 3 variants are not in the cohort" in caplog.text


@pytest.mark.parametrize("ids", [["unknown", "strange"], []])
def test_panel__a_list_of_strangers_is_an_error(variants, ids):
    with pytest.raises(SelectionError, match=rf"my.txt\): none of its {len(ids)} variants"):
        select(variants, None, ids, method="list", variants="my.txt")


def test_panel__other_methods_are_thinned_evenly(variants, gwas):
    panel = select(variants, gwas, method="all", size=10)
    steps = np.diff([int(name[2:]) for name in panel["id"]])
    assert len(panel) == 10
    assert set(steps) <= {5, 6}


@pytest.mark.parametrize("size", [1, 2, 49, 50, 51])
def test_evenly_thinned__has_the_size_asked_for_without_repeats(variants, size):
    thinned = evenly_thinned(variants, size=size)
    assert len(thinned) == min(size, N_VARIANTS)
    assert thinned["id"].is_unique


def test_read_candidates__reads_clumps_and_plain_lists(tmp_path):
    (tmp_path / "clumps.tsv").write_text("#CHROM\tPOS\tID\tP\n1\t5\trs7\t0.1\n2\t6\trs8\t0.2\n")
    (tmp_path / "list.txt").write_text("rs7\n\nrs8 a note\n")
    assert read_candidates([tmp_path / "clumps.tsv"]) == ["rs7", "rs8"]
    assert read_candidates([tmp_path / "list.txt"]) == ["rs7", "rs8"]
    assert read_candidates([]) is None


def test_read_candidates__joins_filesets_of_which_one_has_none(tmp_path):
    (tmp_path / "1.tsv").write_text("#CHROM\tPOS\tID\tP\n1\t5\trs7\t0.1\n")
    (tmp_path / "2.tsv").touch()
    (tmp_path / "3.tsv").write_text("#CHROM\tPOS\tID\tP\n3\t6\trs8\t0.2\n")
    assert read_candidates([tmp_path / f"{i}.tsv" for i in (1, 2, 3)]) == ["rs7", "rs8"]


def test_panel__without_a_clump_names_the_setting(variants, gwas):
    with pytest.raises(SelectionError, match=r"up to selection.p_value = 1e-08"):
        select(variants, gwas, [], method="gwas", p_value=1e-8)


def test_read_panel__keeps_ids_that_look_like_numbers(variants, tmp_path):
    panel = select(variants.assign(id=variants["id"].str[2:]), None, method="all", size=None)
    panel.to_csv(tmp_path / "panel.tsv", sep="\t", index=False, na_rep="NA")
    pd.testing.assert_frame_equal(read_panel(tmp_path / "panel.tsv"), panel)
