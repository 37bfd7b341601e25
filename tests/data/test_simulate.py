import runpy
import shutil
import subprocess
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from bed_reader import open_bed
from pydantic import ValidationError

from genosynth.data.genotypes import MISSING
from genosynth.data.simulate import draw_people, save_cohort, simulate_cohort
from genosynth.data.simulated_chromosome import (
    CROSSOVERS_PER_BP,
    People,
    gamete,
    recombination_map,
    simulate_chromosome,
)
from genosynth.data.simulated_flaws import spoil_calls
from genosynth.data.simulated_traits import LDL_MEAN, LDL_SD, draw_effects
from genosynth.errors import ConfigError
from genosynth.files import read_table
from genosynth.seeds import derive_seed
from genosynth.settings.simulation import SimulationSettings

SEED = 1
SMALL = SimulationSettings(
    n_samples=2000, n_chromosomes=4, chromosome_mb=1, n_variants=1200, n_causal=40
)
CLEAN = SMALL.model_copy(update={"flawed": False, "missing_calls": 0, "missing_phenotypes": 0})
TINY = SMALL.model_copy(update={"n_samples": 200, "n_variants": 200, "chromosome_mb": 0.3})


@pytest.fixture(scope="module")
def cohort():
    return simulate_cohort(CLEAN, seed=SEED)


@pytest.fixture(scope="module")
def flawed():
    return simulate_cohort(SMALL, seed=SEED)


def frequencies(cohort, ancestry):
    return (
        cohort.genotypes.counts[cohort.genotypes.samples["ancestry"] == ancestry].mean(axis=0) / 2
    )


def true_score(cohort, trait):
    """Sum of true effects of each person, from the truth table alone."""
    truth = cohort.truth[cohort.truth["trait"] == trait]
    columns = pd.Index(cohort.genotypes.variants["id"]).get_indexer(truth["id"])
    return cohort.genotypes.counts[:, columns] @ truth["effect"].to_numpy()


def test_simulate_cohort__has_the_stated_variants(cohort):
    counts, variants = cohort.genotypes.counts, cohort.genotypes.variants
    assert counts.shape == (CLEAN.n_samples, CLEAN.n_variants)
    alt_frequency = counts.mean(axis=0) / 2
    assert np.minimum(alt_frequency, 1 - alt_frequency).min() >= 0.01
    assert 0.05 < (alt_frequency > 0.5).mean() < 0.4  # ALT is derived, not minor
    assert variants["id"].is_unique
    assert not variants.duplicated(["chromosome", "position_bp"]).any()
    assert variants.equals(variants.sort_values(["chromosome", "position_bp"], ignore_index=True))
    assert set(variants["ref"]) | set(variants["alt"]) == set("ACGT")
    assert (variants["ref"] != variants["alt"]).all()


def test_simulate_cohort__chromosomes_are_as_long_as_human_ones(cohort):
    by_chromosome = cohort.genotypes.variants.groupby("chromosome")["position_bp"]
    human = np.array([249, 242, 198, 190])
    expected_bp = human / human.mean() * 1e6
    np.testing.assert_allclose(by_chromosome.max(), expected_bp, rtol=0.03)
    np.testing.assert_allclose(by_chromosome.count(), 1200 * human / human.sum(), atol=1)


def test_simulate_cohort__populations_differ_by_the_stated_f_st(cohort):
    north, south = frequencies(cohort, "north"), frequencies(cohort, "south")
    f_st = ((north - south) ** 2).sum() / (north * (1 - south) + south * (1 - north)).sum()
    assert 0.015 < f_st < 0.05


def test_simulate_cohort__the_mixed_lie_half_way(cohort):
    north, south = frequencies(cohort, "north"), frequencies(cohort, "south")
    way = south - north
    share_of_south = way @ (frequencies(cohort, "mixed") - north) / (way @ way)
    assert share_of_south == pytest.approx(0.5, abs=0.15)


def test_simulate_cohort__keeps_hardy_weinberg_within_a_population(cohort):
    counts = cohort.genotypes.counts[cohort.genotypes.samples["ancestry"] == "north"]
    alt_frequency = counts.mean(axis=0) / 2
    expected = 2 * (alt_frequency * (1 - alt_frequency)).sum()
    assert (counts == 1).mean(axis=0).sum() / expected == pytest.approx(1, abs=0.01)


def test_simulate_cohort__linkage_decays_as_in_people(cohort):
    alt_frequency = frequencies(cohort, "north")
    is_common = (alt_frequency > 0.01) & (alt_frequency < 0.99)
    variants = cohort.genotypes.variants[is_common]
    is_northern = cohort.genotypes.samples["ancestry"] == "north"
    north = cohort.genotypes.counts[is_northern][:, is_common]
    r2 = np.corrcoef(north.T) ** 2 - 1 / (len(north) - 1)
    position_kb = variants["position_bp"].to_numpy() / 1000
    distance_kb = np.abs(position_kb[:, None] - position_kb)
    is_far = variants["chromosome"].to_numpy()[:, None] != variants["chromosome"].to_numpy()
    bins = [(0, 10), (10, 50), (50, 100), (100, 250), (250, 500)]
    decay = [r2[(distance_kb > low) & (distance_kb <= high) & ~is_far].mean() for low, high in bins]
    people = [0.215, 0.106, 0.051, 0.021, 0.006]  # 1000 Genomes Europeans, 22 × 1 Mb, MAF ≥ 1 %
    np.testing.assert_allclose(decay, people, rtol=0.5, atol=0.01)
    assert decay == sorted(decay, reverse=True)
    assert r2[is_far].mean() < 0.001


def test_simulate_cohort__repeats_with_a_seed_only():
    first, again, other = (simulate_cohort(TINY, seed=seed) for seed in (5, 5, 6))
    np.testing.assert_array_equal(first.genotypes.counts, again.genotypes.counts)
    pd.testing.assert_frame_equal(first.genotypes.samples, again.genotypes.samples)
    pd.testing.assert_frame_equal(first.truth, again.truth)
    assert not first.genotypes.variants.equals(other.genotypes.variants)


def test_simulate_cohort__number_of_processes_changes_nothing():
    one, three = (simulate_cohort(TINY, seed=5, n_processes=n) for n in (1, 3))
    np.testing.assert_array_equal(one.genotypes.counts, three.genotypes.counts)
    pd.testing.assert_frame_equal(one.genotypes.variants, three.genotypes.variants)


def test_simulate_cohort__truth_explains_the_stated_share(cohort):
    assert cohort.truth.groupby("trait").size().to_dict() == {"disease": 40, "ldl": 40}
    score = true_score(cohort, "ldl")
    values = (cohort.genotypes.samples["ldl"].to_numpy() - LDL_MEAN) / LDL_SD
    assert score.var() == pytest.approx(CLEAN.heritability, abs=1e-6)
    assert np.polyfit(score, values, 1)[0] == pytest.approx(1, abs=0.08)
    assert np.corrcoef(score, values)[0, 1] ** 2 == pytest.approx(CLEAN.heritability, abs=0.04)


def test_simulate_cohort__regression_recovers_each_effect(cohort):
    truth = cohort.truth[cohort.truth["trait"] == "ldl"]
    columns = pd.Index(cohort.genotypes.variants["id"]).get_indexer(truth["id"])
    counts = cohort.genotypes.counts[:, columns]
    np.testing.assert_allclose(counts.mean(axis=0) / 2, truth["alt_frequency"])
    alt = cohort.genotypes.variants["alt"].iloc[columns]
    assert alt.tolist() == truth["effect_allele"].tolist()
    ldl = cohort.genotypes.samples["ldl"].to_numpy() / LDL_SD
    design = np.column_stack([np.ones(len(counts)), counts])
    estimated = np.linalg.lstsq(design, ldl, rcond=None)[0][1:]
    precision = counts.var(axis=0)
    slope = (precision * estimated) @ truth["effect"] / (precision @ truth["effect"] ** 2)
    assert slope == pytest.approx(1, abs=0.1)


def test_simulate_cohort__with_full_heritability_genes_decide():
    settings = CLEAN.model_copy(update={"n_samples": 400, "heritability": 1.0})
    cohort = simulate_cohort(settings, seed=SEED)
    is_case = (cohort.genotypes.samples["disease"] == 2).to_numpy(bool)
    liability = true_score(cohort, "disease")
    assert liability[is_case].min() > liability[~is_case].max()
    assert np.corrcoef(true_score(cohort, "ldl"), cohort.genotypes.samples["ldl"])[0, 1] > 0.999


def test_simulate_cohort__has_the_stated_cases_sexes_and_ages(cohort):
    samples = cohort.genotypes.samples
    assert (samples["disease"] == 2).sum() == CLEAN.prevalence * CLEAN.n_samples
    assert set(samples["disease"]) == {1, 2}
    assert (samples["sex"] == 2).mean() == pytest.approx(0.5, abs=0.04)
    assert samples["age"].between(40, 69).all()
    by_sex = samples.groupby("sex")["ldl"].mean()
    assert 0 < by_sex[2] - by_sex[1] < 0.3


def test_draw_effects__mixes_two_normals_and_favours_rare_alleles():
    rare, common = np.full(100_000, 0.02), np.full(100_000, 0.5)
    effects = draw_effects(np.concatenate([rare, common]), rng=np.random.default_rng(6))
    of_rare, of_common = effects.reshape(2, -1)
    variance_ratio = (0.02 * 0.98 / 0.25) ** -0.25
    assert of_rare.var() / of_common.var() == pytest.approx(variance_ratio, rel=0.05)
    excess_kurtosis = 3 * (0.9 + 0.1 * 3**4) / (0.9 + 0.1 * 3**2) ** 2 - 3
    assert pd.Series(of_common).kurt() == pytest.approx(excess_kurtosis, rel=0.1)


def kinship_robust(one, other):
    """KING-robust kinship of two people (Manichaikul et al. 2010, equation 11)."""
    is_het = np.stack([one == 1, other == 1])
    n_opposite = (np.abs(one - other) == 2).sum()
    n_het = is_het.sum(axis=1).min()
    return (
        (is_het.all(axis=0).sum() - 2 * n_opposite) / (2 * n_het) + 0.5 - is_het.sum() / n_het / 4
    )


def test_simulate_cohort__children_resemble_their_parents(cohort):
    people = draw_people(CLEAN, rng=np.random.default_rng(derive_seed(SEED, "people")))
    place = np.argsort(people.order)
    n_founders = sum(people.founders.values())
    counts = cohort.genotypes.counts.astype(int)
    ancestry = cohort.genotypes.samples["ancestry"]
    kinships = []
    assert len(people.parents) == round(CLEAN.children * CLEAN.n_samples)
    for number, parents in enumerate(people.parents):
        child = place[n_founders + number]
        for parent in place[parents]:
            assert not (np.abs(counts[child] - counts[parent]) == 2).any()
            assert ancestry[child] == ancestry[parent]
            kinships.append(kinship_robust(counts[child], counts[parent]))
    assert np.mean(kinships) == pytest.approx(0.25, abs=0.05)
    siblings = counts[place[n_founders:]].reshape(-1, 2, counts.shape[1])
    of_siblings = [kinship_robust(one, other) for one, other in siblings]
    assert np.mean(of_siblings) == pytest.approx(0.25, abs=0.12)  # twins have 0.5
    couple = place[people.parents[0]]
    assert (np.abs(counts[couple[0]] - counts[couple[1]]) == 2).any()


def test_simulate_cohort__loses_the_stated_calls_and_values(flawed):
    counts, samples = flawed.genotypes.counts, flawed.genotypes.samples
    assert set(np.unique(counts)) == {MISSING, 0, 1, 2}
    typical = np.median((counts == MISSING).mean(axis=0))
    assert typical == pytest.approx(SMALL.missing_calls, rel=0.3)
    for column in ("ancestry", "disease", "ldl"):
        assert samples[column].isna().mean() == pytest.approx(SMALL.missing_phenotypes, abs=0.01)
    assert not samples[["fid", "iid", "sex", "age"]].isna().any(axis=None)


def test_spoil_calls__leaves_work_for_quality_control():
    rng = np.random.default_rng(3)
    counts = np.asfortranarray(rng.binomial(2, 0.4, (3000, 2000)).astype(np.int8))
    spoil_calls(counts, missing_calls=0.002, flawed=True, rng=rng)
    assert ((counts == MISSING).mean(axis=1) > 0.02).sum() == 3
    assert ((counts == MISSING).mean(axis=0) > 0.02).sum() == 6
    is_called = counts != MISSING
    alt_frequency = np.where(is_called, counts, 0).sum(axis=0) / is_called.sum(axis=0) / 2
    heterozygosity = (counts == 1).sum(axis=0) / is_called.sum(axis=0)
    inbreeding = 1 - heterozygosity / (2 * alt_frequency * (1 - alt_frequency))
    assert (inbreeding > 0.1).sum() == 2
    assert np.sort(inbreeding)[-3] < 0.1


def test_spoil_calls__can_spoil_nothing():
    counts = np.ones((50, 40), np.int8)
    spoil_calls(counts, missing_calls=0, flawed=False, rng=np.random.default_rng(1))
    assert (counts == 1).all()


def test_recombination_map__has_the_human_mean_in_hotspots():
    rates = recombination_map(5_000_000, np.random.default_rng(2))
    assert rates.total_mass == pytest.approx(5e6 * CROSSOVERS_PER_BP)
    by_heat = np.argsort(-rates.rate)
    bp, morgans = rates.span[by_heat], rates.mass[by_heat]
    hottest_tenth = np.cumsum(bp) <= rates.sequence_length / 10
    assert morgans[hottest_tenth].sum() / rates.total_mass > 0.6


def test_recombination_map__of_a_short_stretch_has_the_human_mean():
    rates = recombination_map(3000, np.random.default_rng(2))
    assert rates.total_mass == pytest.approx(3000 * CROSSOVERS_PER_BP)


def test_gamete__crosses_over_as_often_as_the_map_says():
    rng = np.random.default_rng(4)
    rates = recombination_map(20_000_000, rng)  # 0.2 morgans
    positions = np.arange(1, 20_000_000, 10_000)
    sides = np.array([gamete(positions, rates, rng) for _ in range(4000)])
    assert np.abs(np.diff(sides)).sum() / len(sides) == pytest.approx(0.2, abs=0.03)
    assert sides[:, 0].mean() == pytest.approx(0.5, abs=0.04)
    has_crossed = sides[:, 0] != sides[:, -1]
    assert has_crossed.mean() == pytest.approx((1 - np.exp(-0.4)) / 2, abs=0.03)  # Haldane 1919


def test_simulate_chromosome__says_what_to_do_when_it_is_too_short():
    people = People({"north": 30, "south": 20}, np.zeros((0, 2), int), np.arange(50))
    with pytest.raises(ConfigError, match=r"1,000 bp .* Raise simulation.chromosome_mb"):
        simulate_chromosome(1, 1000, 900, people=people, seed=1)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"n_variants": 90000, "chromosome_mb": 1}, "must lie between"),
        ({"n_variants": 100}, "must lie between"),
        ({"n_variants": 400, "n_causal": 401}, "n_causal"),
        ({"n_chromosomes": 23}, "n_chromosomes"),
        ({"prevalence": 0}, "prevalence"),
    ],
)
def test_settings__refuse_the_impossible(change, complaint):
    with pytest.raises(ValidationError, match=complaint):
        SimulationSettings(**change)


def output_paths(folder: Path) -> dict[str, Path]:
    names = {kind: f"simulated.{kind}" for kind in ("bed", "bim", "fam")}
    names |= {"phenotypes": "phenotypes.tsv", "truth": "truth.tsv"}
    return {key: folder / name for key, name in names.items()}


def test_save_cohort__is_read_back_as_it_was(flawed, tmp_path):
    paths = output_paths(tmp_path)
    save_cohort(flawed, **paths)
    assert set(tmp_path.iterdir()) == set(paths.values())
    with open_bed(paths["bed"]) as bed:
        counts = bed.read(dtype="int8")
        np.testing.assert_array_equal(
            np.where(counts == -127, MISSING, counts), flawed.genotypes.counts
        )
        assert bed.allele_1.tolist() == flawed.genotypes.variants["alt"].tolist()
        assert bed.sex.tolist() == flawed.genotypes.samples["sex"].tolist()
        iids = bed.iid.tolist()
    phenotypes = read_table(paths["phenotypes"])
    assert list(phenotypes) == ["FID", "IID", "sex", "age", "ancestry", "disease", "ldl"]
    assert phenotypes["IID"].tolist() == iids
    assert iids[0] == "sim00001"
    assert phenotypes["disease"].dropna().isin([1, 2]).all()
    assert read_table(paths["truth"])["effect"].to_numpy() == pytest.approx(
        flawed.truth["effect"].to_numpy()
    )


@pytest.mark.skipif(shutil.which("plink2") is None, reason="plink2 is not on PATH")
def test_save_cohort__plink2_counts_the_same_alt_alleles(flawed, tmp_path):
    paths = output_paths(tmp_path)
    save_cohort(flawed, **paths)
    prefix = paths["bed"].with_suffix("")
    command = ["plink2", "--bfile", prefix, "--freq", "counts", "--out", prefix, "--threads", "1"]
    subprocess.run(command, check=True, capture_output=True)
    table = pd.read_csv(tmp_path / "simulated.acount", sep="\t")
    counts = flawed.genotypes.counts
    assert table["ALT_CTS"].tolist() == np.where(counts == MISSING, 0, counts).sum(axis=0).tolist()
    assert table["REF"].tolist() == flawed.genotypes.variants["ref"].tolist()


def test_script__writes_the_cohort(tmp_path):
    script = Path(__file__).parents[2] / "workflow/scripts/simulate_cohort.py"
    job = SimpleNamespace(
        log=[tmp_path / "log"],
        params=SimpleNamespace(settings=TINY.model_dump(mode="json"), seed=5),
        output=SimpleNamespace(**output_paths(tmp_path)),
        threads=1,
    )
    runpy.run_path(str(script), {"snakemake": job})
    assert "wrote 200 people × 200 variants" in (tmp_path / "log").read_text()
    assert all(path.exists() for path in output_paths(tmp_path).values())
