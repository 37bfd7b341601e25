"""Rule evaluate_likelihood: how likely does a generator find people it never saw?"""

from genosynth.data.genotypes import load_genotypes
from genosynth.data.labels import load_labels
from genosynth.evaluation.likelihood import evaluate_likelihood, load_nats
from genosynth.progress import log_to
from genosynth.scores import write_scores

with log_to(snakemake.log[0]):
    scores = evaluate_likelihood(
        load_nats(snakemake.input.nats),
        load_genotypes(snakemake.input.genotypes),
        load_labels(snakemake.input.labels),
        path=snakemake.input.nats,
    )
    write_scores(scores, snakemake.output.scores)
