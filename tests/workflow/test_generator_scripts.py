"""The scripts of the generators that the tiny run leaves out."""

from dataclasses import replace

import numpy as np

from genosynth.data.genotypes import load_genotypes, save_genotypes
from genosynth.data.labels import save_labels
from genosynth.files import read_table, write_table
from genosynth.models.clusters import load_clusters
from genosynth.settings.clusters import ClustersSettings
from genosynth.training.frequencies import fit_frequencies
from tests.models.chained_people import chained_people
from tests.workflow.fake_snakemake import run_script


def test_clusters__from_genotypes_to_synthetic_people(tmp_path):
    train, labels = chained_people(800, kind="binary", effect=0.8)
    parts = np.repeat(["train", "test", "reference"], [600, 120, 80])
    train = replace(train, samples=train.samples.assign(part=parts))
    save_genotypes(train, tmp_path / "genotypes")
    save_labels(labels, tmp_path / "labels.json")
    write_table(train.samples, tmp_path / "people.tsv")
    write_table(train.variants, tmp_path / "panel.tsv")
    run_script(
        "fit_clusters",
        log=tmp_path / "log",
        input={"genotypes": tmp_path / "genotypes", "labels": tmp_path / "labels.json"},
        output={"model": tmp_path / "model"},
        params={"settings": {"n_clusters": 3, "max_iterations": 2}, "seed": 1},
    )
    fitted = load_clusters(tmp_path / "model", variants=train.variants).frequencies
    pseudocount = ClustersSettings().pseudocount
    of_train = fit_frequencies(train.part("train"), labels, pseudocount=pseudocount)
    assert np.array_equal(fitted.thresholds, of_train.thresholds)
    run_script(
        "sample_clusters",
        log=tmp_path / "log",
        input={
            "model": tmp_path / "model",
            "panel": tmp_path / "panel.tsv",
            "label_table": tmp_path / "people.tsv",
        },
        output={"synthetic": tmp_path / "synthetic"},
        params={"settings": {}, "seed": 1},
    )
    run_script(
        "score_people_clusters",
        log=tmp_path / "log",
        input={"model": tmp_path / "model", "genotypes": tmp_path / "genotypes"},
        output={"nats": tmp_path / "nats.tsv"},
        params={"seed": 1},
    )
    run_script(
        "evaluate_likelihood",
        log=tmp_path / "log",
        input={
            "genotypes": tmp_path / "genotypes",
            "labels": tmp_path / "labels.json",
            "nats": tmp_path / "nats.tsv",
        },
        output={"scores": tmp_path / "likelihood.tsv"},
        params={},
    )
    scores = read_table(tmp_path / "likelihood.tsv").set_index("metric")["value"]
    of_frequencies = 80 * 0.9  # nats: what a variant drawn on its own would need, and more
    assert 20 < scores["holdout_nats"] < of_frequencies
    assert scores["mia_loss_auc"] < 0.8
    synthetic = load_genotypes(tmp_path / "synthetic")
    is_case = train.samples["trait"] == 1
    real, drawn = (
        each[is_case].mean(axis=0) - each[~is_case].mean(axis=0)
        for each in (train.counts, synthetic.counts)
    )
    assert drawn[::3] @ real[::3] / (real[::3] @ real[::3]) > 0.9
