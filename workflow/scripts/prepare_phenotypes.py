"""Rule prepare_phenotypes: check the inputs, code traits, covariates and conditions."""

from genosynth.data.phenotype_table import load_phenotypes
from genosynth.data.phenotypes import prepare_phenotypes, wanted_columns
from genosynth.data.source_checks import check_sources
from genosynth.data.sources import sources_from
from genosynth.files import write_json, write_table
from genosynth.progress import log_to
from genosynth.settings.phenotypes import PhenotypesSettings

with log_to(snakemake.log[0]):
    settings = PhenotypesSettings.model_validate(snakemake.params.settings)
    samples = check_sources(sources_from(snakemake.params.sources))
    table = load_phenotypes(snakemake.input.table, columns=wanted_columns(settings))
    phenotypes = prepare_phenotypes(table, samples, settings=settings)
    write_table(phenotypes.table.rename(columns={"FID": "#FID"}), snakemake.output.table)
    write_json(phenotypes.description, snakemake.output.description)
