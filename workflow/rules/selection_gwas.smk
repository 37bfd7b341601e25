rule prepare_gwas:
    """Tabulate the training people of a trait with covariates and principal components."""
    input:
        phenotypes="results/{cohort}/cohort/phenotypes.tsv",
        description="results/{cohort}/cohort/phenotypes.json",
        components="results/{cohort}/cohort/pca.tsv",
        split="results/{cohort}/cohort/split.tsv",
    output:
        "results/{cohort}/{trait}/gwas_people.tsv",
    log:
        "logs/{cohort}/prepare_gwas/{trait}.log",
    benchmark:
        "results/{cohort}/timings/prepare_gwas/{trait}.tsv"
    wildcard_constraints:
        trait=traits_with_gwas(),
    conda:
        "../../envs/genosynth.yaml"
    threads: 1
    resources:
        mem_mb=growing_mb(2000),
        runtime=growing_minutes(10),
    params:
        covariates=settings.phenotypes.covariates,
        n_components=settings.phenotypes.n_components,
        code=code("prepare_gwas"),
    script:
        "../scripts/prepare_gwas.py"


rule run_gwas:
    """Test every variant for association with a trait: linear, or logistic with Firth fallback."""
    input:
        genotypes=multiext(
            "results/{cohort}/cohort/qc/{chrom}", ".pgen", ".pvar", ".psam"
        ),
        people="results/{cohort}/{trait}/gwas_people.tsv",
    output:
        temp("results/{cohort}/{trait}/gwas/{chrom}.glm"),
    log:
        "logs/{cohort}/run_gwas/{trait}_{chrom}.log",
    benchmark:
        "results/{cohort}/timings/run_gwas/{trait}_{chrom}.tsv"
    wildcard_constraints:
        trait=traits_with_gwas(),
    conda:
        "../../envs/plink2.yaml"
    threads: 8
    resources:
        mem_mb=growing_mb(2000),
        runtime=growing_minutes(240),
    params:
        genotypes=lambda wildcards, input: input.genotypes[0].removesuffix(".pgen"),
        script=shell_script("run_glm"),
        code=code("run_glm.sh"),
    shell:
        r"""
        exec &> >(tee {log:q})
        bash {params.script:q} {output:q} {params.genotypes:q} {input.people:q} \
            {threads} $(({resources.mem_mb} - 400))
        """


rule tidy_gwas:
    """Join the variants with a result of all filesets, with effects per ALT allele."""
    input:
        for_each_fileset("results/{cohort}/{trait}/gwas/{chrom}.glm"),
    output:
        "results/{cohort}/{trait}/gwas.tsv",
    log:
        "logs/{cohort}/tidy_gwas/{trait}.log",
    benchmark:
        "results/{cohort}/timings/tidy_gwas/{trait}.tsv"
    wildcard_constraints:
        trait=traits_with_gwas(),
    conda:
        "../../envs/genosynth.yaml"
    threads: 1
    resources:
        mem_mb=growing_mb(2000),
        runtime=growing_minutes(20),
    params:
        code=code("tidy_gwas"),
    script:
        "../scripts/tidy_gwas.py"


rule clump_gwas:
    """Keep the strongest variant of each group in linkage disequilibrium."""
    input:
        genotypes=multiext(
            "results/{cohort}/cohort/qc/{chrom}", ".pgen", ".pvar", ".psam"
        ),
        train="results/{cohort}/cohort/train.id",
        gwas="results/{cohort}/{trait}/gwas.tsv",
    output:
        "results/{cohort}/{trait}/clumps/{chrom}.tsv",
    log:
        "logs/{cohort}/clump_gwas/{trait}_{chrom}.log",
    benchmark:
        "results/{cohort}/timings/clump_gwas/{trait}_{chrom}.tsv"
    conda:
        "../../envs/plink2.yaml"
    threads: 8
    resources:
        mem_mb=growing_mb(2000),
        runtime=growing_minutes(60),
    params:
        genotypes=lambda wildcards, input: input.genotypes[0].removesuffix(".pgen"),
        p_value=settings.selection.p_value,
        r2=settings.selection.r2,
        window_kb=settings.selection.window_kb,
    shell:
        r"""
        exec &> >(tee {log:q})
        making={output:q}.making
        trap 'rm -f "$making".*' EXIT

        awk -v chrom={wildcards.chrom} 'NR == 1 || chrom == "all" || $1 == chrom' \
            {input.gwas:q} >"$making".gwas
        # Unphased: the correlation of genotypes is what generators have to reproduce.
        plink2 \
            --pfile {params.genotypes:q} \
            --keep {input.train:q} \
            --threads {threads} \
            --memory $(({resources.mem_mb} - 400)) \
            --clump "$making".gwas \
            --clump-unphased \
            --clump-id-field id \
            --clump-p-field p_value \
            --clump-p1 {params.p_value:q} \
            --clump-p2 {params.p_value:q} \
            --clump-r2 {params.r2:q} \
            --clump-kb {params.window_kb:q} \
            --out "$making"

        touch "$making".clumps # no variant of this fileset may have such a p-value
        mv "$making".clumps {output:q}
        """
