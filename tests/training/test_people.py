import numpy as np
import torch

from genosynth.training.people import digest, divide, hide_labels


def test_divide__covers_everybody_once():
    division = divide(torch.arange(100), validation_fraction=0.1, seed=1)
    assert len(division.validation) == 10
    together = torch.cat((division.fitting, division.validation))
    assert sorted(together.tolist()) == list(range(100))


def test_divide__keeps_families_on_one_side():
    families = torch.arange(200) // 5
    division = divide(families, validation_fraction=0.1, seed=1)
    assert len(division.validation) == 20
    assert not set(families[division.validation].tolist()) & set(
        families[division.fitting].tolist()
    )


def test_divide__one_large_family_is_divided_all_the_same():
    division = divide(torch.zeros(100), validation_fraction=0.1, seed=1)
    assert len(division.validation) == 10
    assert len(division.fitting) == 90


def test_hide_labels__hides_whole_labels_at_the_stated_rate():
    labels = torch.ones(20_000, 5)
    generator = torch.Generator().manual_seed(1)
    hidden = hide_labels(labels, [slice(0, 2), slice(2, 5)], fraction=0.3, generator=generator)
    assert torch.equal(hidden[:, 0], hidden[:, 1])
    assert torch.equal(hidden[:, 2], hidden[:, 4])
    assert abs(hidden[:, 0].mean() - 0.7) < 0.015
    assert abs((hidden[:, 0] * hidden[:, 2]).mean() - 0.49) < 0.015
    assert labels.min() == 1  # the caller's labels are untouched


def test_digest__sees_values_and_settings():
    counts = np.zeros((3, 4), np.int8)
    other = counts.copy()
    other[2, 3] = 1
    assert len({digest(counts, 1), digest(other, 1), digest(counts, 2)}) == 3
    assert digest(counts, 1) == digest(counts.copy(), 1)
