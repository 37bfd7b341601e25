"""Rule import_release: synthetic people made elsewhere, in the form of synthetic people."""

from genosynth.data.external_release import import_release
from genosynth.data.genotypes import TEXT_COLUMNS, save_genotypes
from genosynth.data.labels import load_labels
from genosynth.files import read_table
from genosynth.progress import log_to

with log_to(snakemake.log[0]):
    people = import_release(
        snakemake.params.genotypes,
        read_table(snakemake.input.panel, dtype=TEXT_COLUMNS),
        load_labels(snakemake.input.labels),
        tables=snakemake.input.table,
        release=snakemake.params.release,
    )
    save_genotypes(people, snakemake.output[0])
