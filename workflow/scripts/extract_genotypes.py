"""Rule extract_genotypes: write the panel's genotypes of all parts, with their labels."""

from genosynth.data.labels import save_labels
from genosynth.data.phenotypes import load_prepared
from genosynth.data.split import read_keyed
from genosynth.progress import log_to
from genosynth.selection.extraction import describe_labels, extract_genotypes, label_samples
from genosynth.selection.panel import read_panel

with log_to(snakemake.log[0]):
    phenotypes = load_prepared(snakemake.input.phenotypes, snakemake.input.description)
    trait = snakemake.wildcards.trait
    samples = label_samples(read_keyed(snakemake.input.split), phenotypes, trait=trait)
    extract_genotypes(
        snakemake.params.genotypes,
        read_panel(snakemake.input.panel),
        samples,
        snakemake.output.genotypes,
    )
    save_labels(describe_labels(samples, phenotypes, trait=trait), snakemake.output.labels)
