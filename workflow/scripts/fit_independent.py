"""Rule fit_independent: genotype frequencies given the labels."""

from genosynth.data.genotypes import load_genotypes
from genosynth.data.labels import load_labels
from genosynth.models.independent import save_independent
from genosynth.progress import log_to
from genosynth.settings.independent import IndependentSettings
from genosynth.training.independent import fit_independent

with log_to(snakemake.log[0]):
    train = load_genotypes(snakemake.input.genotypes).part("train")
    model = fit_independent(
        train,
        load_labels(snakemake.input.labels),
        settings=IndependentSettings.model_validate(snakemake.params.settings),
    )
    save_independent(model, snakemake.output[0], variants=train.variants)
