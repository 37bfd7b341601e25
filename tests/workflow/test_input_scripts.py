"""The scripts that read what a user brings: they write what they promise, or one clear line."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from bed_reader import to_bed

from genosynth.data.phenotypes import load_prepared
from genosynth.data.sources import bed_source
from genosynth.files import read_table, write_table
from tests.selection.external_gwas import make_effects, make_variants
from tests.workflow.fake_snakemake import run_script
from tests.workflow.running import ROOT

N_PEOPLE = 240
SETTINGS = {"traits": {"t2d": {"column": "disease", "kind": "binary"}}, "conditions": ["sex"]}


@pytest.fixture
def job(tmp_path: Path) -> dict:
    """Rule prepare_phenotypes on a small cohort."""
    people = [f"p{i}" for i in range(N_PEOPLE)]
    properties = {"iid": people, "sex": [1, 2] * (N_PEOPLE // 2)}
    counts = np.random.default_rng(1).integers(0, 3, (N_PEOPLE, 5)).astype("int8")
    to_bed(tmp_path / "cohort.bed", counts, properties=properties)
    table = tmp_path / "pheno.tsv"
    disease = np.repeat([1, 2], N_PEOPLE // 2)
    pd.DataFrame({"IID": people, "disease": disease}).to_csv(table, sep="\t", index=False)
    return {
        "log": tmp_path / "job.log",
        "input": {"table": [str(table)]},
        "output": {"table": tmp_path / "out.tsv", "description": tmp_path / "out.json"},
        "params": {
            "settings": SETTINGS,
            "sources": [bed_source(str(tmp_path / "cohort")).plain],
        },
    }


def test_prepare_phenotypes__writes_what_it_promises(job: dict) -> None:
    run_script("prepare_phenotypes", **job)
    assert job["output"]["table"].read_text().startswith("#FID\tIID\tt2d\tsex\n0\tp0\t0\tmale\n")
    prepared = load_prepared(**job["output"])
    assert prepared.description["traits"]["t2d"]["coding"] == "1/2"
    assert "prepared 2 columns for 240 people" in job["log"].read_text()


def test_prepare_phenotypes__ends_with_one_line_and_no_output(job: dict, capfd) -> None:
    bed = Path(job["params"]["sources"][0]["files"]["bed"])
    bed.write_bytes(bed.read_bytes()[:-1])
    with pytest.raises(SystemExit):
        run_script("prepare_phenotypes", **job)
    (line,) = job["log"].read_text().splitlines()
    assert "cohort.bed: the file is truncated: 302 bytes" in line
    assert "Traceback" not in capfd.readouterr().err
    assert not [path for path in job["output"].values() if path.exists()]


def test_harmonise__writes_what_it_promises(tmp_path: Path) -> None:
    variants = make_variants()
    pvar = ["##source=test", "#CHROM\tPOS\tID\tREF\tALT\tFILTER"]
    columns = ["chromosome", "position_bp", "id", "ref", "alt"]
    pvar += ["\t".join(map(str, row)) + "\tPASS" for row in variants[columns].to_numpy()]
    (tmp_path / "qc.pvar").write_text("\n".join(pvar) + "\n")
    frequencies = variants.rename(columns={"id": "ID", "ref": "REF", "alt": "ALT"})
    frequencies = frequencies.rename(columns={"alt_frequency": "ALT_FREQS"})
    frequencies.to_csv(tmp_path / "train.afreq", sep="\t", index=False, na_rep="nan")
    make_effects(variants).to_csv(tmp_path / "gwas.txt", sep="\t", index=False)
    output = {"gwas": tmp_path / "gwas.tsv", "matching": tmp_path / "gwas_matching.tsv"}
    run_script(
        "harmonise_summary_statistics",
        log=tmp_path / "job.log",
        input={
            "statistics": str(tmp_path / "gwas.txt"),
            "variants": [tmp_path / "qc.pvar"],
            "frequencies": [tmp_path / "train.afreq"],
        },
        output=output,
        params={"build": "GRCh38"},
    )
    gwas, matching = read_table(output["gwas"]), read_table(output["matching"])
    results = ["beta", "se", "p_value", "n", "alt_frequency"]
    assert gwas.columns.tolist() == [*columns, *results]
    assert dict(matching.itertuples(index=False))["matched"] == len(gwas) == len(variants)


def test_polygenic_scores__are_matched_under_the_names_of_the_config(tmp_path: Path) -> None:
    variants = make_variants().rename(columns={"alt_frequency": "train_alt_frequency"})
    write_table(variants, tmp_path / "panel.tsv")
    effects = make_effects(make_variants()).rename(columns={"beta": "effect_weight"})
    columns = ["id", "effect_allele", "other_allele", "effect_weight", "effect_frequency"]
    for name, rows in {"one": slice(0, 20), "two": slice(10, 40)}.items():
        effects[columns].iloc[rows].to_csv(tmp_path / f"{name}.txt", sep="\t", index=False)
    output = {name: tmp_path / f"{name}.tsv" for name in ("weights", "matching")}
    run_script(
        "match_polygenic_scores",
        log=tmp_path / "job.log",
        input={
            "scores": [str(tmp_path / "one.txt"), str(tmp_path / "two.txt")],
            "panel": tmp_path / "panel.tsv",
        },
        output=output,
        params={"names": ["first", "second"], "build": None},
    )
    weights = read_table(output["weights"])
    assert weights["score"].value_counts().to_dict() == {"second": 30, "first": 20}
    in_panel = read_table(output["matching"]).query("what == 'in_panel'")
    assert in_panel["n"].tolist() == [20, 30]


SNAKEFILE = """
from genosynth.settings.config import read_config

settings = read_config(config)

include: "{root}/workflow/rules/inputs.smk"

print(chromosomes(), [genotype_files(chrom)[0] for chrom in chromosomes()], phenotype_table())
print(traits_with_gwas(), traits_with_statistics())
"""


def parse(tmp_path: Path, config: str) -> subprocess.CompletedProcess[str]:
    """Let Snakemake read the helpers of inputs.smk with a config."""
    (tmp_path / "Snakefile").write_text(SNAKEFILE.format(root=ROOT))
    (tmp_path / "config.yaml").write_text(config)
    command = [sys.executable, "-m", "snakemake", "--cores", "1", "--configfile", "config.yaml"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )


def test_inputs__of_the_demo_need_not_exist(tmp_path: Path) -> None:
    traits = "a: {column: a, kind: binary}, b: {column: b, kind: binary, summary_statistics: b.tsv}"
    config = (
        f"{{cohort: x, genotypes: {{format: simulated}}, phenotypes: {{traits: {{{traits}}}}}}}"
    )
    printed = parse(tmp_path, config).stdout
    folder = "results/x/cohort/input"
    assert f"['all'] ['{folder}/simulated.bed'] ['{folder}/phenotypes.tsv']\na b\n" in printed


def test_inputs__of_a_user_must_exist(tmp_path: Path) -> None:
    result = parse(tmp_path, "{genotypes: {path: 'chr{chrom}'}, selection: {method: prune}}")
    assert result.returncode != 0
    assert "CohortError" in result.stderr
    assert "genotypes.path chr{chrom}: no genotype files; looked for" in result.stderr
