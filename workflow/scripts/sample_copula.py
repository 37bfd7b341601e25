"""Rule sample_copula: one synthetic person for each row of the label table."""

from genosynth.data.genotypes import TEXT_COLUMNS, filled_on_disk, read_samples
from genosynth.files import read_table
from genosynth.models.copula import load_copula
from genosynth.progress import log_to
from genosynth.sampling.classical import sample_classical

with log_to(snakemake.log[0]):
    panel = read_table(snakemake.input.panel, dtype=TEXT_COLUMNS)
    label_table = read_samples(snakemake.input.label_table)
    model = load_copula(snakemake.input.model, variants=panel)
    with filled_on_disk(snakemake.output[0], label_table, panel) as counts:
        sample_classical(model, label_table, seed=snakemake.params.seed, out=counts)
