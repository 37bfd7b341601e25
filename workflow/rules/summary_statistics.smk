rule harmonise_summary_statistics:
    """Bring an external GWAS to the cohort's variants, strands and ALT alleles."""
    input:
        statistics=lambda wildcards: trait_settings(wildcards)["summary_statistics"],
        variants=for_each_fileset("results/{cohort}/cohort/qc/{chrom}.pvar"),
        frequencies=for_each_fileset(
            "results/{cohort}/cohort/train_frequencies/{chrom}.afreq"
        ),
    output:
        gwas="results/{cohort}/{trait}/gwas.tsv",
        matching="results/{cohort}/{trait}/gwas_matching.tsv",
    log:
        "logs/{cohort}/harmonise_summary_statistics/{trait}.log",
    benchmark:
        "results/{cohort}/timings/harmonise_summary_statistics/{trait}.tsv"
    wildcard_constraints:
        trait=traits_with_statistics(),
    conda:
        "../../envs/genosynth.yaml"
    threads: 1
    resources:
        mem_mb=growing_mb(8000),
        runtime=growing_minutes(30),
    params:
        build=settings.genotypes.build,
        code=code("harmonise_summary_statistics"),
    script:
        "../scripts/harmonise_summary_statistics.py"
