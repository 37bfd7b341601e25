"""Rule make_reference_row: real people, as they are or spoilt, in the form of synthetic people."""

from genosynth.data.genotypes import load_genotypes, save_genotypes
from genosynth.data.labels import load_labels
from genosynth.evaluation.reference_rows import make_reference_row
from genosynth.progress import log_to

with log_to(snakemake.log[0]):
    row = make_reference_row(
        load_genotypes(snakemake.input.genotypes),
        name=snakemake.wildcards.generator,
        labels=load_labels(snakemake.input.labels),
        seed=snakemake.params.seed,
    )
    save_genotypes(row, snakemake.output[0])
