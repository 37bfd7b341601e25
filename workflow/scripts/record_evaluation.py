"""Rule record_evaluation: how good a release made elsewhere is, as data."""

from genosynth.files import read_table, write_json
from genosynth.progress import log_to
from genosynth.reporting.datasheet import evaluation_record

with log_to(snakemake.log[0]):
    scores = read_table(snakemake.input.scores)
    write_json(evaluation_record(scores, snakemake.wildcards.generator), snakemake.output[0])
