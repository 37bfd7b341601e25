rule prune_variants:
    """List variants in approximate linkage equilibrium, for principal components."""
    input:
        genotypes=multiext("results/{cohort}/cohort/qc", ".pgen", ".pvar", ".psam"),
    output:
        "results/{cohort}/cohort/pruned.snplist",
    log:
        "logs/{cohort}/prune_variants/job.log",
    benchmark:
        "results/{cohort}/timings/prune_variants/job.tsv"
    conda:
        "../../envs/plink2.yaml"
    threads: 8
    resources:
        mem_mb=growing_mb(2000),
        runtime=growing_minutes(60),
    params:
        genotypes=lambda wildcards, input: input.genotypes[0].removesuffix(".pgen"),
        prefix=subpath(output[0], strip_suffix=".snplist"),
    shell:
        r"""
        exec &> >(tee {log:q})
        making={params.prefix:q}.making
        trap 'rm -f "$making".*' EXIT

        # A window of variants rather than kilobases fits any density and genetic maps.
        plink2 \
            --pfile {params.genotypes:q} \
            --threads {threads} \
            --memory $(({resources.mem_mb} - 400)) \
            --bad-freqs \
            --indep-pairwise 500 50 0.2 \
            --out "$making"

        mv "$making".prune.in {output:q}
        """


rule split_cohort:
    """Divide people into train, test and reference, families together, traits balanced."""
    input:
        people="results/{cohort}/cohort/qc.psam",
        kinship="results/{cohort}/cohort/kinship.tsv",
        phenotypes="results/{cohort}/cohort/phenotypes.tsv",
        description="results/{cohort}/cohort/phenotypes.json",
    output:
        split="results/{cohort}/cohort/split.tsv",
        train="results/{cohort}/cohort/train.id",
    log:
        "logs/{cohort}/split_cohort/job.log",
    benchmark:
        "results/{cohort}/timings/split_cohort/job.tsv"
    conda:
        "../../envs/genosynth.yaml"
    threads: 1
    resources:
        mem_mb=growing_mb(3000),
        runtime=growing_minutes(20),
    params:
        settings=section("split"),
        seed=seed("split_cohort"),
        code=code("split_cohort"),
    script:
        "../scripts/split_cohort.py"


rule train_frequencies:
    """Count ALT alleles among the people of the training part."""
    input:
        genotypes=multiext("results/{cohort}/cohort/qc", ".pgen", ".pvar", ".psam"),
        train="results/{cohort}/cohort/train.id",
    output:
        "results/{cohort}/cohort/train.afreq",
    log:
        "logs/{cohort}/train_frequencies/job.log",
    benchmark:
        "results/{cohort}/timings/train_frequencies/job.tsv"
    conda:
        "../../envs/plink2.yaml"
    threads: 2
    resources:
        mem_mb=growing_mb(2000),
        runtime=growing_minutes(30),
    params:
        genotypes=lambda wildcards, input: input.genotypes[0].removesuffix(".pgen"),
        prefix=subpath(output[0], strip_suffix=".afreq"),
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
            --freq cols=chrom,ref,alt,altfreq,nobs \
            --out "$making"

        mv "$making".afreq {output:q}
        """


rule fit_pca:
    """Fit principal components to the training part, as weights of alleles."""
    input:
        genotypes=multiext("results/{cohort}/cohort/qc", ".pgen", ".pvar", ".psam"),
        train="results/{cohort}/cohort/train.id",
        frequencies="results/{cohort}/cohort/train.afreq",
        variants="results/{cohort}/cohort/pruned.snplist",
    output:
        weights="results/{cohort}/cohort/pca_weights.tsv",
        eigenvalues="results/{cohort}/cohort/pca_eigenvalues.txt",
    log:
        "logs/{cohort}/fit_pca/job.log",
    benchmark:
        "results/{cohort}/timings/fit_pca/job.tsv"
    conda:
        "../../envs/plink2.yaml"
    threads: 8
    resources:
        mem_mb=growing_mb(4000),
        runtime=growing_minutes(120),
    params:
        genotypes=lambda wildcards, input: input.genotypes[0].removesuffix(".pgen"),
        n_components=n_components(),
        prefix=subpath(output.weights, strip_suffix="_weights.tsv"),
        seed=seed("fit_pca"),
    shell:
        r"""
        exec &> >(tee {log:q})
        making={params.prefix:q}.making
        trap 'rm -f "$making".*' EXIT

        n_people=$(($(wc -l <{input.train:q}) - 1))
        n_variants=$(wc -l <{input.variants:q})
        n_components=$(printf '%s\n' {params.n_components} $n_people $n_variants | sort -n | head -n 1)
        # The exact method takes time and memory with the square of the number of people.
        approximately=$([ $n_people -le 5000 ] || echo approx)

        plink2 \
            --pfile {params.genotypes:q} \
            --keep {input.train:q} \
            --extract {input.variants:q} \
            --read-freq {input.frequencies:q} \
            --maf 0.01 \
            --threads {threads} \
            --memory $(({resources.mem_mb} - 400)) \
            --seed {params.seed} \
            --pca allele-wts $n_components $approximately vcols=chrom \
            --out "$making"

        mv "$making".eigenval {output.eigenvalues:q}
        mv "$making".eigenvec.allele {output.weights:q}
        """


rule project_pca:
    """Project everybody on the principal components of the training part, all on one scale."""
    input:
        genotypes=multiext("results/{cohort}/cohort/qc", ".pgen", ".pvar", ".psam"),
        frequencies="results/{cohort}/cohort/train.afreq",
        weights="results/{cohort}/cohort/pca_weights.tsv",
    output:
        "results/{cohort}/cohort/pca.tsv",
    log:
        "logs/{cohort}/project_pca/job.log",
    benchmark:
        "results/{cohort}/timings/project_pca/job.tsv"
    conda:
        "../../envs/plink2.yaml"
    threads: 4
    resources:
        mem_mb=growing_mb(2000),
        runtime=growing_minutes(60),
    params:
        genotypes=lambda wildcards, input: input.genotypes[0].removesuffix(".pgen"),
        prefix=subpath(output[0], strip_suffix=".tsv"),
    shell:
        r"""
        exec &> >(tee {log:q})
        making={params.prefix:q}.making
        trap 'rm -f "$making".*' EXIT
        n_columns=$(head -n 1 {input.weights:q} | wc -w)

        plink2 \
            --pfile {params.genotypes:q} \
            --read-freq {input.frequencies:q} \
            --threads {threads} \
            --memory $(({resources.mem_mb} - 400)) \
            --score {input.weights:q} 2 3 header-read variance-standardize cols=fid,scoresums \
            --score-col-nums $(seq 4 $n_columns) \
            --out "$making"

        sed '1 {{ s/^#//; s/_SUM//g }}' "$making".sscore >"$making".tsv
        mv "$making".tsv {output:q}
        """
