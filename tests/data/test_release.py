"""A release: plink2 opens it, it says what it is, and it names nobody."""

import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from genosynth.data.genotypes import Genotypes
from genosynth.data.labels import Label
from genosynth.data.provenance import Making, provenance
from genosynth.data.release import write_release
from genosynth.errors import ArtifactMismatch
from genosynth.files import read_json, read_table

TEMPLATE = Path(__file__).parents[2] / "resources/release_readme.md.j2"
N_PEOPLE, N_VARIANTS = 300, 20
LABELS = [
    Label("heart disease", "trait", "binary", levels=("0", "1")),
    Label("sex", "condition", "categorical", levels=("1", "2")),
    Label("ancestry", "condition", "categorical", levels=("north", "south")),
    Label("age", "condition", "quantitative", mean=50, sd=10),
]
REAL_IDS = ["1", "2", *(f"person{number:03d}" for number in range(500))]


def synthetic() -> Genotypes:
    """The first variant is strongly associated with the trait."""
    generator = np.random.default_rng(1)
    disease = generator.integers(0, 2, N_PEOPLE).astype(float)
    counts = generator.binomial(2, 0.3, (N_PEOPLE, N_VARIANTS)).astype(np.int8)
    counts[:, 0] = generator.binomial(2, 0.2 + 0.4 * disease)
    samples = pd.DataFrame(
        {
            "iid": [f"syn{number + 1}" for number in range(N_PEOPLE)],
            "part": "synthetic",
            "heart disease": disease,
            "sex": generator.integers(1, 3, N_PEOPLE).astype(float),
            "ancestry": generator.choice(["north", "south"], N_PEOPLE),
            "age": generator.normal(50, 10, N_PEOPLE),
        }
    )
    samples.loc[:3, ["sex", "ancestry", "age"]] = None
    variants = pd.DataFrame(
        {
            "chromosome": np.repeat([1, 2], N_VARIANTS // 2),
            "position_bp": np.tile(np.arange(N_VARIANTS // 2) * 500 + 1, 2),
            "id": [f"rs{number}" for number in range(N_VARIANTS)],
            "ref": "A",
            "alt": "C",
            "beta": 0.1,
        }
    )
    return Genotypes(counts, samples, variants)


def release(
    folder: Path, genotypes: Genotypes | None = None, *, effects: str = "observed", **sampling
) -> Path:
    source = folder / "model" / "model.json"
    source.parent.mkdir(parents=True, exist_ok=True)
    source.write_text("{}\n")
    settings = {"guidance": 1.0, "composition": "matched", "vcf": False} | sampling
    making = Making(
        cohort="demo",
        trait="heart disease",
        generator="latent_diffusion",
        settings={
            "sampling": settings,
            "selection": {"method": "gwas"},
            "vae": {"effects": effects},
            "qc": {"keep": "/data/secret/keep.txt"},
        },
        seeds={"root": 1},
    )
    write_release(
        genotypes or synthetic(),
        LABELS,
        folder / "release",
        provenance=provenance(making, inputs=[source.parent], plink2_version="PLINK v2"),
        template=TEMPLATE,
        real_ids=REAL_IDS,
    )
    return folder / "release"


def run_plink2(release: Path, *arguments: str) -> None:
    files = ["--pfile", release / "synthetic", "--out", release / "plink2", "--threads", "1"]
    subprocess.run(["plink2", *files, *arguments], check=True, capture_output=True)


def test_release__holds_its_files_and_no_others(tmp_path):
    assert sorted(path.name for path in release(tmp_path).iterdir()) == [
        "README.md",
        "provenance.json",
        "synthetic.pgen",
        "synthetic.psam",
        "synthetic.pvar",
    ]


@pytest.mark.skipif(shutil.which("plink2") is None, reason="plink2 is not on PATH")
def test_release__plink2_reads_genotypes_and_traits(tmp_path):
    folder = release(tmp_path)
    run_plink2(folder, "--freq")
    frequencies = pd.read_csv(folder / "plink2.afreq", sep="\t")
    np.testing.assert_allclose(
        frequencies["ALT_FREQS"], synthetic().counts.mean(axis=0) / 2, atol=1e-5
    )
    run_plink2(folder, "--pheno-name", "heart_disease", "--glm", "sex", "allow-no-covars")
    hits = pd.read_csv(folder / "plink2.heart_disease.glm.logistic.hybrid", sep="\t")
    hits = hits[hits["TEST"] == "ADD"].set_index("ID")["P"]
    assert hits["rs0"] == hits.min() < 1e-10
    run_plink2(folder, "--pheno-name", "age", "--glm", "allow-no-covars")
    assert (folder / "plink2.age.glm.linear").exists()
    run_plink2(folder, "--keep-if", "ancestry", "==", "south", "--freq", "counts")


def test_psam__codes_cases_as_2_and_fills_sex(tmp_path):
    people = read_table(release(tmp_path) / "synthetic.psam", dtype=str)
    samples = synthetic().samples
    assert list(people.columns) == ["#IID", "SEX", "heart_disease", "ancestry", "age"]
    assert (people["heart_disease"].astype(int) == samples["heart disease"] + 1).all()
    assert people["SEX"].isna().sum() == 4
    assert set(people["SEX"].dropna()) == {"1", "2"}
    assert (people["ancestry"][:4] == "NONE").all()


def test_readme__says_what_it_is_and_is_not(tmp_path):
    text = (release(tmp_path) / "README.md").read_text()
    for statement in ("No row is a person", "Never cite a p-value", "not a guarantee"):
        assert statement in text
    assert "No differential privacy" in text
    assert "300 synthetic people at 20 variants of 2 chromosomes" in text
    assert "| `SEX` | 1: male, 2: female; NA: unknown |" in text
    assert "Guidance" not in text
    assert "{" not in text.replace("synthetic.{", "")


def test_readme__warns_of_guidance_and_composition(tmp_path):
    text = (release(tmp_path, guidance=2.5, composition="balanced") / "README.md").read_text()
    assert "**Guidance 2.5.**" in text
    assert "larger" in text
    assert "fractions of cases are not those of the cohort" in text


def test_readme__says_whose_effects_these_are(tmp_path):
    observed, expected = (
        (release(tmp_path / effects, effects=effects) / "README.md").read_text()
        for effects in ("observed", "expected")
    )
    assert "smaller than in the cohort" in expected
    assert "smaller than in the cohort" not in observed


def test_provenance__has_versions_and_digests_and_no_folders(tmp_path):
    record = read_json(release(tmp_path) / "provenance.json")
    assert record["versions"]["plink2"] == "PLINK v2"
    assert record["sha256"] == {
        "model/model.json": "ca3d163bab055381827226140568f3bef7eaac187cebd76878e0b63e9e442356"
    }
    assert record["settings"]["qc"]["keep"] == "keep.txt"
    assert "/" not in json.dumps(record["settings"])


def test_release__refuses_the_id_of_a_real_person(tmp_path):
    genotypes = synthetic()
    genotypes.samples.loc[7, "iid"] = "2"
    with pytest.raises(ArtifactMismatch, match="give the cohort's people other ids"):
        release(tmp_path, genotypes)
    assert not (tmp_path / "release").exists()


def test_release__refuses_a_real_id_among_the_labels(tmp_path):
    genotypes = synthetic()
    genotypes.samples.loc[7, "ancestry"] = "person007"
    with pytest.raises(ArtifactMismatch, match=r"synthetic.psam would name 1"):
        release(tmp_path, genotypes)


def test_release__replaces_an_older_one_whole(tmp_path):
    folder = release(tmp_path)
    (folder / "synthetic.vcf.gz").write_text("stale")
    release(tmp_path)
    assert not (folder / "synthetic.vcf.gz").exists()
