"""Variant tables of plink2, read as they were written."""

from pathlib import Path

import pandas as pd
import pytest

from genosynth.data.variants import read_variants, with_alt_frequencies
from genosynth.errors import ArtifactMismatch, CohortError

PVAR = """##chrSet=<ID=1,autosomePairCt=19,X,Y,XY,M,PAR1,PAR2>
##INFO=<ID=PR,Number=0,Type=Flag,Description="#">
#CHROM\tPOS\tID\tREF\tALT\tCM
1\t0\tNA\tA\tG\t0
chr19\t7000000000\trs1\tNA\tT\t1
"""


@pytest.fixture
def pvar(tmp_path: Path) -> Path:
    path = tmp_path / "qc.pvar"
    path.write_text(PVAR)
    return path


def test_variants__columns_and_types(pvar: Path) -> None:
    variants = read_variants(pvar)
    assert variants.to_dict("list") == {
        "chromosome": [1, 19],
        "position_bp": [0, 7_000_000_000],
        "id": ["NA", "rs1"],  # legal, not missing
        "ref": ["A", "NA"],
        "alt": ["G", "T"],
    }


def test_variants__refuse_other_chromosomes_and_files(pvar: Path) -> None:
    pvar.write_text(PVAR.replace("chr19", "X"))
    with pytest.raises(CohortError, match=r"qc\.pvar: chromosome X is not an autosome"):
        read_variants(pvar)
    pvar.write_text(PVAR.replace("#CHROM\tPOS", "CHR\tBP"))
    with pytest.raises(CohortError, match=r"no column #CHROM, POS"):
        read_variants(pvar)


def test_frequencies__belong_to_these_variants(pvar: Path, tmp_path: Path) -> None:
    variants = read_variants(pvar)
    table = pd.DataFrame({"#CHROM": ["1", "19"], "ID": ["NA", "rs1"], "REF": ["A", "NA"]})
    table = table.assign(ALT=["G", "T"], ALT_FREQS=["nan", "0.25"], OBS_CT=[0, 8])
    table.to_csv(tmp_path / "train.afreq", sep="\t", index=False)
    frequencies = with_alt_frequencies(variants, tmp_path / "train.afreq")["alt_frequency"]
    assert frequencies.isna().tolist() == [True, False]
    assert frequencies[1] == 0.25
    with pytest.raises(ArtifactMismatch, match="2 variants that are not the cohort's 2"):
        with_alt_frequencies(variants[::-1], tmp_path / "train.afreq")
