"""The panel of a shadow model, chosen by plink2 from some people of a small cohort."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks.shadow_panels import WholeGenome
from genosynth.data.genotypes import Genotypes
from genosynth.data.pgen import write_pgen
from genosynth.files import write_json, write_table
from genosynth.selection.clumping import clump
from genosynth.settings.selection import SelectionSettings
from tests.evaluation.simulated_people import TRAIT, population

N_MEMBERS = 400


@pytest.fixture(scope="module")
def cohort() -> Genotypes:
    """Members first, then as many others."""
    people = population(300, n_chromosomes=5).people(2 * N_MEMBERS, 1)
    return replace(people, samples=people.samples.assign(fid="0"))


def genome_of(cohort: Genotypes, folder: Path) -> WholeGenome:
    """What a finished run leaves of a cohort."""
    (folder / "qc").mkdir(parents=True)
    for name in ("qc/all", "pruned"):
        write_pgen(cohort, folder / name, labels=[TRAIT])
    table = cohort.samples[["fid", "iid", "disease"]].set_axis(["#FID", "IID", "disease"], axis=1)
    write_table(table, folder / "phenotypes.tsv")
    kinds = {"traits": {"disease": {"kind": "binary"}}, "covariates": {}, "conditions": {}}
    write_json(kinds, folder / "phenotypes.json")
    return WholeGenome(folder)


def choose(cohort: Genotypes, folder: Path) -> pd.DataFrame:
    """The panel that the members choose."""
    scratch = folder / "scratch"
    genome = genome_of(cohort, folder / "cohort")
    scratch.mkdir()
    return genome.choose_panel(cohort.samples[:N_MEMBERS], trait="disease", scratch=scratch)


def test_panel__is_what_clumping_leaves_of_the_gwas_of_members(cohort, tmp_path):
    panel = choose(cohort, tmp_path)
    gwas = pd.read_csv(tmp_path / "scratch/gwas.tsv", sep="\t")
    assert gwas["n"].eq(N_MEMBERS).all()
    settings = SelectionSettings()
    expected = clump(
        cohort.counts[:N_MEMBERS],
        cohort.variants["chromosome"].to_numpy(),
        cohort.variants["position_bp"].to_numpy(),
        gwas.set_index("id")["p_value"].reindex(cohort.variants["id"]).to_numpy(),
        r2=settings.r2,
        window_kb=settings.window_kb,
    )
    assert set(panel["id"]) == set(cohort.variants["id"].iloc[expected])
    frequency = cohort.counts[:N_MEMBERS].mean(axis=0) / 2
    rows = cohort.variants.set_index("id").index.get_indexer(panel["id"])
    np.testing.assert_allclose(panel["train_alt_frequency"], frequency[rows], atol=1e-5)


def test_panel__does_not_depend_on_others(cohort, tmp_path):
    others = population(300, n_chromosomes=5).people(N_MEMBERS, 9)
    counts = np.concatenate([cohort.counts[:N_MEMBERS], others.counts])
    trait = np.concatenate([cohort.samples["disease"][:N_MEMBERS], others.samples["disease"]])
    changed = Genotypes(counts, cohort.samples.assign(disease=trait), cohort.variants)
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    pd.testing.assert_frame_equal(
        choose(cohort, tmp_path / "one"), choose(changed, tmp_path / "two")
    )


def test_genotypes__are_those_of_the_people_asked_for(cohort, tmp_path):
    genome = genome_of(cohort, tmp_path / "cohort")
    panel = cohort.variants.iloc[[3, 70, 200]].reset_index(drop=True)
    people = cohort.samples.iloc[[500, 2]].reset_index(drop=True)
    np.testing.assert_array_equal(
        genome.genotypes(panel, people).counts, cohort.counts[[500, 2]][:, [3, 70, 200]]
    )
