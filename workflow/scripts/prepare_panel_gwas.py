"""Rule prepare_panel_gwas: synthetic people as plink2 reads them, with covariates."""

from pathlib import Path

from genosynth.data.genotypes import load_genotypes
from genosynth.data.pgen import write_pgen
from genosynth.evaluation.comparison import load_shared_labels
from genosynth.evaluation.panel_gwas import tabulate_people
from genosynth.files import write_table
from genosynth.progress import log_to

with log_to(snakemake.log[0]):
    synthetic = load_genotypes(snakemake.input.synthetic)
    labels = load_shared_labels(snakemake.input.labels, synthetic, path=snakemake.input.synthetic)
    people = tabulate_people(synthetic.samples, labels)
    pgen = Path(snakemake.output.genotypes[0])
    write_pgen(synthetic, pgen.with_suffix(""), autosomes=snakemake.params.autosomes)
    write_table(people, snakemake.output.people)
