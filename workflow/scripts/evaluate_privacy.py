"""Rule evaluate_privacy: are training people copied, or told from strangers, by the rows alone?"""

from genosynth.data.genotypes import load_genotypes
from genosynth.evaluation.comparison import load_comparison
from genosynth.evaluation.privacy.evaluate import evaluate_privacy
from genosynth.files import write_table
from genosynth.progress import log_to
from genosynth.scores import write_scores
from genosynth.settings.privacy import PrivacySettings

with log_to(snakemake.log[0]):
    evaluation = evaluate_privacy(
        load_comparison(
            snakemake.input.genotypes,
            labels=snakemake.input.labels,
            synthetic=snakemake.input.synthetic,
        ),
        reference=load_genotypes(snakemake.input.genotypes).part("reference"),
        settings=PrivacySettings.model_validate(snakemake.params.settings),
        seed=snakemake.params.seed,
    )
    write_table(evaluation.figures["nearest"], snakemake.output.nearest)
    write_table(evaluation.figures["membership_roc"], snakemake.output.membership_roc)
    write_table(evaluation.figures["exposure"], snakemake.output.exposure)
    write_table(evaluation.figures["release_size"], snakemake.output.release_size)
    write_scores(evaluation.scores, snakemake.output.scores)
