rule prune_panel:
    """List variants in linkage equilibrium in the training part, as section selection asks."""
    input:
        genotypes=multiext(
            "results/{cohort}/cohort/qc/{chrom}", ".pgen", ".pvar", ".psam"
        ),
        train="results/{cohort}/cohort/train.id",
    output:
        "results/{cohort}/cohort/panel/{chrom}.snplist",
    log:
        "logs/{cohort}/prune_panel/{chrom}.log",
    benchmark:
        "results/{cohort}/timings/prune_panel/{chrom}.tsv"
    conda:
        "../../envs/plink2.yaml"
    threads: 8
    resources:
        mem_mb=growing_mb(2000),
        runtime=growing_minutes(60),
    params:
        genotypes=lambda wildcards, input: input.genotypes[0].removesuffix(".pgen"),
        r2=settings.selection.r2,
        window_kb=settings.selection.window_kb,
        prefix=subpath(output[0], strip_suffix=".snplist"),
    shell:
        r"""
        exec &> >(tee {log:q})
        making={params.prefix:q}.making
        trap 'rm -f "$making".*' EXIT

        plink2 \
            --pfile {params.genotypes:q} \
            --keep {input.train:q} \
            --threads {threads} \
            --memory $(({resources.mem_mb} - 400)) \
            --bad-freqs \
            --indep-pairwise {params.window_kb}kb {params.r2:q} \
            --out "$making"

        mv "$making".prune.in {output:q}
        """


rule select_panel:
    """Choose the variants that are synthesised for a trait."""
    input:
        variants=for_each_fileset("results/{cohort}/cohort/qc/{chrom}.pvar"),
        frequencies=for_each_fileset(
            "results/{cohort}/cohort/train_frequencies/{chrom}.afreq"
        ),
        gwas=gwas_of,
        candidates=panel_candidates,
    output:
        "results/{cohort}/{trait}/panel.tsv",
    log:
        "logs/{cohort}/select_panel/{trait}.log",
    benchmark:
        "results/{cohort}/timings/select_panel/{trait}.tsv"
    conda:
        "../../envs/genosynth.yaml"
    threads: 1
    resources:
        mem_mb=growing_mb(4000),
        runtime=growing_minutes(20),
    params:
        settings=section("selection"),
        code=code("select_panel"),
    script:
        "../scripts/select_panel.py"


rule extract_genotypes:
    """Write the panel's genotypes of all parts with the labels that generators depend on."""
    input:
        genotypes=filesets("results/{cohort}/cohort/qc"),
        panel="results/{cohort}/{trait}/panel.tsv",
        split="results/{cohort}/cohort/split.tsv",
        phenotypes="results/{cohort}/cohort/phenotypes.tsv",
        description="results/{cohort}/cohort/phenotypes.json",
    output:
        genotypes=directory("results/{cohort}/{trait}/genotypes"),
        labels="results/{cohort}/{trait}/labels.json",
    log:
        "logs/{cohort}/extract_genotypes/{trait}.log",
    benchmark:
        "results/{cohort}/timings/extract_genotypes/{trait}.tsv"
    conda:
        "../../envs/genosynth.yaml"
    threads: 1
    resources:
        mem_mb=growing_mb(3000),
        runtime=growing_minutes(30),
    params:
        genotypes=lambda wildcards, input: fileset_prefixes(input.genotypes),
        code=code("extract_genotypes"),
    script:
        "../scripts/extract_genotypes.py"
