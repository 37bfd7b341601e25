rule list_cases:
    """List the people with a binary trait, whom the Hardy-Weinberg test leaves out."""
    input:
        table="results/{cohort}/cohort/phenotypes.tsv",
        description="results/{cohort}/cohort/phenotypes.json",
    output:
        "results/{cohort}/cohort/filters/cases.tsv",
    log:
        "logs/{cohort}/list_cases/job.log",
    benchmark:
        "results/{cohort}/timings/list_cases/job.tsv"
    conda:
        "../../envs/genosynth.yaml"
    threads: 1
    resources:
        mem_mb=growing_mb(1000),
        runtime=growing_minutes(10),
    params:
        code=code("list_cases"),
    script:
        "../scripts/list_cases.py"


rule filter_variants:
    """List the variants that are frequent enough, then those in Hardy-Weinberg equilibrium."""
    input:
        genotypes=multiext(
            "results/{cohort}/cohort/import/{chrom}", ".pgen", ".pvar", ".psam"
        ),
        people=people_who_stay(),
        cases="results/{cohort}/cohort/filters/cases.tsv",
    output:
        maf="results/{cohort}/cohort/filters/maf/{chrom}.snplist",
        hwe_p="results/{cohort}/cohort/filters/hwe_p/{chrom}.snplist",
    log:
        "logs/{cohort}/filter_variants/{chrom}.log",
    benchmark:
        "results/{cohort}/timings/filter_variants/{chrom}.tsv"
    conda:
        "../../envs/plink2.yaml"
    threads: 4
    resources:
        mem_mb=growing_mb(2000),
        runtime=growing_minutes(60),
    params:
        genotypes=lambda wildcards, input: input.genotypes[0].removesuffix(".pgen"),
        maf=settings.qc.maf,
        hwe_p=settings.qc.hwe_p,
        prefix=subpath(output.maf, strip_suffix=".snplist"),
        explain=shell_script("explain_plink2"),
    shell:
        r"""
        exec &> >(tee {log:q})
        making={params.prefix:q}.making
        trap 'rm -f "$making".*' EXIT
        explain() {{ bash {params.explain:q} "$making" "$filter, all being cases" "$filter"; }}
        trap explain ERR

        shared=(
            --pfile {params.genotypes:q}
            --keep {input.people:q}
            --threads {threads}
            --memory $(({resources.mem_mb} - 400))
            --write-snplist
        )
        filter="qc.maf = {params.maf} in fileset {wildcards.chrom}"
        plink2 "${{shared[@]}}" \
            --maf {params.maf:q} \
            --out "$making"
        mv "$making".snplist {output.maf:q}

        filter="qc.hwe_p = {params.hwe_p} in fileset {wildcards.chrom}"
        plink2 "${{shared[@]}}" \
            --remove {input.cases:q} \
            --extract {output.maf:q} \
            --hwe {params.hwe_p:q} 0 \
            --out "$making"
        mv "$making".snplist {output.hwe_p:q}
        """


rule quality_control:
    """Write the people and variants that passed every filter."""
    input:
        genotypes=multiext(
            "results/{cohort}/cohort/import/{chrom}", ".pgen", ".pvar", ".psam"
        ),
        people=people_who_stay(),
        variants="results/{cohort}/cohort/filters/hwe_p/{chrom}.snplist",
    output:
        pgen="results/{cohort}/cohort/qc/{chrom}.pgen",
        pvar="results/{cohort}/cohort/qc/{chrom}.pvar",
        psam="results/{cohort}/cohort/qc/{chrom}.psam",
    log:
        "logs/{cohort}/quality_control/{chrom}.log",
    benchmark:
        "results/{cohort}/timings/quality_control/{chrom}.tsv"
    conda:
        "../../envs/plink2.yaml"
    threads: 4
    resources:
        mem_mb=growing_mb(2000),
        runtime=growing_minutes(60),
    params:
        genotypes=lambda wildcards, input: input.genotypes[0].removesuffix(".pgen"),
        prefix=subpath(output.pgen, strip_suffix=".pgen"),
    shell:
        r"""
        exec &> >(tee {log:q})
        making={params.prefix:q}.making
        trap 'rm -f "$making".*' EXIT

        plink2 \
            --pfile {params.genotypes:q} \
            --keep {input.people:q} \
            --extract {input.variants:q} \
            --threads {threads} \
            --memory $(({resources.mem_mb} - 400)) \
            --make-pgen \
            --out "$making"

        for suffix in pvar psam pgen; do
            mv "$making".$suffix {params.prefix:q}.$suffix
        done
        """


rule summarise_qc:
    """Count people and variants before and after each filter."""
    input:
        import_logs=for_each_fileset("results/{cohort}/cohort/import/{chrom}.log"),
        sample_lists=sample_lists(),
        maf=for_each_fileset("results/{cohort}/cohort/filters/maf/{chrom}.snplist"),
        hwe_p=for_each_fileset("results/{cohort}/cohort/filters/hwe_p/{chrom}.snplist"),
        final=filesets("results/{cohort}/cohort/qc"),
    output:
        "results/{cohort}/cohort/qc_steps.tsv",
    log:
        "logs/{cohort}/summarise_qc/job.log",
    benchmark:
        "results/{cohort}/timings/summarise_qc/job.tsv"
    conda:
        "../../envs/genosynth.yaml"
    threads: 1
    resources:
        mem_mb=growing_mb(1000),
        runtime=growing_minutes(10),
    params:
        final=lambda wildcards, input: fileset_prefixes(input.final),
        code=code("summarise_qc"),
    script:
        "../scripts/summarise_qc.py"
