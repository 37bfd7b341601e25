# Stages by name: `snakemake train --configfile …` makes a stage and what it needs.


rule panel:
    """The panel of every trait and its genotypes."""
    input:
        for_each_trait("results/{cohort}/{trait}/genotypes"),


rule train:
    """Every generator, fitted."""
    input:
        fitted_models(),


rule sample:
    """Every generator's release."""
    input:
        releases(),


rule evaluate:
    """The score table of every trait."""
    input:
        for_each_trait("results/{cohort}/{trait}/scores.tsv"),


rule report:
    """The report of the cohort, and what every release says of itself."""
    input:
        f"results/{settings.cohort}/report.html",
        described_releases(),


rule timings:
    """What each rule took, in one table."""
    input:
        f"results/{settings.cohort}/timings.tsv",


rule figures:
    """Every figure of the report as SVG and PNG; not among what is made by default."""
    input:
        f"results/{settings.cohort}/figures",
