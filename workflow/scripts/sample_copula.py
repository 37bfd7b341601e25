"""Rule sample_copula: one synthetic person for each row of the label table."""

from genosynth.data.genotypes import TEXT_COLUMNS, save_genotypes
from genosynth.files import read_table
from genosynth.models.copula import load_copula
from genosynth.progress import log_to
from genosynth.sampling.classical import sample_classical
from genosynth.sampling.composition import load_label_table, synthetic_genotypes

with log_to(snakemake.log[0]):
    panel = read_table(snakemake.input.panel, dtype=TEXT_COLUMNS)
    label_table = load_label_table(snakemake.input.label_table)
    counts = sample_classical(
        load_copula(snakemake.input.model, variants=panel),
        label_table,
        seed=snakemake.params.seed,
    )
    save_genotypes(synthetic_genotypes(counts, label_table, panel), snakemake.output[0])
