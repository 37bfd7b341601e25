"""Variant tables of plink2, read as they were written."""

from pathlib import Path

import pandas as pd
import pytest

from genosynth.data.variants import read_cohort_variants, read_variants, with_alt_frequencies
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


def write_chromosome(folder: Path, chromosome: int, names: list[str]) -> tuple[Path, Path]:
    """A .pvar and an .afreq of variants with these ids."""
    pvar, afreq = folder / f"{chromosome}.pvar", folder / f"{chromosome}.afreq"
    table = pd.DataFrame({"#CHROM": chromosome, "POS": range(len(names)), "ID": names})
    table = table.assign(REF="A", ALT="G")
    table.to_csv(pvar, sep="\t", index=False)
    table.assign(ALT_FREQS=chromosome / 10).to_csv(afreq, sep="\t", index=False)
    return pvar, afreq


def test_cohort_variants__of_chromosomes_follow_each_other(tmp_path: Path) -> None:
    parts = [write_chromosome(tmp_path, 2, ["a", "b"]), write_chromosome(tmp_path, 10, ["c"])]
    variants = read_cohort_variants(*zip(*parts, strict=True))
    assert variants["id"].tolist() == ["a", "b", "c"]
    assert variants["chromosome"].tolist() == [2, 2, 10]
    assert variants["alt_frequency"].tolist() == [0.2, 0.2, 1.0]
    assert variants.index.tolist() == [0, 1, 2]


def test_cohort_variants__an_id_on_two_chromosomes_is_an_error(tmp_path: Path) -> None:
    parts = [write_chromosome(tmp_path, 2, ["a", "b"]), write_chromosome(tmp_path, 10, ["b"])]
    with pytest.raises(CohortError, match=r"1 variant ids .*first: b, on chromosomes 2 and 10"):
        read_cohort_variants(*zip(*parts, strict=True))
