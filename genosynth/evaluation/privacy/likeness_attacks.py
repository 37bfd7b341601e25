"""Membership from likeness: synthetic people are denser than real ones where they were copied."""

import numpy as np
from numpy.typing import NDArray

from genosynth.evaluation.fidelity.linkage import kept_variants
from genosynth.evaluation.fidelity.structure import fit_components
from genosynth.evaluation.privacy.attacker import AttackerView
from genosynth.evaluation.privacy.nearest_record import nearest

N_COMPONENTS = 50  # enough that people are told apart, few enough for a density
BLOCK = 1024  # points at a time
CHUNK = 4096  # centres at a time

Values = NDArray[np.float64]
Points = NDArray[np.float32]  # (n_people, n_components)


def attack_by_nearest(view: AttackerView) -> Values:
    """Score targets by how much nearer their nearest synthetic is than their nearest real person.

    All synthetic people are searched, however many reference people there are: the minimum over
    them is the largest of this score over subsets as large as the reference panel, and numbers move
    members and others alike.
    """
    to_synthetic = nearest(view.targets.counts, view.synthetic.counts).first
    return np.asarray(view.to_reference - to_synthetic)


# DOMIAS: van Breugel et al. 2023, with kernels in place of a flow.
def attack_by_density(view: AttackerView) -> Values:
    """Score targets by the log density of synthetic over that of reference people.

    Gaussian kernels on principal components of the reference panel, each of variance 1 there.
    """
    used = np.zeros(view.targets.counts.shape[1], bool)
    used[kept_variants(len(used))] = True
    components = fit_components(view.reference, used=used, n_components=N_COMPONENTS)
    reference = components.project(view.reference.counts)
    spread = reference.std(axis=0)
    varies = spread > 1e-6
    # Scott 1992: the width that suits a normal cloud of so many points and dimensions
    width = spread[varies] * len(reference) ** (-1 / (varies.sum() + 4))
    targets, synthetic, real = (
        (points[:, varies] / width).astype(np.float32)
        for points in (
            components.project(view.targets.counts),
            components.project(view.synthetic.counts),
            reference,
        )
    )
    return log_density(targets, synthetic) - log_density(targets, real)


def log_density(points: Points, centres: Points) -> Values:
    """Log of the mean of standard Gaussian kernels around centres, but for a constant."""
    total = np.full(len(points), -np.inf)
    for start in range(0, len(points), BLOCK):
        rows = slice(start, start + BLOCK)
        for near in (centres[i : i + CHUNK] for i in range(0, len(centres), CHUNK)):
            exponent = points[rows] @ near.T - (near**2).sum(axis=1) / 2
            highest = exponent.max(axis=1, keepdims=True)
            summed = np.exp(exponent - highest).sum(axis=1, dtype=np.float64)
            total[rows] = np.logaddexp(total[rows], np.log(summed) + highest[:, 0])
    return np.asarray(total - (points**2).sum(axis=1) / 2 - np.log(len(centres)))
