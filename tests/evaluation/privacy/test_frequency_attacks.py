"""Attacks on allele frequencies: SciPy, the closed form, and a simulation of it."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom, ttest_1samp

from genosynth.data.genotypes import MISSING
from genosynth.evaluation.privacy.attacker import Stratum, attacker_view, find_strata
from genosynth.evaluation.privacy.frequency_attacks import (
    attack_by_likelihood_ratio,
    homer_statistic,
    likelihood_ratio,
    smoothed_frequency,
)
from genosynth.evaluation.privacy.frequency_theory import effective_variants, theory_of
from genosynth.evaluation.privacy.membership import draw_targets
from genosynth.evaluation.privacy.thresholds import n_caught
from genosynth.evaluation.roc import auc
from tests.evaluation.simulated_people import ANCESTRY, LABELS, population

RNG = np.random.default_rng(1)
RELEASED, REFERENCE = RNG.uniform(0.05, 0.95, (2, 80))
COUNTS = RNG.binomial(2, 0.4, (30, 80)).astype(np.int8)
COUNTS[RNG.random(COUNTS.shape) < 0.1] = MISSING


def stratum(n_train: int, n_synthetic: int, n_reference: int, n_targets: int = 1) -> Stratum:
    masks = (np.ones(n, bool) for n in (n_targets, n_synthetic, n_reference))
    return Stratum(*masks, n_train)


def test_likelihood_ratio__equals_binomial_probabilities() -> None:
    released, reference = (
        binom.logpmf(np.maximum(COUNTS, 0), 2, frequency) for frequency in (RELEASED, REFERENCE)
    )
    expected = np.where(COUNTS == MISSING, 0, released - reference).sum(axis=1)
    assert likelihood_ratio(COUNTS, RELEASED, REFERENCE) == pytest.approx(expected)


def test_homer__is_a_one_sample_t_test() -> None:
    for person, found in zip(COUNTS, homer_statistic(COUNTS, RELEASED, REFERENCE), strict=True):
        called = person != MISSING
        own = person[called] / 2
        nearer = np.abs(own - REFERENCE[called]) - np.abs(own - RELEASED[called])
        unbiased = np.sqrt(called.sum() / (called.sum() - 1))  # SciPy divides by n − 1
        assert found == pytest.approx(ttest_1samp(nearer, 0).statistic * unbiased)


def test_homer__of_somebody_without_calls_is_zero() -> None:
    nobody = np.full((1, 80), MISSING, np.int8)
    assert homer_statistic(nobody, RELEASED, REFERENCE).tolist() == [0.0]


def test_frequency__is_never_certain() -> None:
    counts = np.array([[0, 2, MISSING], [0, 2, 1]], np.int8)
    assert smoothed_frequency(counts).tolist() == [0.1, 0.9, 0.5]


# Numbers of a table computed apart: AUC and true positive rate at 1 % of false ones.
@pytest.mark.parametrize(
    ("sizes", "auc_expected", "tpr_expected"),
    [
        ((1_000, 500, 500, 5_000), 0.755, 0.088),
        ((10_000, 2_000, 2_000, 5_000), 0.846, 0.19),
        ((2_048, 330_280, 330_280, 45_873), 0.507, 0.011),
        ((65_000, 2_504, 2_504, 2_504), 0.981, 0.73),
    ],
)
def test_theory__equals_known_values(
    sizes: tuple[int, ...], auc_expected: float, tpr_expected: float
) -> None:
    m, n_train, n_synthetic, n_reference = sizes
    theory = theory_of([stratum(n_train, n_synthetic, n_reference)], float(m))
    success = (theory.auc(), theory.rates(np.array([0.01]))[0])
    assert success == pytest.approx((auc_expected, tpr_expected), abs=0.005)


def test_theory__is_the_mean_over_targets() -> None:
    small, large = stratum(50, 50, 50, n_targets=1), stratum(900, 900, 200, n_targets=3)
    apart = [theory_of([each], 300.0).auc() for each in (small, large)]
    assert theory_of([small, large], 300.0).auc() == pytest.approx(apart[0] / 4 + 3 * apart[1] / 4)


def test_theory__of_some_targets_is_that_of_their_classes() -> None:
    is_small = np.arange(400) < 100
    everybody = np.ones(50, bool)
    strata = [
        Stratum(is_small, everybody, everybody, n_train=50),
        Stratum(~is_small, everybody, everybody, n_train=900),
    ]
    found = theory_of(strata, 300.0, among=is_small)
    assert found.auc() == pytest.approx(theory_of(strata[:1], 300.0).auc())
    assert np.isnan(theory_of(strata, 300.0, among=np.zeros(400, bool)).auc())


def test_theory__the_curve_encloses_the_area() -> None:
    theory = theory_of([stratum(50, 50, 50, n_targets=1), stratum(900, 900, 200)], 300.0)
    false_alarms = np.linspace(0, 1, 20_001)
    area = np.trapezoid(theory.rates(false_alarms), false_alarms)
    assert area == pytest.approx(theory.auc(), abs=1e-3)


def test_theory__is_what_a_simulation_of_independent_variants_reaches() -> None:
    m, n_train, n_synthetic, n_reference = 300, 300, 300, 600
    rng = np.random.default_rng(2)
    areas, shares = [], []
    for _ in range(25):
        frequency = rng.uniform(0.1, 0.9, m)
        train = rng.binomial(2, frequency, (n_train, m)).astype(np.int8)
        others, reference = (
            rng.binomial(2, frequency, (n, m)).astype(np.int8) for n in (300, n_reference)
        )
        faithful = rng.binomial(2, train.mean(axis=0) / 2, (n_synthetic, m)).astype(np.int8)
        people = np.concatenate([train, others])
        scores = likelihood_ratio(
            people, smoothed_frequency(faithful), smoothed_frequency(reference)
        )
        areas.append(auc(scores, np.arange(len(people)) < n_train))
        shares.append(n_caught(scores[:n_train], scores[n_train:]) / n_train)
    theory = theory_of([stratum(n_train, n_synthetic, n_reference)], float(m))
    (share,) = theory.rates(np.array([0.01]))
    assert np.mean(areas) == pytest.approx(theory.auc(), abs=3 * np.std(areas) / 5)
    assert np.mean(shares) == pytest.approx(share, abs=3 * np.std(shares) / 5)


def test_theory__holds_with_linkage_and_ancestry() -> None:
    # Rows of train drawn with replacement have its frequencies, and sampling noise of their own.
    origin = population(200)
    rng = np.random.default_rng(4)
    areas, expected = [], []
    for seed in range(12):
        train, others, reference = (
            origin.people(n, 100 + 3 * seed + i) for i, n in enumerate((500, 400, 500))
        )
        targets, is_member = draw_targets(train, others, n_max=500, seed=seed)
        view = attacker_view(
            targets,
            synthetic=train.take(rng.integers(0, 500, 500)),
            reference=reference,
            train=train.samples,
            labels=[ANCESTRY],
        )
        areas.append(auc(attack_by_likelihood_ratio(view), is_member))
        ancestry = (train.samples["ancestry"] == "west").to_numpy().astype(np.intp)
        m_effective = effective_variants(train.counts, ancestry)
        expected.append(theory_of(view.strata, m_effective).auc())
    assert np.mean(expected) > 0.55
    error = np.std(areas) / np.sqrt(len(areas))
    assert np.mean(areas) == pytest.approx(np.mean(expected), abs=3 * error)


def test_theory__more_released_people_variants_and_reference_people_give_away_more() -> None:
    here = theory_of([stratum(2000, 2000, 500)], 1000.0)
    assert here.resized(rows=10).auc() == theory_of([stratum(2000, 20_000, 500)], 1000.0).auc()
    assert here.resized(variants=3).auc() == theory_of([stratum(2000, 2000, 500)], 3000.0).auc()
    areas = [here.resized(rows=rows).auc() for rows in (0.1, 1, 10, np.inf)]
    assert areas == sorted(areas)
    assert here.against_any_reference().auc() > here.auc()


def test_effective_variants__count_each_block_once() -> None:
    rng = np.random.default_rng(3)
    independent = rng.binomial(2, 0.5, (1500, 100)).astype(np.int8)
    nobody = np.zeros(1500, np.intp)
    assert effective_variants(independent, nobody) == pytest.approx(100, rel=0.03)
    blocks = np.repeat(independent[:, :25], 4, axis=1)
    assert effective_variants(blocks, nobody) == pytest.approx(25, rel=0.03)


def test_effective_variants__ignore_ancestry_between_groups() -> None:
    people = population(100, n_chromosomes=100, fst=0.3).people(2000, 1)
    ancestry = (people.samples["ancestry"] == "west").to_numpy().astype(np.intp)
    mixed = effective_variants(people.counts, np.zeros(2000, np.intp))
    assert mixed < 50
    assert effective_variants(people.counts, ancestry) == pytest.approx(100, rel=0.05)


def test_effective_variants__without_variation_are_unknown() -> None:
    assert np.isnan(effective_variants(np.zeros((50, 4), np.int8), np.zeros(50, np.intp)))


def people(*groups: tuple[float, str, int]) -> pd.DataFrame:
    """Samples: disease, ancestry, and how many."""
    rows = [(disease, ancestry) for disease, ancestry, n in groups for _ in range(n)]
    return pd.DataFrame(rows, columns=["disease", "ancestry"])


def test_strata__are_the_finest_that_are_large_enough() -> None:
    targets = people((0, "east", 2), (1, "east", 1), (1, "west", 1), (np.nan, "east", 1))
    release = people((0, "east", 80), (1, "east", 80), (1, "west", 10), (0, "west", 5))
    panel = people((0, "east", 60), (1, "east", 20), (1, "west", 40))
    strata = find_strata([targets, release, panel, release], LABELS)
    found = {
        tuple(np.flatnonzero(each.targets)): (
            each.synthetic.sum(),
            each.reference.sum(),
            each.n_train,
        )
        for each in strata
    }
    # controls of the east: a class of their own; cases: not by ancestry; unknown: everybody
    assert found == {(0, 1): (80, 60, 80), (2, 3): (90, 60, 90), (4,): (175, 120, 175)}
