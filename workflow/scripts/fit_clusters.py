"""Rule fit_clusters: clusters of haplotypes, and what labels add to their frequencies."""

from genosynth.data.genotypes import load_genotypes
from genosynth.data.labels import load_labels
from genosynth.models.clusters import save_clusters
from genosynth.progress import log_to
from genosynth.settings.clusters import ClustersSettings
from genosynth.training.clusters import fit_clusters

with log_to(snakemake.log[0]):
    train = load_genotypes(snakemake.input.genotypes).part("train")
    model = fit_clusters(
        train,
        load_labels(snakemake.input.labels),
        settings=ClustersSettings.model_validate(snakemake.params.settings),
        seed=snakemake.params.seed,
    )
    save_clusters(model, snakemake.output[0], variants=train.variants)
