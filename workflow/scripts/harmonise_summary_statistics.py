"""Rule harmonise_summary_statistics: an external GWAS in the cohort's alleles."""

from genosynth.data.variants import read_cohort_variants
from genosynth.files import write_table
from genosynth.progress import log_to
from genosynth.selection.harmonisation import harmonise_summary_statistics
from genosynth.selection.summary_statistics import read_summary_statistics

with log_to(snakemake.log[0]):
    harmonised = harmonise_summary_statistics(
        read_summary_statistics(snakemake.input.statistics),
        read_cohort_variants(snakemake.input.variants, snakemake.input.frequencies),
        build=snakemake.params.build,
    )
    write_table(harmonised.gwas, snakemake.output.gwas)
    write_table(harmonised.matching, snakemake.output.matching)
