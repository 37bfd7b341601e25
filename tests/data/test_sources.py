"""Genotype files: found, named to plink2, read and refused. plink2 itself makes every format."""

import gzip
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from bed_reader import to_bed

from genosynth.data.pgen import read_counts
from genosynth.data.samples import read_sample_ids
from genosynth.data.source_checks import check_source, check_sources
from genosynth.data.sources import (
    bed_source,
    chr_set_arguments,
    find_source,
    find_sources,
    sources_from,
)
from genosynth.data.variants import read_variants
from genosynth.errors import CohortError
from genosynth.settings.genotypes import GenotypesSettings

N_SAMPLES, N_VARIANTS = 10, 25  # 10 people: the last byte of each bed row is half full
COUNTS = np.random.default_rng(1).integers(0, 3, (N_SAMPLES, N_VARIANTS)).astype("int8")
FAMILIES = [f"F{i // 2}" for i in range(N_SAMPLES)]
IDS = [f"p_{i}" for i in range(N_SAMPLES)]  # plink2 must not cut ids at _
SEXES = [1, 2] * (N_SAMPLES // 2)
EXPORTS = {  # file names whose existence marks an export, and plink2's arguments
    "bed": ["--make-bed"],
    "bed_zst": ["--make-bed", "vzs"],
    "pgen": ["--make-pgen"],
    "pgen_zst": ["--make-pgen", "vzs"],
    "vcf": ["--export", "vcf", "id-paste=iid"],
    "vcf_gz": ["--export", "vcf", "bgz", "id-paste=iid"],
    "bcf": ["--export", "bcf", "id-paste=iid"],
    "bgen": ["--export", "bgen-1.2", "bits=8", "ref-first"],
}


def plink2(*arguments: str | Path) -> None:
    subprocess.run(["plink2", *map(str, arguments)], check=True, capture_output=True)


def settings(path: str | Path, **options: object) -> GenotypesSettings:
    return GenotypesSettings(path=str(path), **options)


def whole(path: str | Path, **options: object):
    return find_sources(settings(path, **options))["all"]


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if shutil.which("plink2") is None:
        pytest.skip("plink2 is not on PATH")
    folder = tmp_path_factory.mktemp("genotypes")
    properties = {
        "fid": FAMILIES,
        "iid": IDS,
        "sex": SEXES,
        "chromosome": ["1"] * N_VARIANTS,
        "sid": [f"v{i}" for i in range(N_VARIANTS)],
        "bp_position": np.arange(1, N_VARIANTS + 1) * 1000,
        "allele_1": ["A"] * N_VARIANTS,
        "allele_2": ["C"] * N_VARIANTS,
    }
    to_bed(folder / "start.bed", COUNTS, properties=properties)  # of allele 1: ALT
    for name, arguments in EXPORTS.items():
        plink2("--bfile", folder / "start", *arguments, "--out", folder / name)
    return folder


@pytest.fixture
def files(exported: Path, tmp_path: Path) -> Path:
    """A copy that a test may damage."""
    return Path(shutil.copytree(exported, tmp_path / "genotypes"))


@pytest.mark.parametrize("name", EXPORTS)
def test_source__is_what_plink2_reads(name: str, exported: Path, tmp_path: Path) -> None:
    source = whole(exported / name)
    assert source.format == name.split("_")[0]
    plink2(*source.arguments, "--make-pgen", "--out", tmp_path / "back")
    people = read_sample_ids(source)
    psam = pd.read_csv(tmp_path / "back.psam", sep="\t", dtype=str, keep_default_na=False)
    assert people["IID"].tolist() == psam["IID" if "#FID" in psam else "#IID"].tolist() == IDS
    assert people["FID"].tolist() == psam.get("#FID", pd.Series(["0"] * N_SAMPLES)).tolist()
    assert people["SEX"].fillna("NA").tolist() == psam["SEX"].tolist()
    pd.testing.assert_frame_equal(check_source(source), people)
    variants = read_variants(tmp_path / "back.pvar")
    assert (set(variants["ref"]), set(variants["alt"])) == ({"C"}, {"A"})
    assert np.array_equal(read_counts(tmp_path / "back", np.arange(N_VARIANTS)), COUNTS)


@pytest.mark.parametrize("name", EXPORTS)
def test_source__same_when_a_file_is_named(name: str, exported: Path) -> None:
    source = whole(exported / name)
    for path in source.files.values():
        assert whole(path) == source
    assert whole(exported / name, format=source.format) == source


def test_source__survives_a_rules_params(exported: Path) -> None:
    source = whole(exported / "pgen_zst")
    assert sources_from([source.plain]) == [source]


def test_bed_source__names_files_that_do_not_exist_yet() -> None:
    source = bed_source("results/demo/simulated")
    assert source.files["fam"] == "results/demo/simulated.fam"
    assert source.arguments == ["--bfile", "results/demo/simulated"]


def test_chr_set__is_understood_by_plink2(files: Path, tmp_path: Path) -> None:
    bim = files / "bed.bim"
    lines = bim.read_text().splitlines()
    lines[-1] = lines[-1].replace("1\t", "19\t", 1)
    bim.write_text("\n".join(lines) + "\n")
    source = whole(files / "bed")
    plink2(*source.arguments, *chr_set_arguments(19), "--make-pgen", "--out", tmp_path / "mouse")
    assert "autosomePairCt=19" in (tmp_path / "mouse.pvar").read_text()
    plink2("--pfile", tmp_path / "mouse", *chr_set_arguments(19), "--freq", "--out", tmp_path / "f")
    assert chr_set_arguments(22) == []


# Finding


def test_find__chromosomes_that_exist(files: Path) -> None:
    for chrom in ("2", "11"):
        for suffix in ("pgen", "pvar", "psam"):
            shutil.copy(files / f"pgen.{suffix}", files / f"chr{chrom}.{suffix}")
    sources = find_sources(settings(files / "chr{chrom}"))
    assert list(sources) == ["2", "11"]
    assert sources["11"].arguments == ["--pfile", str(files / "chr11")]
    assert len(check_sources(list(sources.values()))) == N_SAMPLES
    named = find_sources(settings(files / "chr{chrom}.pgen"))
    assert named == sources


def test_find__nothing(tmp_path: Path) -> None:
    with pytest.raises(
        CohortError, match=r"no genotype files; looked for .*nowhere\.bed, .*\.bgen"
    ):
        find_sources(settings(tmp_path / "nowhere"))
    with pytest.raises(CohortError, match=r"chr\{chrom\}\.bed.*\{chrom\} = 1 to 19"):
        find_sources(settings(tmp_path / "chr{chrom}", autosomes=19))


def test_find__several_formats(files: Path) -> None:
    shutil.copy(files / "vcf.vcf", files / "bed.vcf")
    with pytest.raises(CohortError, match=r"found bed and vcf files; name .*bed\.bed$"):
        whole(files / "bed")
    assert whole(files / "bed", format="vcf").format == "vcf"
    assert whole(files / "bed.bed").format == "bed"


def test_find__one_fileset_for_any_setting(files: Path) -> None:
    source = find_source(str(files / "vcf_gz"), setting="release of gan:")
    assert source == whole(files / "vcf_gz")
    with pytest.raises(CohortError, match=r"^release of gan: nowhere: no genotype files; looked"):
        find_source("nowhere", setting="release of gan:")


def test_find__incomplete_fileset(files: Path) -> None:
    (files / "bed.fam").unlink()
    with pytest.raises(CohortError, match=r"bed\.bed needs .*bed\.fam beside it"):
        whole(files / "bed")
    (files / "pgen.pvar").unlink()
    with pytest.raises(CohortError, match=r"pgen\.pvar or .*pgen\.pvar\.zst beside it"):
        whole(files / "pgen", format="pgen")


def test_find__file_name_of_another_format(files: Path) -> None:
    with pytest.raises(CohortError, match=r"names a bed file but .* is pgen"):
        whole(files / "bed.bed", format="pgen")


# Damage


def rewrite(path: Path, change) -> None:
    path.write_bytes(change(path.read_bytes()))


DAMAGE = [
    ("bed", "bed.bed", lambda b: b[:-1], "truncated: 77 bytes, but 10 people .* 25 variants .* 78"),
    ("bed", "bed.bed", lambda b: b + b"\0", "too long: 79 bytes"),
    ("bed", "bed.bed", lambda b: b"", "the file is empty"),
    ("bed", "bed.bed", lambda b: b"\x6c\x1b\x00" + b[3:], "not a variant-major .bed file"),
    ("bed", "bed.fam", lambda b: b[: b.find(b"F4")], "bed.bed: the file is too long"),
    ("bed", "bed.fam", lambda b: b.replace(b"\t", b""), "not a table of people: 1 columns"),
    ("bed", "bed.fam", lambda b: b.replace(b"F0\tp_1\t", b"F0\tp_0\t"), "more than once .*p_0"),
    ("bed", "bed.fam", lambda b: b.replace(b"p_1", b"p\xff1"), "cannot be read"),
    ("bed_zst", "bed_zst.bed", lambda b: b[:-1], "truncated"),
    ("pgen", "pgen.pgen", lambda b: b[:-1], "truncated, damaged"),
    ("pgen", "pgen.pgen", lambda b: b"xx" + b[2:], "not a .pgen file"),
    ("pgen", "pgen.psam", lambda b: b[: b.rfind(b"F4")], "pgen contains 10 samples"),
    ("pgen", "pgen.pvar", lambda b: b[: b.rfind(b"1\t")], "25 variants, but .*pvar lists 24"),
    ("vcf", "vcf.vcf", lambda b: b[b.index(b"\n") :], "neither VCF nor BCF|no #CHROM line"),
    ("vcf", "vcf.vcf", lambda b: b[: b.index(b"#CHROM")], "no #CHROM line"),
    ("vcf", "vcf.vcf", lambda b: b.replace(b"p_1\t", b"p_0\t"), "more than once"),
    ("vcf_gz", "vcf_gz.vcf.gz", lambda b: b[:-28], "the block that ends a BGZF file is absent"),
    ("vcf_gz", "vcf_gz.vcf.gz", lambda b: b[:40], "Is it damaged or truncated"),
    ("bcf", "bcf.bcf", lambda b: b[:-30], "the block that ends a BGZF file is absent"),
    ("bcf", "bcf.bcf", lambda b: gzip.compress(b"nonsense"), "not .*BCF2"),
    ("bgen", "bgen.bgen", lambda b: b[:12] + b"\x09" + b[13:], "9 people, but .*sample lists 10"),
    ("bgen", "bgen.bgen", lambda b: b[:16] + b"negb" + b[20:], "not a BGEN file"),
    ("bgen", "bgen.sample", lambda b: b"\n".join(b.split(b"\n")[:2]) + b"\n", "nobody is in it"),
]


@pytest.mark.parametrize(("name", "file", "change", "message"), DAMAGE)
def test_check__refuses_damage(name, file, change, message, files: Path) -> None:
    source = whole(files / name)
    check_source(source)
    rewrite(files / file, change)
    with pytest.raises(CohortError, match=message) as caught:
        check_source(source)
    assert str(files) in str(caught.value)


def test_check__file_that_vanished(files: Path) -> None:
    source = whole(files / "bed")
    (files / "bed.bim").unlink()
    with pytest.raises(CohortError, match=r"bed\.bim: cannot be read: No such file"):
        check_source(source)


def test_check__trailing_blank_line_is_no_variant(files: Path) -> None:
    rewrite(files / "bed.bim", lambda b: b + b"\n")
    assert len(check_source(whole(files / "bed"))) == N_SAMPLES


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda b: b[b.index(b"\n") + 1 :], "10 and 9 people"),
        (lambda b: b.replace(b"p_3", b"p_x"), "person 4 is p_3 in one and p_x in the other"),
    ],
)
def test_check__chromosomes_with_other_people(change, message: str, files: Path) -> None:
    for chrom in ("1", "2"):
        for suffix in ("bed", "bim", "fam"):
            shutil.copy(files / f"bed.{suffix}", files / f"chr{chrom}.{suffix}")
    rewrite(files / "chr2.fam", change)
    sources = list(find_sources(settings(files / "chr{chrom}")).values())
    with pytest.raises(CohortError, match=message):
        check_sources(sources)


# Readers


def test_psam__without_families_sex_or_header(files: Path) -> None:
    psam = files / "pgen.psam"
    psam.write_text("##comment\n#IID\tpopulation\n" + "".join(f"{i}\tx\n" for i in IDS))
    people = read_sample_ids(whole(files / "pgen"))
    assert people["FID"].eq("0").all()
    assert people["SEX"].isna().all()
    psam.write_text(
        "".join(f"{f} {i} 0 0 {s} -9\n" for f, i, s in zip(FAMILIES, IDS, SEXES, strict=True))
    )
    people = read_sample_ids(whole(files / "pgen"))
    assert people["FID"].tolist() == FAMILIES
    assert people["SEX"].tolist() == [str(sex) for sex in SEXES]


def test_sample_file__with_one_id_column(files: Path) -> None:
    lines = [f"{i} 0" for i in IDS]
    (files / "bgen.sample").write_text("\n".join(["ID missing", "0 0", *lines]) + "\n")
    assert read_sample_ids(whole(files / "bgen"))["IID"].tolist() == IDS


def test_vcf__gzipped_without_blocks(files: Path) -> None:
    (files / "plain.vcf.gz").write_bytes(gzip.compress((files / "vcf.vcf").read_bytes()))
    assert check_source(whole(files / "plain"))["IID"].tolist() == IDS
