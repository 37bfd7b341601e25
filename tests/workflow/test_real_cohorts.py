"""The whole workflow on public cohorts, with small networks: mice, a dense region, ancestries.

Runs where GENOSYNTH_DATA (default: ../shared/data beside the checkout) holds them; about three
minutes on two cores. What is known of a cohort was found without this library: by its authors,
by plink2 alone, or by GBLUP and REML.
"""

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from genosynth.data.genotypes import MISSING, TEXT_COLUMNS, Genotypes, load_genotypes
from genosynth.files import read_json, read_table
from genosynth.scores import METRICS, metric_of
from genosynth.settings.generators import PRIVACY_CONTROLS, TRAIT_FLOORS
from tests.real_cohorts import (
    ANCESTRY_PANEL,
    CONFIGS,
    DENSE_REGION,
    MICE,
    REAL_COHORTS,
    RealCohort,
    prepare_folder,
)
from tests.workflow.running import run_snakemake

pytestmark = pytest.mark.slow

GENERATORS = ["latent_diffusion", "independent", "copula"]
ROWS = [*GENERATORS, "real_train", "real_holdout", "train_copy"]
N_READ = {"hs_mice": (1814, 10346), "1kg_p1_chr22": (1092, 19012), "yelmen_805": (2504, 805)}
N_ANCESTRIES = {"1kg_p1_chr22": 4, "yelmen_805": 5}


@dataclass(frozen=True)
class FinishedCohort:
    """A finished run on a public cohort."""

    cohort: RealCohort
    results: Path

    def table(self, name: str) -> pd.DataFrame:
        """A table of the results; ids are text."""
        return read_table(self.results / name, dtype=TEXT_COLUMNS | {"FID": str, "IID": str})

    def values(self, trait: str) -> pd.DataFrame:
        """Values of the scores: a row for each generator, a column for each metric."""
        scores = self.table(f"{trait}/scores.tsv")
        return scores.pivot(index="generator", columns="metric", values="value")


OF_MODELS = {"holdout_nats", "mia_loss_auc", "mia_loss_tpr_at_1pct"}  # not of the people drawn
WITH_LIKELIHOOD = ["independent", "latent_diffusion"]


@pytest.fixture(scope="module")
def finish(tmp_path_factory):
    """Run a cohort when the first test asks for it; a run that fails is not tried again."""
    runs: dict[str, subprocess.CompletedProcess[str]] = {}

    def finish_once(cohort: RealCohort) -> FinishedCohort:
        skip_if_absent(cohort)
        if cohort.name not in runs:
            folder = tmp_path_factory.mktemp(cohort.name, numbered=False)
            runs[cohort.name] = run_cohort(cohort, folder)
        done = runs[cohort.name]
        assert done.returncode == 0, done.stderr[-3000:]
        results = tmp_path_factory.getbasetemp() / cohort.name / "results" / cohort.name
        return FinishedCohort(cohort, results)

    return finish_once


def skip_if_absent(cohort: RealCohort) -> None:
    if shutil.which("plink2") is None:
        pytest.skip("plink2 is not on PATH")
    if not cohort.folder.is_dir():
        pytest.skip(f"no public cohort at {cohort.folder}: name its parent in GENOSYNTH_DATA")


def run_cohort(cohort: RealCohort, folder: Path) -> subprocess.CompletedProcess[str]:
    prepare_folder(folder, cohort)
    return run_snakemake(workdir=folder, config=cohort.config, overlays=[CONFIGS / "small.yaml"])


@pytest.fixture(params=REAL_COHORTS, ids=lambda cohort: cohort.name)
def finished_cohort(request, finish) -> FinishedCohort:
    return finish(request.param)


@pytest.fixture
def mice(finish) -> FinishedCohort:
    return finish(MICE)


@pytest.fixture
def dense_region(finish) -> FinishedCohort:
    return finish(DENSE_REGION)


@pytest.fixture
def published(finish) -> FinishedCohort:
    """A cohort beside synthetic people that others published."""
    return finish(ANCESTRY_PANEL)


@pytest.fixture(params=[MICE, DENSE_REGION], ids=lambda cohort: cohort.name)
def linked(request, finish) -> FinishedCohort:
    """A cohort whose panel has linkage beyond what ancestry explains."""
    return finish(request.param)


@pytest.fixture(params=[DENSE_REGION, ANCESTRY_PANEL], ids=lambda cohort: cohort.name)
def ancestries(request, finish) -> FinishedCohort:
    return finish(request.param)


def test_quality_control__reads_every_person_and_variant(finished_cohort):
    first = finished_cohort.table("cohort/qc_steps.tsv").iloc[0]
    n_read = (first["samples_before"], first["variants_before"])
    assert n_read == N_READ[finished_cohort.cohort.name]


def test_quality_control__leaves_out_the_x_chromosome_of_mice(mice):
    first = mice.table("cohort/qc_steps.tsv").iloc[0]
    assert first["variants_before"] - first["variants_after"] == 272
    assert set(mice.table("albino/gwas.tsv")["chromosome"]) == set(range(1, 20))


def test_traits__are_read_as_they_are_coded(mice):
    traits = read_json(mice.results / "cohort/phenotypes.json")["traits"]
    albino = traits["albino"]
    assert (albino["coding"], albino["n_cases"], albino["n_controls"]) == ("1/2", 164, 1650)
    assert (traits["hdl"]["n_known"], traits["hdl"]["n_missing"]) == (1594, 220)


def test_split__keeps_litters_together(mice):
    split = mice.table("cohort/split.tsv")
    sizes = split["family"].value_counts()
    assert (len(sizes), sizes.max()) == (158, 166)
    part = split.set_index("IID")["part"]
    pairs = mice.table("cohort/kinship.tsv")
    assert len(pairs) > 9000
    assert pairs["KINSHIP"].min() > 0.22
    assert (part[pairs["IID1"]].to_numpy() == part[pairs["IID2"]].to_numpy()).all()
    assert part.value_counts(normalize=True)["train"] == pytest.approx(0.7, abs=0.02)


def test_components__tell_ancestries_apart(ancestries):
    people = ancestries.table("cohort/pca.tsv").merge(
        ancestries.table("cohort/phenotypes.tsv"), on="IID"
    )
    assert len(people) == len(ancestries.table("cohort/split.tsv"))
    components = people[["PC1", "PC2"]]
    of_ancestry = components.groupby(people["SUPERPOP"]).transform("mean")
    assert (of_ancestry.var() / components.var()).min() > 0.9  # plink2 on everybody: 0.94 to 0.97


def test_albino_gwas__peaks_at_tyrosinase(mice):
    gwas = mice.table("albino/gwas.tsv")
    top = gwas.loc[gwas["p_value"].idxmin()]
    assert top["chromosome"] == 7
    assert 49 < top["position_bp"] / 1e6 < 53  # the map counts a centimorgan as a megabase
    assert 1e-40 < top["p_value"] < 1e-30  # 3e-38 with all mice and ten components


def test_hdl_gwas__peaks_at_apolipoprotein_a2(mice):
    gwas = mice.table("hdl/gwas.tsv")
    top = gwas.loc[gwas["p_value"].idxmin()]
    assert top["chromosome"] == 1
    assert 88 < top["position_bp"] / 1e6 < 95
    assert 1e-31 < top["p_value"] < 1e-15  # 6e-31 with all mice and ten components


def test_hdl_gwas__counts_training_mice_with_a_value(mice):
    people = mice.table("cohort/split.tsv").merge(mice.table("cohort/phenotypes.tsv"), on="IID")
    n_known = (people["hdl"].notna() & (people["part"] == "train")).sum()
    assert n_known < (people["part"] == "train").sum()
    assert (mice.table("hdl/gwas.tsv")["n"] == n_known).all()


def test_panel__holds_the_peak_and_few_of_its_neighbours(mice):
    for trait in MICE.traits:
        gwas, panel = mice.table(f"{trait}/gwas.tsv"), mice.table(f"{trait}/panel.tsv")
        assert panel["p_value"].min() == gwas["p_value"].min()
        significant = [(table["p_value"] < 5e-8).sum() for table in (gwas, panel)]
        assert 0 < significant[1] < significant[0] / 4


def test_panel__of_the_dense_region_is_dense(dense_region):
    panel = dense_region.table("none/panel.tsv")
    assert len(panel) == 300
    assert panel["id"].is_unique  # 301 variants of the source are named `.`
    assert panel["position_bp"].between(20_000_000, 22_500_000).all()
    assert panel["position_bp"].diff().median() < 5_000


def test_synthetic_people__have_the_frequencies_of_their_ancestry(ancestries):
    real = load_genotypes(ancestries.results / "none/genotypes").part("train")
    wanted = frequencies_by_ancestry(real)
    assert len(wanted) == N_ANCESTRIES[ancestries.cohort.name]
    for generator in GENERATORS:
        made = load_genotypes(ancestries.results / f"none/{generator}/synthetic/1")
        found = frequencies_by_ancestry(made)
        nearest = {
            ancestry: min(wanted, key=lambda name: np.square(wanted[name] - own).mean())
            for ancestry, own in found.items()
        }
        assert nearest == {name: name for name in wanted}, generator


def frequencies_by_ancestry(people: Genotypes) -> dict[str, np.ndarray]:
    """ALT frequencies (n_variants,) of each ancestry."""
    ancestry = people.samples["SUPERPOP"].to_numpy()
    return {
        name: np.ma.masked_equal(people.counts[ancestry == name], MISSING).mean(axis=0) / 2
        for name in np.unique(ancestry)
    }


def test_scores__hold_every_row_and_group(finished_cohort):
    for trait in finished_cohort.cohort.traits:
        scores = finished_cohort.table(f"{trait}/scores.tsv")
        of_trait = {"association", "utility"} if trait != "none" else set()
        groups = {metric_of(name).group for name in scores["metric"]}
        assert groups == {"fidelity", "privacy"} | of_trait
        for metric, rows in scores[scores["metric"].isin(METRICS)].groupby("metric"):
            everybody = [*ROWS, *finished_cohort.cohort.published]
            if METRICS[metric].group == "privacy":
                everybody += PRIVACY_CONTROLS
            if METRICS[metric].group in ("association", "utility"):
                everybody += TRAIT_FLOORS
            expected = WITH_LIKELIHOOD if metric in OF_MODELS else everybody
            assert sorted(rows["generator"]) == sorted(expected)
        assert scores["value"].notna().all()


def test_reference_rows__get_what_is_known_of_them(finished_cohort):
    for trait in finished_cohort.cohort.traits:
        values = finished_cohort.values(trait)
        assert values.loc["real_train", "identical_match_rate"] == 1
        assert values.loc["train_copy", "dcr_ratio"] < 0.3
        assert values.loc["train_few", "dcr_ratio"] < 0.3
        assert values.loc["real_holdout", "dcr_ratio"] == pytest.approx(1, abs=0.1)
        assert values.loc["real_holdout", "c2st_auc"] == pytest.approx(0.5, abs=0.1)


def test_generators__keep_frequencies_and_copy_nobody(finished_cohort):
    for trait in finished_cohort.cohort.traits:
        values = finished_cohort.values(trait).loc[GENERATORS]
        assert (values["af_pearson"] > 0.99).all()
        assert (values["identical_match_rate"] == 0).all()
        assert (values["dcr_ratio"] > 0.9).all()


def test_ancestry_taught_by_synthetic_people__holds_for_real_ones(published):
    """Between guessing and what real people teach, nearer to the latter."""
    values = published.values("none").loc[[*GENERATORS, "real_train"]]
    for model in ("logistic", "svm", "forest"):
        accuracy = values[f"structure_accuracy.SUPERPOP.{model}"]
        assert accuracy["real_train"] > 0.9
        assert accuracy[GENERATORS].between(0.75, accuracy["real_train"] + 0.05).all(), model
    for percent in (10, 20, 30):
        overlap = values[f"structure_overlap.SUPERPOP.{percent}"]
        assert overlap["real_train"] > 0.7
        low, high = percent / 100 + 0.2, overlap["real_train"] + 0.15
        assert overlap[GENERATORS].between(low, high).all(), percent


def test_published_people__are_scored_as_their_authors_found_them(published):
    values = published.values("none")
    assert values.loc["gan", "af_pearson"] == pytest.approx(0.98, abs=0.01)
    assert values.loc["rbm", "af_pearson"] == pytest.approx(0.99, abs=0.01)
    assert values.loc["gan", "c2st_auc"] > 0.85  # two haplotypes make no person, and more
    assert values.loc["gan", "fst"] > 10 * values.loc["copula", "fst"]
    assert (values.loc[["gan", "rbm"], "identical_match_rate"] == 0).all()
    assert not list((published.results / "none").glob("gan/model"))


def test_latent_diffusion__learns_linkage(linked):
    for trait in linked.cohort.traits:
        values = linked.values(trait)
        for metric in ("ld_near_pearson", "haplotype_pearson"):
            learnt = values.loc["latent_diffusion", metric]
            assert learnt > values.loc["independent", metric], metric


def test_release__has_the_frequencies_of_the_panel_in_plink2(finished_cohort, tmp_path):
    for trait in finished_cohort.cohort.traits:
        panel = finished_cohort.table(f"{trait}/panel.tsv")
        for generator in GENERATORS:
            release = finished_cohort.results / trait / generator / "release/synthetic"
            command = ["plink2", "--pfile", release, "--freq", "--out", tmp_path / "found"]
            subprocess.run(command, check=True, capture_output=True)
            found = pd.read_csv(tmp_path / "found.afreq", sep="\t")
            alleles = found[["ID", "REF", "ALT"]].to_numpy().tolist()
            assert alleles == panel[["id", "ref", "alt"]].to_numpy().tolist()
            assert np.corrcoef(found["ALT_FREQS"], panel["train_alt_frequency"])[0, 1] > 0.99


def test_release__has_as_many_cases_as_the_training_part(mice):
    people = mice.table("cohort/split.tsv").merge(mice.table("cohort/phenotypes.tsv"), on="IID")
    n_cases = people.loc[people["part"] == "train", "albino"].sum()
    for generator in GENERATORS:
        psam = mice.results / "albino" / generator / "release/synthetic.psam"
        assert (pd.read_csv(psam, sep="\t")["albino"] == 2).sum() == n_cases


def test_release__names_nobody(finished_cohort):
    people = set(finished_cohort.table("cohort/phenotypes.tsv")["IID"])
    for trait in finished_cohort.cohort.traits:
        for generator in GENERATORS:
            release = finished_cohort.results / trait / generator / "release"
            for name in ("synthetic.psam", "synthetic.pvar", "README.md", "provenance.json"):
                words = set(re.findall(r"\w+", (release / name).read_text()))
                assert not people & words, f"{generator}/{name}"


def test_report__tells_of_the_cohort(finished_cohort):
    page = (finished_cohort.results / "report.html").read_text()
    assert f"<title>{finished_cohort.cohort.name}" in page
    assert "it caught two controls" in page
    assert not re.search(r">\s*nan\b", page, flags=re.IGNORECASE)
    assert ("Manhattan" in page) == (finished_cohort.cohort.traits != ("none",))
