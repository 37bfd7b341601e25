"""Rule describe_release: how good a release is, as data and as a datasheet."""

from genosynth.files import read_json, read_table, write_json, write_text
from genosynth.progress import log_to
from genosynth.reporting.datasheet import datasheet_text, evaluation_record

with log_to(snakemake.log[0]):
    scores = read_table(snakemake.input.scores)
    record = evaluation_record(
        scores,
        snakemake.wildcards.generator,
        exposure=read_table(snakemake.input.exposure),
        sizes=read_table(snakemake.input.release_size),
    )
    datasheet = datasheet_text(
        record,
        read_json(snakemake.input.provenance),
        qc_steps=read_table(snakemake.input.qc_steps),
        n_people=len(read_table(snakemake.input.people, dtype=str)),
        template=snakemake.input.template,
    )
    write_json(record, snakemake.output.evaluation)
    write_text(datasheet, snakemake.output.datasheet)
