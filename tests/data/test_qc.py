from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from genosynth.data.phenotypes import Phenotypes
from genosynth.data.qc import (
    STEP_COLUMNS,
    count_ids,
    filter_samples,
    import_steps,
    list_cases,
    parse_import_log,
    summarise_qc,
)
from genosynth.errors import ArtifactMismatch, CohortError
from tests.filesets import linked_counts, make_genotypes, plink2, write_fileset

IMPORT = ["--autosome", "--min-alleles", 2, "--max-alleles", 2, "--rm-dup", "force-first"]


def write_vcf(path, rows: list[tuple[str, int, str, str, str]], *, n_samples: int = 60) -> None:
    """Write a VCF of variants (chromosome, position, id, alternative alleles, genotype of all)."""
    people = "\t".join(f"p{i}" for i in range(n_samples))
    lines = ["##fileformat=VCFv4.2", '##FORMAT=<ID=GT,Number=1,Type=String,Description="GT">']
    lines.append(f"#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t{people}")
    for chromosome, position, name, alt, call in rows:
        calls = "\t".join([call] * n_samples)
        lines.append(f"{chromosome}\t{position}\t{name}\tA\t{alt}\t.\t.\t.\tGT\t{calls}")
    path.write_text("\n".join(lines) + "\n")


@pytest.fixture
def vcf(tmp_path):
    """9 variants: 2 on X, one of three alleles, one without ALT, one id twice, one never called."""
    rows = [
        ("1", 100, "rs1", "G", "0/1"),
        ("1", 200, "rs2", "G,T", "0/2"),
        ("1", 300, "rs3", ".", "0/0"),
        ("1", 400, "rs4", "G", "0/1"),
        ("1", 500, "rs4", "G", "1/1"),
        ("2", 100, "rs5", "G", "./."),
        ("2", 200, "rs6", "G", "0/1"),
        ("X", 100, "rs7", "G", "0/1"),
        ("X", 200, "rs8", "G", "0/1"),
    ]
    write_vcf(tmp_path / "nine.vcf", rows)
    return tmp_path / "nine.vcf"


def run_import(folder, *arguments) -> dict[str, int]:
    plink2(*arguments, *IMPORT, "--geno", 0.1, "--make-pgen", "--out", folder / "out")
    return parse_import_log(folder / "out.log")


def test_parse_import_log__counts_what_each_filter_took(vcf, tmp_path):
    (tmp_path / "keep.txt").write_text("".join(f"p{i}\n" for i in range(50)))
    (tmp_path / "remove.txt").write_text("".join(f"p{i}\n" for i in range(45, 60)))
    log = run_import(
        tmp_path, "--vcf", vcf, "--keep", tmp_path / "keep.txt", "--remove", tmp_path / "remove.txt"
    )
    steps = [(name, left.samples, left.variants) for name, left in import_steps([log])]
    assert steps == [
        ("read", 60, 9),
        ("autosomal_biallelic", 60, 5),
        ("duplicate_ids", 60, 4),
        ("keep", 50, 4),
        ("remove", 45, 4),
        ("variant_missing", 45, 3),
    ]


def test_parse_import_log__reads_the_log_of_a_pgen_without_anything_to_remove(tmp_path):
    prefix = write_fileset(make_genotypes(linked_counts(60, 20, seed=1)), tmp_path)
    steps = import_steps([run_import(tmp_path, "--pfile", prefix)])
    assert {(left.samples, left.variants) for _, left in steps} == {(60, 20)}
    assert [name for name, _ in steps] == [
        *("read", "autosomal_biallelic", "duplicate_ids", "variant_missing")
    ]


def test_import_steps__sums_variants_but_not_people_over_chromosomes(vcf, tmp_path):
    log = run_import(tmp_path, "--vcf", vcf)
    once, thrice = import_steps([log]), import_steps([log] * 3)
    assert [left.variants for _, left in thrice] == [3 * left.variants for _, left in once]
    assert [left.samples for _, left in thrice] == [left.samples for _, left in once]


def test_parse_import_log__names_what_a_strange_log_lacks(tmp_path):
    (tmp_path / "out.log").write_text("60 samples (0 females) loaded from\nout.psam.\n")
    with pytest.raises(ArtifactMismatch, match="does not tell n_variants"):
        parse_import_log(tmp_path / "out.log")


@pytest.fixture
def filtered(tmp_path):
    """Import log, lists and fileset of 60 people × 20 variants, of which 58 × 15 are left."""
    genotypes = make_genotypes(linked_counts(60, 20, seed=1))
    prefix = write_fileset(genotypes, tmp_path)
    run_import(tmp_path, "--pfile", prefix)
    people, variants = genotypes.samples["iid"][:58], genotypes.variants["id"][:15]
    (tmp_path / "sample_missing.id").write_text("#IID\n" + "\n".join(people) + "\n")
    (tmp_path / "maf.snplist").write_text("\n".join(variants) + "\n")
    plink2(
        *("--pfile", prefix, "--keep", tmp_path / "sample_missing.id", "--make-pgen"),
        *("--extract", tmp_path / "maf.snplist", "--out", tmp_path / "qc"),
    )
    return tmp_path


def summarise(folder) -> pd.DataFrame:
    return summarise_qc(
        [folder / "out.log"],
        sample_lists=[folder / "sample_missing.id"],
        variant_lists={"maf": [folder / "maf.snplist"]},
        final=[folder / "qc"],
    )


def test_summarise_qc__counts_chain_and_end_at_the_fileset(filtered):
    steps = summarise(filtered)
    assert steps.columns.tolist() == STEP_COLUMNS
    assert steps["filter"].tolist()[-2:] == ["sample_missing", "maf"]
    for what in ("samples", "variants"):
        before, after = steps[f"{what}_before"], steps[f"{what}_after"]
        assert before.tolist()[1:] == after.tolist()[:-1]
        assert (after <= before).all()
    assert steps.iloc[-1].tolist() == ["maf", 58, 58, 20, 15]
    assert count_ids(filtered / "qc.psam") == 58


def test_summarise_qc__a_fileset_of_other_counts_is_an_error(filtered):
    (filtered / "maf.snplist").write_text("rs0\nrs1\n")
    with pytest.raises(ArtifactMismatch, match=r"58 people, and 15 variants .* left 58 and 2"):
        summarise(filtered)


def count_missing(counts, folder) -> Path:
    """What plink2 counts of the missing calls of people."""
    prefix = write_fileset(make_genotypes(counts), folder)
    scols = "scols=maybefid,nmiss,nobs"
    plink2("--pfile", prefix, "--missing", "sample-only", scols, "--out", folder / "out")
    return folder / "out.smiss"


@pytest.fixture
def two_filesets(tmp_path) -> tuple[np.ndarray, list[Path]]:
    """Calls of 60 people × 40 variants, of whom three miss 3, 4 and 5; counts of each half."""
    counts = linked_counts(60, 40, seed=1)
    for person, n_missing in ((7, 3), (8, 4), (9, 5)):
        counts[person, 20 - n_missing + 2 : 22] = -1  # two in the second half
    paths = []
    for name, part in (("one", counts[:, :20]), ("two", counts[:, 20:])):
        (tmp_path / name).mkdir()
        paths.append(count_missing(part, tmp_path / name))
    return counts, paths


def test_filter_samples__of_two_filesets_are_those_of_plink2_for_both_together(
    two_filesets, tmp_path
):
    counts, paths = two_filesets
    prefix = write_fileset(make_genotypes(counts), tmp_path)
    plink2("--pfile", prefix, "--mind", 0.1, "--write-samples", "--out", tmp_path / "whole")
    people = filter_samples(paths, sample_missing=0.1)
    people.to_csv(tmp_path / "ours.id", sep="\t", index=False)
    assert (tmp_path / "ours.id").read_text() == (tmp_path / "whole.id").read_text()
    assert set(range(60)) - set(people.index) == {9}  # four of forty are a tenth: not more


def test_filter_samples__nobody_left_is_an_error(two_filesets):
    everybody_misses = two_filesets[1][0]
    table = pd.read_csv(everybody_misses, sep="\t").assign(MISSING_CT=2)
    table.to_csv(everybody_misses, sep="\t", index=False)
    with pytest.raises(CohortError, match=r"after qc.sample_missing = 0.01: .* at least 0.1 of"):
        filter_samples([everybody_misses], sample_missing=0.01)


def test_filter_samples__other_people_are_an_error(two_filesets):
    _, (first, second) = two_filesets
    second.write_text(second.read_text().replace("p5\t", "p5b\t"))
    with pytest.raises(ArtifactMismatch, match="other people than"):
        filter_samples([first, second], sample_missing=0.1)


def test_list_cases__are_people_with_any_binary_trait():
    table = pd.DataFrame(
        {
            "FID": "0",
            "IID": list("abcd"),
            "t1d": [1, 0, np.nan, 0],
            "t2d": [0, 0, 1, np.nan],
            "ldl": [1.0, 1.0, 1.0, 1.0],
        }
    )
    kinds = {"t1d": "binary", "t2d": "binary", "ldl": "quantitative"}
    traits = {name: {"kind": kind} for name, kind in kinds.items()}
    assert list_cases(Phenotypes(table, {"traits": traits}))["IID"].tolist() == ["a", "c"]
    assert list_cases(Phenotypes(table, {"traits": {}})).empty
