"""Small genotype filesets, and plink2 to hold our results against."""

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from genosynth.data.genotypes import MISSING, Genotypes
from genosynth.data.pgen import write_pgen


def plink2(*arguments: object) -> str:
    """Run plink2 and give its output; skip the test where there is none."""
    if shutil.which("plink2") is None:
        pytest.skip("plink2 is not on PATH")
    words = [*map(str, arguments), "--threads", "1", "--memory", "640"]
    done = subprocess.run(["plink2", *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def linked_counts(
    n_samples: int, n_variants: int, *, seed: int, missing: float = 0.0, change: float = 0.2
) -> NDArray[np.int8]:
    """Counts whose neighbours are correlated: each haplotype follows one of two ancestors.

    change: probability that a haplotype switches ancestor from a variant to the next.
    """
    rng = np.random.default_rng(seed)
    ancestors = rng.integers(0, 2, (8, n_variants))
    ancestors[:2] = [[0], [1]]  # every variant varies
    switches = rng.random((2 * n_samples, n_variants)) < change
    chosen = rng.integers(0, 8, (2 * n_samples, n_variants))
    start = np.where(switches, np.arange(n_variants), 0)
    last_switch = np.maximum.accumulate(start, axis=1)
    ancestor = np.take_along_axis(chosen, last_switch, axis=1)
    haplotypes = ancestors[ancestor, np.arange(n_variants)]
    counts = (haplotypes[::2] + haplotypes[1::2]).astype(np.int8)
    counts[rng.random(counts.shape) < missing] = MISSING
    return counts


def make_genotypes(counts: NDArray[np.int8], *, n_chromosomes: int = 2) -> Genotypes:
    """Name people p0, p1, … and variants rs0, rs1, …, a kilobase apart."""
    n_samples, n_variants = counts.shape
    variants = pd.DataFrame(
        {
            "chromosome": 1 + np.arange(n_variants) * n_chromosomes // n_variants,
            "position_bp": 1000 * (1 + np.arange(n_variants)),
            "id": [f"rs{i}" for i in range(n_variants)],
            "ref": "A",
            "alt": "G",
        }
    )
    samples = pd.DataFrame({"iid": [f"p{i}" for i in range(n_samples)]})
    return Genotypes(counts, samples, variants)


def write_fileset(genotypes: Genotypes, folder: Path) -> Path:
    """Write a pgen fileset and give its prefix."""
    write_pgen(genotypes, folder / "people")
    return folder / "people"
