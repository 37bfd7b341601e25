"""Rule fit_copula: genotype frequencies given the labels, and the correlation that joins them."""

from genosynth.data.genotypes import load_genotypes
from genosynth.data.labels import load_labels
from genosynth.models.copula import save_copula
from genosynth.progress import log_to
from genosynth.settings.copula import CopulaSettings
from genosynth.training.copula import fit_copula

with log_to(snakemake.log[0]):
    train = load_genotypes(snakemake.input.genotypes).part("train")
    model = fit_copula(
        train,
        load_labels(snakemake.input.labels),
        settings=CopulaSettings.model_validate(snakemake.params.settings),
        seed=snakemake.params.seed,
    )
    save_copula(model, snakemake.output[0], variants=train.variants)
