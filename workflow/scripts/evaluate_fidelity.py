"""Rule evaluate_fidelity: do synthetic genotypes look like real ones?"""

from genosynth.evaluation.comparison import load_comparison
from genosynth.evaluation.fidelity.evaluate import evaluate_fidelity
from genosynth.files import write_table
from genosynth.progress import log_to
from genosynth.scores import write_scores
from genosynth.settings.evaluation import EvaluationSettings

with log_to(snakemake.log[0]):
    evaluation = evaluate_fidelity(
        load_comparison(
            snakemake.input.genotypes,
            labels=snakemake.input.labels,
            synthetic=snakemake.input.synthetic,
        ),
        settings=EvaluationSettings.model_validate(snakemake.params.settings),
        seed=snakemake.params.seed,
        n_threads=snakemake.threads,
    )
    figures = evaluation.figures
    write_table(figures["allele_frequencies"], snakemake.output.allele_frequencies)
    write_table(figures["ld_decay"], snakemake.output.ld_decay)
    write_table(figures["ld_block"], snakemake.output.ld_block)
    write_table(figures["components"], snakemake.output.components)
    write_scores(evaluation.scores, snakemake.output.scores)
