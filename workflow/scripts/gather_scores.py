"""Rule gather_scores: all scores of a trait in one table, with floors and ceilings."""

from genosynth.files import write_table
from genosynth.progress import log_to
from genosynth.scores import gather_scores

with log_to(snakemake.log[0]):
    scores = gather_scores(
        snakemake.input,
        rows=snakemake.params.rows,
        cohort=snakemake.wildcards.cohort,
        trait=snakemake.wildcards.trait,
    )
    write_table(scores, snakemake.output[0])
