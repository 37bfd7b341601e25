"""Rule record_evaluation: how good a release made elsewhere is, as data."""

from genosynth.files import read_table, write_json
from genosynth.progress import log_to
from genosynth.reporting.datasheet import evaluation_record

with log_to(snakemake.log[0]):
    record = evaluation_record(
        read_table(snakemake.input.scores),
        snakemake.wildcards.generator,
        exposure=read_table(snakemake.input.exposure),
        sizes=read_table(snakemake.input.release_size),
    )
    write_json(record, snakemake.output[0])
