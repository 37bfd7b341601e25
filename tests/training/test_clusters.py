"""Clusters of haplotypes: the likelihood by enumeration, and what fitting does to it."""

from itertools import product

import numpy as np
import pytest

from genosynth.models.clusters import HaplotypeClusters
from genosynth.training import cluster_chains
from genosynth.training.cluster_chains import alt_frequencies, first_clusters, fit_chains, maximise
from genosynth.training.cluster_pairs import expectations, log_likelihood
from tests.models.mosaic_people import mosaic_people, true_mosaic


def random_clusters(generator: np.random.Generator) -> HaplotypeClusters:
    """Two ancestries, three clusters, two chromosomes of two variants."""
    return HaplotypeClusters(
        stay=np.array([0, 0.7, 0, 0.4]),
        jumps=generator.dirichlet(np.ones(3), (2, 4)),
        alt=generator.uniform(0.1, 0.9, (4, 3)),
    )


def enumerated(clusters: HaplotypeClusters, counts: np.ndarray, ancestry: int) -> tuple:
    """Likelihood of one person, and expected jumps, over all paths of both haplotypes.

    A path says for each variant in which cluster a haplotype is, and whether it jumped there.
    """
    places, moves = (np.array(list(product(each, repeat=4))) for each in ([0, 1, 2], [False, True]))
    path, jumped = np.repeat(places, len(moves), axis=0), np.tile(moves, (len(places), 1))
    site = np.arange(4)
    stayed = (path == np.roll(path, 1, axis=1)) * clusters.stay
    landed = clusters.jumps[ancestry, site, path] * (1 - clusters.stay)
    probability = np.where(jumped, landed, stayed).prod(axis=1)
    path, jumped = path[probability > 0], jumped[probability > 0]
    probability = probability[probability > 0]
    alt = clusters.alt[site, path]
    one, two = alt[:, None], alt  # (n_paths, n_paths, n_variants)
    het = one * (1 - two) + two * (1 - one)
    of_counts = [(1 - one) * (1 - two), het, one * two, np.ones_like(het)]
    joint = np.outer(probability, probability)
    for j, copies in enumerate(counts):
        joint *= of_counts[copies][:, :, j]
    of_path = joint.sum(axis=1) + joint.sum(axis=0)
    jumps = [[of_path[jumped[:, j] & (path[:, j] == k)].sum() for k in range(3)] for j in site]
    return joint.sum(), np.array(jumps) / joint.sum()


def test_expectations__equal_enumeration_of_all_paths():
    generator = np.random.default_rng(1)
    clusters = random_clusters(generator)
    counts = generator.integers(-1, 3, (4, 4)).astype(np.int8)
    ancestry = np.array([0, 1, 1, 0])
    found = expectations(clusters, counts, ancestry)
    people = [enumerated(clusters, *person) for person in zip(counts, ancestry, strict=True)]
    of_people = np.log([likelihood for likelihood, _ in people])
    assert found.log_likelihood == pytest.approx(of_people.sum(), rel=1e-5)
    jumps = [sum(people[row][1] for row in rows) for rows in ((0, 3), (1, 2))]
    np.testing.assert_allclose(found.jumps, jumps, rtol=1e-4)
    np.testing.assert_allclose(
        found.pairs.sum(axis=2),
        [[(of_variant == copies).sum() for copies in range(3)] for of_variant in counts.T],
        rtol=1e-5,
    )


def test_maximise__never_lowers_the_likelihood(monkeypatch):
    for prior in ("LEANING_ALLELES", "LEANING_JUMPS", "ANYWHERE", "MIN_FREQUENCY", "MIN_JUMP"):
        monkeypatch.setattr(cluster_chains, prior, 1e-9)
    counts = mosaic_people(200, seed=1).counts
    counts[np.random.default_rng(1).random(counts.shape) < 0.05] = -1
    ancestry = np.arange(200) % 2
    is_start = np.arange(counts.shape[1]) % 20 == 0
    clusters = first_clusters(counts, is_start, n_ancestries=2, n_clusters=4, seed=1)
    values = []
    for _ in range(20):
        found = expectations(clusters, counts, ancestry)
        values.append(found.log_likelihood)
        clusters = maximise(found, clusters, alt_frequencies(counts))
    assert min(np.diff(values)) > -1e-5 * abs(values[-1])
    assert values[-1] > values[0] + 200


def test_fit_chains__comes_close_to_the_truth_on_held_out_people():
    train, test = (mosaic_people(n, seed=n).counts for n in (1000, 300))
    everybody, is_start = np.zeros(1000, np.intp), np.arange(train.shape[1]) == 0
    start = first_clusters(train, is_start, n_ancestries=1, n_clusters=8, seed=1)
    clusters = fit_chains(start, train, everybody, max_iterations=40)
    reached = log_likelihood(clusters, test, everybody[:300]) / 300
    truth = log_likelihood(true_mosaic(), test, everybody[:300]) / 300
    p = alt_frequencies(train)
    independent = np.log(np.stack([(1 - p) ** 2, 2 * p * (1 - p), p**2]))
    unlinked = independent[test, np.arange(len(p))].sum(axis=1).mean()
    assert unlinked < truth - 10
    assert truth - reached < 0.05 * (truth - unlinked)


def test_expectations__missing_calls_say_nothing():
    clusters = random_clusters(np.random.default_rng(1))
    counts = np.full((1, 4), -1, np.int8)
    assert log_likelihood(clusters, counts, np.zeros(1, np.intp)) == pytest.approx(0, abs=1e-6)
