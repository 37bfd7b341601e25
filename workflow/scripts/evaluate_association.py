"""Rule evaluate_association: do variants act on the trait as they do in real people?"""

from genosynth.evaluation.association import evaluate_association
from genosynth.evaluation.comparison import load_comparison
from genosynth.evaluation.known_truth import load_truth
from genosynth.evaluation.panel_gwas import read_scans
from genosynth.files import write_table
from genosynth.progress import log_to
from genosynth.scores import write_scores

with log_to(snakemake.log[0]):
    source = snakemake.input
    real = {"train": source.gwas_of_train, "holdout": source.gwas_of_holdout}
    comparison = load_comparison(source.genotypes, labels=source.labels, synthetic=source.synthetic)
    evaluation = evaluate_association(
        comparison,
        truth=load_truth(source.truth, trait=snakemake.wildcards.trait),
        gwas=read_scans({"synthetic": source.gwas, **real}, comparison.train.variants),
    )
    write_table(evaluation.figures["effects"], snakemake.output.effects)
    write_table(evaluation.figures["gwas"], snakemake.output.gwas)
    write_scores(evaluation.scores, snakemake.output.scores)
