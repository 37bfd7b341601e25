"""Scores beside scikit-allel: its frequencies, Fst, linkage, principal components and distances."""

from dataclasses import replace

import allel
import numpy as np
import pytest
from scipy.linalg import sqrtm
from scipy.spatial.distance import squareform

from genosynth.data.genotypes import Genotypes
from genosynth.evaluation.comparison import Comparison, Sides
from genosynth.evaluation.fidelity.allele_frequency import compare_frequencies
from genosynth.evaluation.fidelity.linkage import N_BINS, compare_linkage, measure_linkage
from genosynth.evaluation.fidelity.neighbours import NEIGHBOURS, compare_neighbours
from genosynth.evaluation.fidelity.structure import compare_structure, fit_components
from genosynth.evaluation.privacy.nearest_record import compare_nearness, nearest
from genosynth.settings.evaluation import EvaluationSettings
from tests.evaluation.simulated_people import population, with_missing_calls

PEOPLE = population(200, n_chromosomes=5, fst=0.05)
VARIANTS = PEOPLE.variants()
TRAIN, HOLDOUT, FRESH = (PEOPLE.people(300, seed) for seed in (1, 2, 3))
# A fifth of the genotypes are made 0: frequencies, linkage and neighbours agree in part.
FADED = np.where(np.random.default_rng(4).random((300, 200)) < 0.2, np.int8(0), FRESH.counts)
SYNTHETIC = replace(FRESH, counts=FADED)
COMPLETE = [TRAIN, HOLDOUT, SYNTHETIC]
WITH_GAPS = [with_missing_calls(people, i, share=0.1) for i, people in enumerate(COMPLETE)]
either = pytest.mark.parametrize("people", [COMPLETE, WITH_GAPS], ids=["complete", "gaps"])
CALLS = np.array([[0, 0], [0, 1], [1, 1], [-1, -1]], np.int8)  # of 0, 1, 2 and, last, missing


def called(people: Genotypes) -> allel.GenotypeArray:
    return allel.GenotypeArray(CALLS[people.counts.T])


@either
def test_marginals__are_those_of_scikit_allel(people) -> None:
    comparison = Comparison(*people, [])
    found = compare_frequencies(comparison, n_bootstrap=1, seed=1)
    sides = [called(comparison.train), called(comparison.synthetic)]
    alt = np.stack([side.count_alleles().to_frequencies()[:, 1] for side in sides])
    assert found["af_pearson"].value == pytest.approx(np.corrcoef(alt)[0, 1])
    assert found["af_rmse"].value == pytest.approx(np.sqrt(np.square(alt[0] - alt[1]).mean()))
    real, drawn = (allel.heterozygosity_observed(side) for side in sides)
    slope = np.linalg.lstsq(real[:, None], drawn)[0].item()
    assert found["heterozygosity_slope"].value == pytest.approx(slope)
    real, drawn = (
        np.stack([side.count_hom_ref(axis=1), side.count_het(axis=1), side.count_hom_alt(axis=1)])
        / side.count_called(axis=1)
        for side in sides
    )
    error = np.sqrt(np.square(real - drawn).mean())
    assert found["genotype_frequency_rmse"].value == pytest.approx(error)


@either
def test_fst__is_hudsons_of_scikit_allel(people) -> None:
    train, holdout, _ = people
    west = train.take(np.flatnonzero(train.samples["ancestry"] == "west")[:100])
    sides = Sides(west, holdout.take(np.arange(100)))
    found = compare_structure(sides, fit_components(train, used=np.ones(200, bool)))["fst"]
    between, total = allel.hudson_fst(
        *(called(side).count_alleles() for side in (sides.synthetic, sides.holdout))
    )
    assert found.value > 0.005
    assert found.value == pytest.approx(between.sum() / total.sum(), rel=1e-6)


def correlations(people: Genotypes) -> np.ndarray:
    """Rogers and Huff's r of all pairs of variants, in the order of FIRST and SECOND."""
    return allel.rogers_huff_r(np.ascontiguousarray(people.counts.T)).astype(float)


FIRST, SECOND = np.triu_indices(200, k=1)
CHROMOSOME, POSITION_BP = (VARIANTS[name].to_numpy() for name in ("chromosome", "position_bp"))
IS_WITHIN = CHROMOSOME[FIRST] == CHROMOSOME[SECOND]
APART_BP = np.abs(POSITION_BP[SECOND] - POSITION_BP[FIRST])


@either
def test_linkage__is_rogers_and_huffs_of_scikit_allel(people) -> None:
    comparison = Comparison(*people, [])
    settings = EvaluationSettings(n_random_pairs=len(FIRST))  # all pairs
    found = compare_linkage(measure_linkage(comparison), comparison, settings=settings, seed=1)
    r = np.stack([correlations(side) for side in (comparison.train, comparison.synthetic)])
    near = IS_WITHIN & (settings.near_kb > APART_BP / 1000)
    assert found["ld_all_pearson"].value == pytest.approx(np.corrcoef(r)[0, 1], abs=1e-5)
    assert found["ld_near_pearson"].value == pytest.approx(np.corrcoef(r[:, near])[0, 1], abs=1e-5)


def test_decay__is_that_of_scikit_allels_correlations() -> None:
    comparison = Comparison(*COMPLETE, [])
    linkage = measure_linkage(comparison)
    found = compare_linkage(linkage, comparison, settings=EvaluationSettings(), seed=1)
    # as many people on both sides: the bias of r² falls out
    gain = (correlations(SYNTHETIC) ** 2 - correlations(TRAIN) ** 2)[IS_WITHIN]
    scale = np.log(APART_BP[IS_WITHIN])
    bins = (scale - scale.min()) // (np.ptp(scale) / N_BINS)
    bins = np.minimum(bins, N_BINS - 1)
    means = [gain[bins == i].mean() for i in range(N_BINS) if (bins == i).sum() >= 10]
    error = np.sqrt(np.square(means).mean())
    assert found["ld_decay_rmse"].value == pytest.approx(error, rel=1e-4)
    assert found["ld_decay_rmse"].n == len(means)


def test_components__are_those_of_scikit_allel() -> None:
    coordinates, model = allel.pca(TRAIN.counts.T.astype(float), n_components=10)
    components = fit_components(TRAIN, used=np.ones(200, bool))
    # its scale is the standard deviation of an allele, ours that of a genotype; signs are free
    ours = components.project(TRAIN.counts)
    assert np.abs(ours) == pytest.approx(np.abs(coordinates) / np.sqrt(2), rel=1e-3, abs=1e-2)
    drawn, real = (
        model.transform(people.counts.T.astype(float)) for people in (SYNTHETIC, HOLDOUT)
    )
    first, second = np.cov(drawn.T), np.cov(real.T)
    shift = np.square(drawn.mean(axis=0) - real.mean(axis=0)).sum()
    distance = shift + np.trace(first + second - 2 * sqrtm(first @ second).real)
    found = compare_structure(Sides(SYNTHETIC, HOLDOUT), components)["pca_distance"]
    assert found.value == pytest.approx(distance / np.trace(second), rel=1e-4)


def distances(*sets: np.ndarray) -> np.ndarray:
    return squareform(allel.pairwise_distance(np.concatenate(sets).T, metric="hamming"))


def test_neighbours__are_those_of_scikit_allels_distances() -> None:
    found = compare_neighbours(Sides(SYNTHETIC, HOLDOUT), seed=1)
    everybody = distances(SYNTHETIC.counts, HOLDOUT.counts)
    np.fill_diagonal(everybody, np.inf)
    of = {"synthetic": slice(0, 300), "truth": slice(300, 600)}
    accuracies = []
    for own, other in (("truth", "synthetic"), ("synthetic", "truth")):
        to_own = everybody[of[own], of[own]].min(axis=1)
        to_other = everybody[of[own], of[other]].min(axis=1)
        accuracies.append((to_other > to_own).mean() + (to_other == to_own).mean() / 2)
        assert found[f"aats_{own}"].value == pytest.approx(accuracies[-1])
    assert found["aats"].value == pytest.approx(np.mean(accuracies))
    across = everybody[of["synthetic"], of["truth"]]
    for k in NEIGHBOURS:
        reach = np.sort(everybody[of["truth"], of["truth"]], axis=1)[:, k - 1]
        assert found[f"precision.{k}"].value == (across <= reach).any(axis=1).mean()
        reach = np.sort(everybody[of["synthetic"], of["synthetic"]], axis=1)[:, k - 1]
        assert found[f"recall.{k}"].value == (across <= reach[:, None]).any(axis=0).mean()


def test_nearness__is_that_of_scikit_allels_distances() -> None:
    train, holdout = (people.take(np.arange(150)) for people in (TRAIN, HOLDOUT))
    released = np.concatenate([train.counts[:10], FRESH.counts])
    synthetic, strangers = (nearest(people, train.counts) for people in (released, holdout.counts))
    found = compare_nearness(synthetic, strangers, seed=1)
    to_train = np.sort(distances(train.counts, holdout.counts, released)[150:, :150], axis=1)
    of_holdout, of_released = to_train[:150], to_train[150:]
    assert found["identical_match_rate"].value == 10 / 310
    ratio = np.median(of_released[:, 0]) / np.median(of_holdout[:, 0])
    assert found["dcr_ratio"].value == pytest.approx(ratio)
    ratios = of_released[:, 0] / of_released[:, 1]
    assert found["nndr"].value == pytest.approx(np.median(ratios))
