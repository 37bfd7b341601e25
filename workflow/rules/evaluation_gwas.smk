# The GWAS once more, of the panel alone and with the same covariates everywhere: in synthetic people and in each reference row.


rule prepare_panel_gwas:
    """Write synthetic people as plink2 reads them, with the covariates of their GWAS."""
    input:
        labels="results/{cohort}/{trait}/labels.json",
        synthetic="results/{cohort}/{trait}/{generator}/synthetic/{repeat}",
    output:
        genotypes=temp(
            multiext(
                "results/{cohort}/{trait}/{generator}/gwas/{repeat}",
                ".pgen",
                ".pvar",
                ".psam",
            )
        ),
        people=temp("results/{cohort}/{trait}/{generator}/gwas/{repeat}.people.tsv"),
    log:
        "logs/{cohort}/prepare_panel_gwas/{trait}_{generator}_{repeat}.log",
    benchmark:
        "results/{cohort}/timings/prepare_panel_gwas/{trait}_{generator}_{repeat}.tsv"
    conda:
        "../../envs/genosynth.yaml"
    threads: 1
    resources:
        mem_mb=growing_mb(2000),
        runtime=growing_minutes(20),
    params:
        autosomes=settings.genotypes.autosomes,
        code=code("prepare_panel_gwas"),
    script:
        "../scripts/prepare_panel_gwas.py"


rule run_panel_gwas:
    """Test the panel's variants in synthetic people; an empty file where plink2 has no result."""
    input:
        genotypes=multiext(
            "results/{cohort}/{trait}/{generator}/gwas/{repeat}",
            ".pgen",
            ".pvar",
            ".psam",
        ),
        people="results/{cohort}/{trait}/{generator}/gwas/{repeat}.people.tsv",
    output:
        "results/{cohort}/{trait}/{generator}/gwas/{repeat}.glm",
    log:
        "logs/{cohort}/run_panel_gwas/{trait}_{generator}_{repeat}.log",
    benchmark:
        "results/{cohort}/timings/run_panel_gwas/{trait}_{generator}_{repeat}.tsv"
    conda:
        "../../envs/plink2.yaml"
    threads: side_by_side(4)
    resources:
        mem_mb=growing_mb(2000),
        runtime=growing_minutes(120),
    params:
        genotypes=lambda wildcards, input: input.genotypes[0].removesuffix(".pgen"),
        script=shell_script("run_glm"),
        code=code("run_glm.sh"),
    shell:
        r"""
        exec &> >(tee {log:q})
        : >{output:q}
        if [ $(wc -l <{input.people:q}) -gt 1 ]; then
            bash {params.script:q} {output:q} {params.genotypes:q} {input.people:q} \
                {threads} $(({resources.mem_mb} - 400))
        fi
        """
