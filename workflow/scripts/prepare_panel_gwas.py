"""Rule prepare_panel_gwas: synthetic people as plink2 reads them, with covariates."""

from pathlib import Path

from genosynth.data.pgen import write_pgen
from genosynth.evaluation.comparison import load_comparison
from genosynth.evaluation.panel_gwas import tabulate_people
from genosynth.files import write_table
from genosynth.progress import log_to

with log_to(snakemake.log[0]):
    comparison = load_comparison(
        snakemake.input.genotypes,
        labels=snakemake.input.labels,
        synthetic=snakemake.input.synthetic,
    )
    people = tabulate_people(comparison)
    pgen = Path(snakemake.output.genotypes[0])
    write_pgen(comparison.synthetic, pgen.with_suffix(""), autosomes=snakemake.params.autosomes)
    write_table(people, snakemake.output.people)
