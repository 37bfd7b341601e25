"""Rule evaluate_utility: does a model learnt from synthetic people predict real ones?"""

from genosynth.evaluation.comparison import load_comparison
from genosynth.evaluation.utility.prediction import evaluate_utility
from genosynth.files import read_table, write_table
from genosynth.progress import log_to
from genosynth.scores import write_scores
from genosynth.settings.evaluation import EvaluationSettings

with log_to(snakemake.log[0]):
    evaluation = evaluate_utility(
        load_comparison(
            snakemake.input.genotypes,
            labels=snakemake.input.labels,
            synthetic=snakemake.input.synthetic,
        ),
        polygenic_scores=next(map(read_table, snakemake.input.polygenic_scores), None),
        settings=EvaluationSettings.model_validate(snakemake.params.settings),
        seed=snakemake.params.seed,
    )
    write_table(evaluation.figures["roc"], snakemake.output.roc)
    write_table(evaluation.figures["calibration"], snakemake.output.calibration)
    write_table(evaluation.figures["utility_groups"], snakemake.output.utility_groups)
    write_table(evaluation.figures["utility_classes"], snakemake.output.utility_classes)
    write_scores(evaluation.scores, snakemake.output.scores)
