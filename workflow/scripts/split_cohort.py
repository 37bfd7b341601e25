"""Rule split_cohort: divide people into train, test and reference, families together."""

from genosynth.data.pgen import read_people
from genosynth.data.phenotypes import load_prepared
from genosynth.data.split import list_part, read_kinship, split_cohort
from genosynth.files import write_table
from genosynth.progress import log_to
from genosynth.settings.split import SplitSettings

with log_to(snakemake.log[0]):
    split = split_cohort(
        read_people(snakemake.input.people),
        read_kinship(snakemake.input.kinship),
        load_prepared(snakemake.input.phenotypes, snakemake.input.description),
        settings=SplitSettings.model_validate(snakemake.params.settings),
        seed=snakemake.params.seed,
    )
    write_table(split, snakemake.output.split)
    train = list_part(split, "train").rename(columns={"FID": "#FID"})  # as plink2 --keep reads it
    write_table(train, snakemake.output.train)
