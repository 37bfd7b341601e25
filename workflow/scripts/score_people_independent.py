"""Rule score_people_independent: likelihood of real people under genotype frequencies."""

from genosynth.data.genotypes import load_genotypes
from genosynth.files import write_table
from genosynth.likelihood.classical import classical_nats
from genosynth.likelihood.people import choose_people, nats_table
from genosynth.models.independent import load_independent
from genosynth.progress import log_to

with log_to(snakemake.log[0]):
    real = load_genotypes(snakemake.input.genotypes)
    people = choose_people(real, seed=snakemake.params.seed)
    model = load_independent(snakemake.input.model, variants=real.variants)
    write_table(nats_table(people, classical_nats(model, people)), snakemake.output.nats)
