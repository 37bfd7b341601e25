"""Rules that the tiny run has no use for, each in a copy of it."""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from genosynth.data.pgen import read_counts, read_people
from genosynth.data.variants import read_variants
from genosynth.files import read_table
from genosynth.selection.extraction import find_variants
from genosynth.selection.panel import read_panel
from genosynth.settings.selection import SelectionSettings
from tests.filesets import plink2
from tests.workflow.running import run_snakemake

PRUNED = SelectionSettings(method="prune", size=None)


@pytest.fixture
def make(finished, tmp_path):
    """Make a file of the finished run's results, with settings laid over those of the run."""

    def make_file(name: str, **sections: dict) -> Path:
        workdir = shutil.copytree(finished.workdir, tmp_path / "work")
        overlay, target = tmp_path / "overlay.yaml", f"results/tiny/{name}"
        overlay.write_text(yaml.safe_dump(sections))
        done = run_snakemake(
            target, workdir=workdir, checkout=finished.checkout, overlays=[overlay]
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return workdir / target

    return make_file


def test_export_vcf__has_the_people_and_genotypes_of_the_release(make, tmp_path):
    vcf = make("disease/independent/release/synthetic.vcf.gz")
    back, released = tmp_path / "back", vcf.with_name("synthetic")
    plink2("--vcf", vcf, "--make-pgen", "--out", back)
    people, variants = read_people(f"{released}.psam"), read_variants(f"{released}.pvar")
    assert read_people(f"{back}.psam")["IID"].equals(people["IID"])
    assert read_variants(f"{back}.pvar").equals(variants)
    everywhere = np.arange(len(variants))
    assert np.array_equal(read_counts(back, everywhere), read_counts(released, everywhere))


def test_prune_panel__leaves_no_pair_of_neighbours_linked_among_training_people(make):
    chosen = PRUNED.model_dump(include={"method", "size"})
    path = make("disease/panel.tsv", selection=chosen)
    panel, cohort = read_panel(path), path.parents[1] / "cohort"
    columns = find_variants(panel, read_variants(cohort / "qc/all.pvar"), where="")
    is_train = read_table(cohort / "split.tsv")["part"] == "train"
    counts = pd.DataFrame(read_counts(cohort / "qc/all", columns)[is_train])
    r2 = counts.where(counts >= 0).corr().to_numpy() ** 2
    chromosome, position_bp = panel[["chromosome", "position_bp"]].to_numpy().T
    apart_bp = np.abs(position_bp[:, None] - position_bp)
    is_near = (chromosome[:, None] == chromosome) & (apart_bp <= 1000 * PRUNED.window_kb)
    np.fill_diagonal(is_near, val=False)
    assert is_near.sum() > 1000
    assert r2[is_near].max() <= PRUNED.r2 + 1e-6
