"""Rule prepare_gwas: tabulate the training people of a trait with covariates and components."""

from genosynth.data.phenotypes import load_prepared
from genosynth.data.split import list_part, read_keyed
from genosynth.files import write_table
from genosynth.progress import log_to
from genosynth.selection.gwas import prepare_gwas

with log_to(snakemake.log[0]):
    people = prepare_gwas(
        load_prepared(snakemake.input.phenotypes, snakemake.input.description),
        read_keyed(snakemake.input.components),
        list_part(read_keyed(snakemake.input.split), "train"),
        trait=snakemake.wildcards.trait,
        covariates=snakemake.params.covariates,
        n_components=snakemake.params.n_components,
    )
    write_table(people, snakemake.output[0])
