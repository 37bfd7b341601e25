"""Summary statistics: every header says the same, and files that cannot serve are refused."""

import gzip
import shutil
import subprocess

import numpy as np
import pandas as pd
import pytest
from bed_reader import to_bed

from genosynth.data.variants import read_variants, with_alt_frequencies
from genosynth.errors import ArtifactMismatch, SelectionError
from genosynth.selection.harmonisation import harmonise_summary_statistics
from genosynth.selection.summary_statistics import read_summary_statistics
from tests.selection.external_gwas import (
    N_VARIANTS,
    WEIGHTS,
    harmonised,
    make_effects,
    make_variants,
    swapped,
)


@pytest.fixture
def variants() -> pd.DataFrame:
    return make_variants()


@pytest.fixture
def effects(variants: pd.DataFrame) -> pd.DataFrame:
    return make_effects(variants)


# Headers

SSF = {
    "position_bp": "base_pair_location",
    "id": "rsid",
    "se": "standard_error",
    "effect_frequency": "effect_allele_frequency",
}


def gwas_ssf(effects: pd.DataFrame) -> pd.DataFrame:
    return effects.rename(columns=SSF)


def gwas_ssf_odds_ratio(effects: pd.DataFrame) -> pd.DataFrame:
    table = effects.rename(columns=SSF)
    table["odds_ratio"] = np.exp(table.pop("beta"))
    table["neg_log_10_p_value"] = -np.log10(table.pop("p_value"))
    return table


def gwas_catalog_harmonised(effects: pd.DataFrame) -> pd.DataFrame:
    """The older format: columns of the author, swapped here, beside those of the catalogue."""
    author = swapped(effects, slice(None)).rename(columns=SSF).assign(odds_ratio=np.nan)
    wrong_place = author.assign(base_pair_location=1, rsid="x")
    return wrong_place.assign(
        hm_rsid=effects["id"],
        hm_chrom=effects["chromosome"],
        hm_pos=effects["position_bp"],
        hm_other_allele=effects["other_allele"],
        hm_effect_allele=effects["effect_allele"],
        hm_beta=np.nan,
        hm_odds_ratio=np.exp(effects["beta"]),
        hm_effect_allele_frequency=effects["effect_frequency"],
    )


def metal(effects: pd.DataFrame) -> pd.DataFrame:
    table = effects.rename(
        columns={"effect_allele": "Allele1", "other_allele": "Allele2", "beta": "Effect"}
        | {"se": "StdErr", "p_value": "P-value", "effect_frequency": "Freq1", "n": "N"}
    )
    table[["Allele1", "Allele2"]] = table[["Allele1", "Allele2"]].apply(lambda a: a.str.lower())
    place = table.pop("chromosome").astype(str) + ":" + table.pop("position_bp").astype(str)
    table["MarkerName"] = "chr" + place + ":" + table.pop("id")
    return table


def ldpred(effects: pd.DataFrame) -> pd.DataFrame:
    table = effects.rename(
        columns={"position_bp": "pos", "id": "rs", "effect_allele": "alt", "other_allele": "ref"}
        | {"beta": "effalt", "p_value": "pval", "n": "N"}
    )
    table["chr"] = "chr" + table.pop("chromosome").astype(str)
    table["reffrq"] = 1 - table.pop("effect_frequency")
    return table.drop(columns="se").assign(info=1.0)


def plink1_logistic(effects: pd.DataFrame) -> pd.DataFrame:
    table = effects.rename(
        columns={"chromosome": "CHR", "id": "SNP", "position_bp": "BP", "effect_allele": "A1"}
        | {
            "other_allele": "A2",
            "se": "SE",
            "p_value": "P",
            "n": "NMISS",
            "effect_frequency": "F_U",
        }
    )
    table["OR"] = np.exp(table.pop("beta"))
    covariate = table.assign(TEST="COV1", P=1e-300)
    return pd.concat([table.assign(TEST="ADD"), covariate]).sort_index()


def plink2_a3(effects: pd.DataFrame) -> pd.DataFrame:
    """A1 beside REF and ALT; half of the rows count REF."""
    counted = swapped(effects, slice(0, 150))
    return pd.DataFrame(
        {
            "#CHROM": effects["chromosome"],
            "POS": effects["position_bp"],
            "ID": effects["id"],
            "REF": effects["other_allele"],
            "ALT": effects["effect_allele"],
            "A1": counted["effect_allele"],
            "A1_FREQ": counted["effect_frequency"],
            "TEST": "ADD",
            "OBS_CT": effects["n"],
            "OR": np.exp(counted["beta"]),
            "LOG(OR)_SE": effects["se"],
            "LOG10_P": -np.log10(effects["p_value"]),
        }
    )


def saige(effects: pd.DataFrame) -> pd.DataFrame:
    return effects.rename(
        columns={"chromosome": "CHR", "position_bp": "POS", "id": "MarkerID", "n": "N"}
        | {"effect_allele": "Allele2", "other_allele": "Allele1", "effect_frequency": "AF_Allele2"}
        | {"beta": "BETA", "se": "SE", "p_value": "p.value"}
    )


def regenie(effects: pd.DataFrame) -> pd.DataFrame:
    table = effects.rename(
        columns={"chromosome": "CHROM", "position_bp": "GENPOS", "id": "ID", "beta": "BETA"}
        | {"effect_allele": "ALLELE1", "other_allele": "ALLELE0", "effect_frequency": "A1FREQ"}
        | {"se": "SE", "n": "N"}
    )
    table["LOG10P"] = -np.log10(table.pop("p_value"))
    return table.assign(TEST="ADD")


def own_gwas(effects: pd.DataFrame) -> pd.DataFrame:
    """gwas.tsv as the pipeline writes it."""
    return effects.rename(
        columns={"other_allele": "ref", "effect_allele": "alt", "effect_frequency": "alt_frequency"}
    )


def cases_and_controls(effects: pd.DataFrame) -> pd.DataFrame:
    return gwas_ssf(effects).drop(columns="n").assign(n_cases=400, n_controls=600)


FORMATS = [gwas_ssf, gwas_ssf_odds_ratio, gwas_catalog_harmonised, metal, ldpred, plink1_logistic]
FORMATS += [plink2_a3, saige, regenie, cases_and_controls, own_gwas]


@pytest.mark.parametrize("separator", ["\t", " ", ","])
@pytest.mark.parametrize("write", FORMATS)
def test_read__every_header_says_the_same(write, separator, effects, variants, tmp_path) -> None:
    path = tmp_path / "gwas.txt"
    write(effects).to_csv(path, sep=separator, index=False, na_rep="NA")
    statistics = read_summary_statistics(str(path))
    result = harmonise_summary_statistics(statistics, variants, build="GRCh37")
    pd.testing.assert_frame_equal(
        result.gwas, harmonised(effects, variants).gwas, rtol=1e-6, atol=1e-9
    )


def test_read__gzip_comments_and_padding(effects, variants, tmp_path) -> None:
    table = plink1_logistic(effects).to_string(index=False)  # columns padded as PLINK 1 does
    path = tmp_path / "gwas.assoc.logistic"  # gzipped without saying so
    path.write_bytes(gzip.compress(f"##made by hand\n# note=x\n{table}\n".encode()))
    statistics = read_summary_statistics(str(path))
    assert len(statistics.effects) == N_VARIANTS
    gwas = harmonise_summary_statistics(statistics, variants, build=None).gwas
    np.testing.assert_allclose(gwas["beta"], effects["beta"], atol=1e-5)


def test_read__p_values_that_underflow(effects, variants, tmp_path) -> None:
    table = gwas_ssf_odds_ratio(effects)
    table.loc[0, "neg_log_10_p_value"] = 400.0
    table.to_csv(tmp_path / "gwas.tsv", sep="\t", index=False)
    p_value = read_summary_statistics(str(tmp_path / "gwas.tsv")).effects["p_value"]
    assert 0 < p_value[0] < 1e-300


@pytest.mark.parametrize("arguments", [[], ["omit-ref"], ["log10"]])
def test_read__plink2_glm_of_today(arguments, tmp_path) -> None:
    if shutil.which("plink2") is None:
        pytest.skip("plink2 is not on PATH")
    rng = np.random.default_rng(1)
    n_people, n_variants = 200, 200
    counts = rng.binomial(2, np.tile([0.3, 0.7], 100), (n_people, n_variants)).astype("int8")
    properties = {
        "iid": [f"p{i}" for i in range(n_people)],
        "sid": [f"v{i}" for i in range(n_variants)],
        "chromosome": ["1"] * n_variants,
        "bp_position": np.arange(n_variants) + 1,
        "allele_1": ["A"] * n_variants,  # what bed-reader counts, and plink2's provisional ALT
        "allele_2": ["G"] * n_variants,
    }
    to_bed(tmp_path / "cohort.bed", counts, properties=properties)
    trait = counts[:, 0] + rng.normal(size=n_people)
    outcome = pd.DataFrame({"IID": properties["iid"], "y": trait})
    outcome.to_csv(tmp_path / "y.tsv", sep="\t", index=False)
    run = ["plink2", "--bfile", tmp_path / "cohort"]
    glm = ["--pheno", tmp_path / "y.tsv", "--glm", "allow-no-covars", *arguments]
    for steps in (["--make-pgen"], ["--freq"], glm):
        subprocess.run([*run, *steps, "--out", tmp_path / "out"], check=True, capture_output=True)
    variants = with_alt_frequencies(read_variants(tmp_path / "out.pvar"), tmp_path / "out.afreq")
    statistics = read_summary_statistics(str(tmp_path / "out.y.glm.linear"))
    gwas = harmonise_summary_statistics(statistics, variants, build=None).gwas
    slopes = [np.polyfit(counts[:, column], trait, 1)[0] for column in range(n_variants)]
    np.testing.assert_allclose(gwas["beta"], slopes, rtol=1e-4)
    np.testing.assert_allclose(gwas["alt_frequency"], variants["alt_frequency"], atol=1e-6)
    with pytest.raises(ArtifactMismatch, match="200 variants that are not the cohort's 199"):
        with_alt_frequencies(variants[1:], tmp_path / "out.afreq")


# Errors


@pytest.mark.parametrize(
    ("drop", "message"),
    [
        (["effect_allele"], "no effect-allele column .*a1, allele1, alt.; the header has chrom"),
        (["p_value"], "no p-value column .*header has chromosome, base_pair_location"),
        (["beta"], "no effect column .known names: beta"),
        (["rsid", "base_pair_location"], "no id or position column"),
    ],
)
def test_read__refuses_a_header_without(drop, message, effects, tmp_path) -> None:
    gwas_ssf(effects).drop(columns=drop).to_csv(tmp_path / "gwas.tsv", sep="\t", index=False)
    with pytest.raises(SelectionError, match=message) as caught:
        read_summary_statistics(str(tmp_path / "gwas.tsv"))
    assert "gwas.tsv" in str(caught.value)


def test_read__refuses_files_that_are_absent_empty_or_damaged(effects, tmp_path) -> None:
    path = tmp_path / "gwas.tsv.gz"
    with pytest.raises(SelectionError, match=r"cannot be read: .*No such file"):
        read_summary_statistics(str(path))
    path.write_bytes(b"")
    with pytest.raises(SelectionError, match="the header has nothing"):
        read_summary_statistics(str(path))
    text = gwas_ssf(effects).to_csv(sep="\t", index=False)
    path.write_bytes(gzip.compress(text.encode())[:-2000])
    with pytest.raises(SelectionError, match="damaged"):
        read_summary_statistics(str(path))


def test_harmonise__refuses_another_build_by_its_word(effects, variants, tmp_path) -> None:
    path = tmp_path / "gwas.tsv"
    gwas_ssf(effects).assign(genome_assembly="hg38").to_csv(path, sep="\t", index=False)
    statistics = read_summary_statistics(str(path))
    assert statistics.build == "GRCh38"
    with pytest.raises(SelectionError, match=r"on build GRCh38, but genotypes\.build is GRCh37"):
        harmonise_summary_statistics(statistics, variants, build="GRCh37")
    assert len(harmonise_summary_statistics(statistics, variants, build="GRCh38").gwas)
    path.write_text("#genome_build=GRCh37\n" + gwas_ssf(effects).to_csv(sep="\t", index=False))
    assert read_summary_statistics(str(path)).build == "GRCh37"


# Real files


@pytest.mark.skipif(not WEIGHTS.is_dir(), reason="GENOSYNTH_DATA has no score_weights")
def test_read__lead_snps_of_mr_base() -> None:
    statistics = read_summary_statistics(str(WEIGHTS / "mrbase_T2D_CAD_BC.tsv"))
    raw = pd.read_csv(WEIGHTS / "mrbase_T2D_CAD_BC.tsv", sep="\t")
    effects = statistics.effects
    assert effects["id"].tolist() == raw["SNP"].tolist()
    assert effects["effect_allele"].tolist() == raw["effect_allele.exposure"].tolist()
    np.testing.assert_array_equal(effects["beta"], raw["beta.exposure"])
    np.testing.assert_array_equal(effects["n"], raw["samplesize.exposure"])


@pytest.mark.skipif(not WEIGHTS.is_dir(), reason="GENOSYNTH_DATA has no score_weights")
def test_read__score_weights_are_no_gwas() -> None:
    for path in sorted(WEIGHTS.glob("*.txt.gz")):
        with pytest.raises(SelectionError, match=f"{path.name}: no p-value column"):
            read_summary_statistics(str(path))
