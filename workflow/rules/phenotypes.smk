rule prepare_phenotypes:
    """Check genotype files and phenotypes before any long job; code traits and conditions."""
    input:
        genotypes=[path for chrom in chromosomes() for path in genotype_files(chrom)],
        table=phenotype_table(),
    output:
        table="results/{cohort}/cohort/phenotypes.tsv",
        description="results/{cohort}/cohort/phenotypes.json",
    log:
        "logs/{cohort}/prepare_phenotypes/job.log",
    benchmark:
        "results/{cohort}/timings/prepare_phenotypes/job.tsv"
    conda:
        "../../envs/genosynth.yaml"
    threads: 1
    resources:
        mem_mb=growing_mb(2000),
        runtime=growing_minutes(20),
    params:
        settings=columns_of_phenotypes(),
        sources=plain_sources(),
        code=code("prepare_phenotypes"),
    script:
        "../scripts/prepare_phenotypes.py"
