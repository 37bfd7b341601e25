"""Rule evaluate_association: do variants act on the trait as they do in real people?"""

from genosynth.evaluation.association import evaluate_association
from genosynth.evaluation.comparison import load_comparison
from genosynth.evaluation.known_truth import load_truth
from genosynth.files import write_table
from genosynth.progress import log_to
from genosynth.scores import write_scores

with log_to(snakemake.log[0]):
    evaluation = evaluate_association(
        load_comparison(
            snakemake.input.genotypes,
            labels=snakemake.input.labels,
            synthetic=snakemake.input.synthetic,
        ),
        truth=load_truth(snakemake.input.truth, trait=snakemake.wildcards.trait),
    )
    write_table(evaluation.figures["effects"], snakemake.output.effects)
    write_scores(evaluation.scores, snakemake.output.scores)
