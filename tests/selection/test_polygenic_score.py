"""Polygenic scores made elsewhere: the same sum as plink2's, whatever strand and order."""

import gzip
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from genosynth.errors import SelectionError
from genosynth.selection.polygenic_score import PanelScores, match_score
from genosynth.selection.summary_statistics import SummaryStatistics, read_scoring_file
from tests.filesets import linked_counts, make_genotypes, plink2, write_fileset
from tests.selection.external_gwas import (
    N_PALINDROMIC,
    N_VARIANTS,
    WEIGHTS,
    make_effects,
    make_variants,
    on_other_strand,
    swapped,
)

CATALOG = """\
###PGS CATALOG SCORING FILE
#pgs_id=PGS000000
#genome_build=GRCh37
##HARMONIZATION DETAILS
#HmPOS_build=GRCh38
rsID\tchr_name\tchr_position\teffect_allele\tother_allele\teffect_weight\tis_dominant\thm_rsID\thm_chr\thm_pos
rs1\t1\t10\tG\tA\t0.5\tFalse\trs1\t1\t20
\t2\t30\tT\tC\t-0.25\tFalse\t\t2\t40
rs3\t3\t50\tA\tC\t1.5\tTrue\trs3\t3\t60
"""


@pytest.fixture
def panel() -> pd.DataFrame:
    return make_variants().rename(columns={"alt_frequency": "train_alt_frequency"})


@pytest.fixture
def effects() -> pd.DataFrame:
    return make_effects(make_variants()).assign(p_value=np.nan, se=np.nan)


def matched(effects: pd.DataFrame, panel: pd.DataFrame, *, build: str | None = None) -> PanelScores:
    return match_score("pgs", SummaryStatistics("pgs.txt", "GRCh38", effects), panel, build=build)


def test_scoring_file__of_the_catalog_is_read_in_its_harmonised_columns(tmp_path: Path) -> None:
    path = tmp_path / "PGS000000.txt.gz"
    path.write_bytes(gzip.compress(CATALOG.encode()))
    read = read_scoring_file(str(path))
    assert read.build == "GRCh38"
    assert read.effects["beta"].tolist() == [0.5, -0.25]  # sums have no dominance
    assert read.effects["position_bp"].tolist() == [20, 40]
    assert read.effects["effect_allele"].tolist() == ["G", "T"]


def test_scoring_file__without_weights_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("rsID\teffect_allele\tdosage_1_weight\nrs1\tA\t1\n")
    with pytest.raises(SelectionError, match="no effect column"):
        read_scoring_file(str(tmp_path / "a.txt"))


@pytest.mark.skipif(not WEIGHTS.is_dir(), reason="GENOSYNTH_DATA has no score_weights")
@pytest.mark.parametrize(
    ("name", "n"), [("PGS000001_hmPOS_GRCh38", 77), ("PGS000002", 77), ("PGS001229*", 51_209)]
)
def test_scoring_file__of_the_real_catalog(name: str, n: int) -> None:
    effects = read_scoring_file(str(next(WEIGHTS.glob(f"{name}.txt.gz")))).effects
    assert len(effects) == n
    assert np.isfinite(effects["beta"]).all()


@pytest.mark.parametrize("change", [swapped, on_other_strand])
def test_match__is_invariant_to(change, effects, panel) -> None:
    rows = pd.Series(np.random.default_rng(3).random(N_VARIANTS) < 0.5)
    expected, found = matched(effects, panel), matched(change(effects, rows), panel)
    pd.testing.assert_frame_equal(found.weights, expected.weights)
    np.testing.assert_array_equal(expected.weights["weight"], effects["beta"])
    counted = found.matching.set_index("what")["n"]
    assert counted["variants"] == counted["in_panel"] == N_VARIANTS
    assert counted[["flipped", "other_strand"]].sum() > 0


def test_match__leaves_out_what_cannot_be_told(effects, panel) -> None:
    effects["effect_frequency"] = np.nan  # strands of A/T and C/G are then unknown
    found = matched(effects, panel.iloc[::2])
    assert len(found.weights) == (N_VARIANTS - N_PALINDROMIC) // 2
    assert set(found.weights["id"]) <= set(panel["id"].iloc[::2])


def test_match__refuses_strangers_and_other_builds(effects, panel) -> None:
    with pytest.raises(SelectionError, match=r"pgs\.txt: none of its 300 variants is one of"):
        matched(effects.assign(id="elsewhere", position_bp=1), panel)
    with pytest.raises(SelectionError, match=r"pgs\.txt: on build GRCh38"):
        matched(effects, panel, build="GRCh37")


def test_match__sums_as_plink2_does(effects, panel, tmp_path: Path) -> None:
    variants = panel.rename(columns={"train_alt_frequency": "alt_frequency"})
    people = make_genotypes(linked_counts(50, N_VARIANTS, seed=1))
    keys = ["chromosome", "position_bp", "id", "ref", "alt"]
    people = type(people)(people.counts, people.samples, variants[keys])
    file = swapped(effects, pd.Series(np.arange(N_VARIANTS) % 3 == 0))
    columns = ["id", "effect_allele", "beta"]
    file[columns].to_csv(tmp_path / "score.tsv", sep="\t", index=False)
    plink2(
        *("--pfile", write_fileset(people, tmp_path), "--out", tmp_path / "sums"),
        *("--score", tmp_path / "score.tsv", "header", "no-mean-imputation", "cols=scoresums"),
    )
    expected = pd.read_csv(tmp_path / "sums.sscore", sep="\t").iloc[:, -1]
    weights = matched(file, panel).weights.set_index("id")["weight"].reindex(panel["id"])
    sums = people.counts @ weights.to_numpy()
    # a weight of the other allele is one of ALT but for a constant
    assert sums - sums.mean() == pytest.approx(expected - expected.mean(), abs=1e-4)
