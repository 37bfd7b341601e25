"""Rule match_polygenic_scores: scores made elsewhere in the panel's alleles."""

from genosynth.files import read_table, write_table
from genosynth.progress import log_to
from genosynth.selection.polygenic_score import match_scores

with log_to(snakemake.log[0]):
    matched = match_scores(
        dict(zip(snakemake.params.names, snakemake.input.scores, strict=True)),
        read_table(snakemake.input.panel),
        build=snakemake.params.build,
    )
    write_table(matched.weights, snakemake.output.weights)
    write_table(matched.matching, snakemake.output.matching)
