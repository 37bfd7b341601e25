import numpy as np
import pandas as pd
import pytest

from genosynth.selection.clumping import clump, squared_correlation
from tests.filesets import linked_counts, make_genotypes, plink2, write_fileset

N_SAMPLES, N_VARIANTS = 120, 150


@pytest.fixture
def counts():
    return linked_counts(N_SAMPLES, N_VARIANTS, seed=4, missing=0.03, change=0.05)


@pytest.fixture
def variants():
    """Two chromosomes; gaps of 1 to 60 kb."""
    rng = np.random.default_rng(5)
    return pd.DataFrame(
        {
            "chromosome": np.repeat([1, 2], N_VARIANTS // 2),
            "position_bp": np.cumsum(rng.integers(1000, 60_000, N_VARIANTS)),
            "p_value": rng.random(N_VARIANTS) ** 6,
        }
    )


def clumped(counts, variants, **options):
    return clump(
        counts,
        variants["chromosome"].to_numpy(),
        variants["position_bp"].to_numpy(),
        variants["p_value"].to_numpy(),
        **({"r2": 0.1, "window_kb": 250} | options),
    )


@pytest.mark.parametrize(
    ("r2", "window_kb", "highest_p"),
    [(0.1, 250, 1.0), (0.4, 250, 1.0), (0.1, 40, 1.0), (0.2, 1000, 0.01)],
)
def test_clumping__equals_plink2(counts, variants, tmp_path, r2, window_kb, highest_p):
    genotypes = make_genotypes(counts)
    for name in ("chromosome", "position_bp"):
        genotypes.variants[name] = variants[name]
    prefix = write_fileset(genotypes, tmp_path)
    gwas = variants.assign(id=genotypes.variants["id"])
    gwas.to_csv(tmp_path / "gwas.tsv", sep="\t", index=False)
    plink2(
        *("--pfile", prefix, "--clump", tmp_path / "gwas.tsv", "--clump-unphased"),
        *("--clump-id-field", "id", "--clump-p-field", "p_value", "--clump-r2", r2),
        *("--clump-kb", window_kb, "--clump-p1", highest_p, "--clump-p2", highest_p),
        *("--out", tmp_path / "out"),
    )
    index_variants = pd.read_csv(tmp_path / "out.clumps", sep="\t")["ID"]
    ours = clumped(counts, variants, r2=r2, window_kb=window_kb, highest_p=highest_p)
    assert genotypes.variants["id"][ours].tolist() == index_variants.tolist()
    assert 1 < len(ours) < N_VARIANTS


def test_clumping__is_invariant_to_position_units(counts, variants):
    scaled = variants.assign(position_bp=variants["position_bp"] * 1_000_000)
    np.testing.assert_array_equal(
        clumped(counts, variants), clumped(counts, scaled, window_kb=250 * 1_000_000)
    )


def test_clumping__is_invariant_to_sample_order(counts, variants):
    shuffled = np.random.default_rng(1).permutation(counts)
    np.testing.assert_array_equal(clumped(counts, variants), clumped(shuffled, variants))


def test_clumping__is_invariant_to_which_allele_is_counted(counts, variants):
    swapped = np.where(counts < 0, counts, 2 - counts)
    np.testing.assert_array_equal(clumped(counts, variants), clumped(swapped, variants))


def test_clumping__index_variants_are_uncorrelated_within_the_window(counts, variants):
    chosen = clumped(counts, variants)
    chromosome, position = (variants[name].to_numpy() for name in ("chromosome", "position_bp"))
    for i in chosen:
        for j in chosen:
            is_near = chromosome[i] == chromosome[j] and abs(position[i] - position[j]) <= 250_000
            assert i == j or not is_near or squared_correlation(counts[:, i], counts[:, j]) <= 0.1


def test_clumping__a_window_of_nothing_keeps_every_variant(counts, variants):
    assert len(clumped(counts, variants, window_kb=0.5)) == N_VARIANTS


def test_clumping__ties_go_to_the_first_by_position(counts, variants):
    same = counts.copy()
    same[:, 1] = same[:, 0]
    chosen = clumped(same, variants.assign(p_value=0.5), window_kb=60)
    assert 0 in chosen
    assert 1 not in chosen


def test_squared_correlation__a_constant_variant_correlates_with_nothing():
    varying = np.array([0, 1, 2, 1], np.int8)
    assert squared_correlation(varying, np.ones(4, np.int8)) == 0
    assert squared_correlation(varying, 2 - varying) == pytest.approx(1)
