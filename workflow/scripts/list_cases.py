"""Rule list_cases: list the people with a binary trait, for the Hardy-Weinberg test."""

from genosynth.data.phenotypes import load_prepared
from genosynth.data.qc import list_cases
from genosynth.files import write_table
from genosynth.progress import log_to

with log_to(snakemake.log[0]):
    phenotypes = load_prepared(snakemake.input.table, snakemake.input.description)
    write_table(list_cases(phenotypes), snakemake.output[0])
