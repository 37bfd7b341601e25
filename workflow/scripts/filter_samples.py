"""Rule filter_samples: list the people whose genotypes are called often enough."""

from genosynth.data.qc import filter_samples
from genosynth.files import write_table
from genosynth.progress import log_to

with log_to(snakemake.log[0]):
    people = filter_samples(snakemake.input, sample_missing=snakemake.params.sample_missing)
    write_table(people, snakemake.output[0])
