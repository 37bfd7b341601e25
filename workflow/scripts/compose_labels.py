"""Rule compose_labels: who the synthetic people are, before their genotypes are drawn."""

from genosynth.data.genotypes import load_genotypes
from genosynth.data.labels import load_labels
from genosynth.files import write_table
from genosynth.progress import log_to
from genosynth.sampling.composition import compose_labels
from genosynth.settings.sampling import SamplingSettings

with log_to(snakemake.log[0]):
    samples = load_genotypes(snakemake.input.genotypes).samples
    label_table = compose_labels(
        samples[samples["part"] == "train"],
        load_labels(snakemake.input.labels),
        settings=SamplingSettings.model_validate(snakemake.params.settings),
        seed=snakemake.params.seed,
    )
    write_table(label_table, snakemake.output[0])
