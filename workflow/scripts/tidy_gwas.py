"""Rule tidy_gwas: keep the variants with a result, with effects per ALT allele."""

from genosynth.files import write_table
from genosynth.progress import log_to
from genosynth.selection.gwas import tidy_gwas

with log_to(snakemake.log[0]):
    write_table(tidy_gwas(snakemake.input), snakemake.output[0])
