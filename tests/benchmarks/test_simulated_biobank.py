"""A small simulated biobank: whole, the same in blocks of any size, and as true as it says."""

import filecmp

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.stats import norm

from benchmarks.mosaic import POPULATIONS, simulate_founders
from benchmarks.simulated_biobank import SHARES, write_biobank
from genosynth.data.genotypes import load_genotypes
from genosynth.data.labels import encode_labels, load_labels
from genosynth.files import read_table
from genosynth.settings.simulation import SimulationSettings

SEED = 1
N_FOUNDERS = 200
SMALL = SimulationSettings(
    n_samples=4000,
    n_chromosomes=4,
    chromosome_mb=1,
    n_variants=200,
    n_causal=20,
    prevalence=0.15,
)
FILES = [f"genotypes/{name}" for name in ("counts.npy", "samples.tsv", "variants.tsv")]
FILES += ["labels.json", "truth.tsv"]


def write(folder, *, n_people=SMALL.n_samples, seed=SEED, block_size=512):
    settings = SMALL.model_copy(update={"n_samples": n_people})
    write_biobank(folder, settings, seed=seed, n_founders=N_FOUNDERS, block_size=block_size)
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write(tmp_path_factory.mktemp("biobank"))


@pytest.fixture(scope="module")
def biobank(folder):
    return load_genotypes(folder / "genotypes")


@pytest.fixture(scope="module")
def founders():
    return simulate_founders(SMALL, people_per_population=N_FOUNDERS, seed=SEED)


def people_of(biobank, population):
    return biobank.take((biobank.samples["ancestry"] == population).to_numpy())


def adjacent_r2(alleles):
    """Squared correlation (n_variants − 1,) of neighbouring columns."""
    alleles = alleles - alleles.mean(axis=0)
    products = (alleles[:, 1:] * alleles[:, :-1]).sum(axis=0)
    squares = (alleles**2).sum(axis=0)
    return products**2 / (squares[1:] * squares[:-1])


def test_biobank__is_whole(folder, biobank):
    assert sorted(path.name for path in folder.rglob("*") if path.is_file()) == sorted(
        name.rpartition("/")[2] for name in FILES
    )
    assert biobank.counts.dtype == np.int8
    assert np.array_equal(np.unique(biobank.counts), [0, 1, 2])
    shares = biobank.samples["part"].value_counts(normalize=True)
    assert shares.to_dict() == pytest.approx(
        {"train": 0.7, "test": 0.2, "reference": 0.1}, abs=0.03
    )
    assert biobank.samples["family"].is_unique


def test_biobank__has_labels_that_encode_everybody(folder, biobank):
    labels = load_labels(folder / "labels.json")
    assert [label.name for label in labels] == ["disease", "sex", "ancestry"]
    encoded = encode_labels(biobank.samples, labels)
    assert np.array_equal(encoded.sum(axis=1), np.full(SMALL.n_samples, 3))


def test_biobank__is_the_same_in_blocks_of_any_size(folder, tmp_path):
    again = write(tmp_path, block_size=77)
    equal, _, _ = filecmp.cmpfiles(folder, again, FILES, shallow=False)
    assert equal == FILES


def test_biobank__has_the_same_first_people_however_many_follow(biobank, tmp_path):
    few = load_genotypes(write(tmp_path, n_people=150) / "genotypes")
    assert np.array_equal(few.counts, biobank.counts[:150])
    same = ["iid", "part", "family", "sex", "ancestry"]
    assert few.samples[same].equals(biobank.samples[same].head(150))


def test_biobank__is_another_with_another_seed(biobank, tmp_path):
    other = load_genotypes(write(tmp_path, n_people=150, seed=2) / "genotypes")
    assert (other.counts != biobank.counts[:150]).mean() > 0.1


def test_biobank__has_the_founders_frequencies(biobank, founders):
    """Haplotypes copy independently of each other: what is left is binomial."""
    for population, share, alleles in zip(POPULATIONS, SHARES, founders.alleles, strict=True):
        people = people_of(biobank, population)
        assert len(people.samples) / SMALL.n_samples == pytest.approx(share, abs=0.03)
        expected = alleles.mean(axis=0)
        polymorphic = (expected > 0) & (expected < 1)
        variance = (expected * (1 - expected) / (2 * len(people.samples)))[polymorphic]
        found = people.counts.mean(axis=0) / 2
        assert np.array_equal(found[~polymorphic], expected[~polymorphic])
        z_scores = (found - expected)[polymorphic] / np.sqrt(variance)
        assert 0.7 < np.mean(z_scores**2) < 1.4


def test_biobank__keeps_the_founders_linkage(biobank, founders):
    for population, alleles in zip(POPULATIONS, founders.alleles, strict=True):
        varies = (alleles.mean(axis=0) > 0.02) & (alleles.mean(axis=0) < 0.98)
        chromosome = founders.variants["chromosome"].to_numpy()[varies]
        within = np.diff(chromosome) == 0
        wanted = adjacent_r2(alleles[:, varies].astype(float))[within]
        found = adjacent_r2(people_of(biobank, population).counts[:, varies].astype(float))
        assert wanted.max() > 0.5
        assert np.corrcoef(wanted, found[within])[0, 1] > 0.98
        assert found[~within].max() < 0.02


def test_biobank__has_the_prevalence_asked_for(biobank):
    assert biobank.samples["disease"].mean() == SMALL.prevalence


def test_biobank__has_the_effects_it_says(folder, biobank):
    """Cases are as probable as a probit model of the true genetic liability makes them."""
    truth = read_table(folder / "truth.tsv")
    assert len(truth) == SMALL.n_causal
    columns = biobank.variants.set_index("id").index.get_indexer(truth["id"])
    genetic = biobank.counts[:, columns] @ truth["effect"].to_numpy()
    assert genetic.var() == pytest.approx(SMALL.heritability)
    probability = case_probabilities(genetic)
    is_case = biobank.samples["disease"].to_numpy() == 1
    for fifth in np.array_split(np.argsort(genetic), 5):
        assert is_case[fifth].mean() == pytest.approx(probability[fifth].mean(), abs=0.04)
    frequency = biobank.counts[:, columns].mean(axis=0) / 2
    np.testing.assert_allclose(truth["alt_frequency"], frequency, atol=0.03)


def case_probabilities(genetic):
    """Of the liability threshold model with the threshold that gives the prevalence."""
    sd = np.sqrt(1 - SMALL.heritability)

    def excess(threshold):
        return norm.sf(threshold, genetic, sd).mean() - SMALL.prevalence

    return norm.sf(brentq(excess, -9, 9), genetic, sd)
