"""Rule summarise_qc: count people and variants before and after each filter."""

from genosynth.data.qc import summarise_qc
from genosynth.files import write_table
from genosynth.progress import log_to

with log_to(snakemake.log[0]):
    steps = summarise_qc(
        snakemake.input.import_logs,
        sample_lists=snakemake.input.sample_lists,
        variant_lists={"maf": snakemake.input.maf, "hwe_p": snakemake.input.hwe_p},
        final=snakemake.params.final,
    )
    write_table(steps, snakemake.output[0])
