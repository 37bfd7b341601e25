rule prune_variants:
    """Copy variants of a fileset in linkage equilibrium in train, for principal components."""
    input:
        genotypes=multiext(
            "results/{cohort}/cohort/qc/{chrom}", ".pgen", ".pvar", ".psam"
        ),
        train="results/{cohort}/cohort/train.id",
    output:
        pgen=temp("results/{cohort}/cohort/pruned/{chrom}.pgen"),
        pvar=temp("results/{cohort}/cohort/pruned/{chrom}.pvar"),
        psam=temp("results/{cohort}/cohort/pruned/{chrom}.psam"),
    log:
        "logs/{cohort}/prune_variants/{chrom}.log",
    benchmark:
        "results/{cohort}/timings/prune_variants/{chrom}.tsv"
    conda:
        "../../envs/plink2.yaml"
    threads: 8
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

        shared=(
            --pfile {params.genotypes:q}
            --threads {threads}
            --memory $(({resources.mem_mb} - 400))
            --out "$making"
        )
        # A window of variants rather than kilobases fits any density and genetic maps.
        plink2 "${{shared[@]}}" \
            --keep {input.train:q} \
            --bad-freqs \
            --indep-pairwise 500 50 0.2
        plink2 "${{shared[@]}}" \
            --extract "$making".prune.in \
            --make-pgen

        for suffix in pvar psam pgen; do
            mv "$making".$suffix {params.prefix:q}.$suffix
        done
        """


rule merge_pruned:
    """Join the pruned variants of all chromosomes; the other variants are never joined."""
    input:
        filesets("results/{cohort}/cohort/pruned"),
    output:
        pgen="results/{cohort}/cohort/pruned.pgen",
        pvar="results/{cohort}/cohort/pruned.pvar",
        psam="results/{cohort}/cohort/pruned.psam",
    log:
        "logs/{cohort}/merge_pruned/job.log",
    benchmark:
        "results/{cohort}/timings/merge_pruned/job.tsv"
    conda:
        "../../envs/plink2.yaml"
    threads: 4
    resources:
        mem_mb=growing_mb(2000),
        runtime=growing_minutes(60),
    params:
        genotypes=lambda wildcards, input: fileset_prefixes(input),
        merge=shell_script("merge_filesets"),
        code=code("merge_filesets.sh"),
        prefix=subpath(output.pgen, strip_suffix=".pgen"),
    shell:
        r"""
        exec &> >(tee {log:q})
        making={params.prefix:q}.making
        trap 'rm -f "$making".*' EXIT

        bash {params.merge:q} "$making" {threads} $(({resources.mem_mb} - 400)) \
            {params.genotypes:q}

        for suffix in pvar psam pgen; do
            mv "$making".$suffix {params.prefix:q}.$suffix
        done
        """


rule fit_pca:
    """Fit principal components to the training part, as weights of alleles."""
    input:
        genotypes=multiext("results/{cohort}/cohort/pruned", ".pgen", ".pvar", ".psam"),
        train="results/{cohort}/cohort/train.id",
    output:
        frequencies="results/{cohort}/cohort/pca.afreq",
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
        n_variants=$(grep -vc '^#' {params.genotypes:q}.pvar)
        n_components=$(printf '%s\n' {params.n_components} $n_people $n_variants | sort -n | head -n 1)
        # The exact method takes time and memory with the square of the number of people.
        approximately=$([ $n_people -le 5000 ] || echo approx)

        shared=(
            --pfile {params.genotypes:q}
            --keep {input.train:q}
            --threads {threads}
            --memory $(({resources.mem_mb} - 400))
            --out "$making"
        )
        plink2 "${{shared[@]}}" \
            --freq cols=chrom,ref,alt,altfreq,nobs
        plink2 "${{shared[@]}}" \
            --read-freq "$making".afreq \
            --maf 0.01 \
            --seed {params.seed} \
            --pca allele-wts $n_components $approximately vcols=chrom

        mv "$making".afreq {output.frequencies:q}
        mv "$making".eigenval {output.eigenvalues:q}
        mv "$making".eigenvec.allele {output.weights:q}
        """


rule project_pca:
    """Project everybody on the principal components of the training part, all on one scale."""
    input:
        genotypes=multiext("results/{cohort}/cohort/pruned", ".pgen", ".pvar", ".psam"),
        frequencies="results/{cohort}/cohort/pca.afreq",
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
