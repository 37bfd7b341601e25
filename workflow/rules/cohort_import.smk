rule check_plink2:
    """Stop at once if plink2 is missing or too old."""
    output:
        "results/{cohort}/cohort/plink2.version",
    log:
        "logs/{cohort}/check_plink2/job.log",
    benchmark:
        "results/{cohort}/timings/check_plink2/job.tsv"
    conda:
        "../../envs/plink2.yaml"
    threads: 1
    resources:
        mem_mb=growing_mb(1000),
        runtime=growing_minutes(5),
    params:
        check=shell_script("check_plink2"),
        code=code("check_plink2.sh"),
    shell:
        r"""
        exec 2> >(tee {log:q} >&2)

        making={output:q}.making
        trap 'rm -f "$making"' EXIT

        bash {params.check:q} >"$making"
        mv "$making" {output:q}
        """


rule check_device:
    """Stop at once if a GPU was asked for and there is none."""
    output:
        "results/{cohort}/cohort/device.json",
    log:
        "logs/{cohort}/check_device/job.log",
    benchmark:
        "results/{cohort}/timings/check_device/job.tsv"
    priority: 2  # first of all, though only training waits for it: no genotype depends on it
    conda:
        "../../envs/genosynth.yaml"
    threads: 1
    resources:
        mem_mb=growing_mb(2000),
        runtime=growing_minutes(5),
        gpu=1 if settings.device == "cuda" else 0,
    params:
        device=settings.device,
        code=code("check_device"),
    script:
        "../scripts/check_device.py"


rule import_genotypes:
    """Read a fileset of any format: autosomes, two alleles, unique ids, well-called variants."""
    input:
        genotypes=lambda wildcards: genotype_files(wildcards.chrom),
        people=lists_of_people(),
        phenotypes="results/{cohort}/cohort/phenotypes.tsv",  # bad input stops first
        plink2="results/{cohort}/cohort/plink2.version",
    output:
        pgen=temp("results/{cohort}/cohort/import/{chrom}.pgen"),
        pvar=temp("results/{cohort}/cohort/import/{chrom}.pvar"),
        psam=temp("results/{cohort}/cohort/import/{chrom}.psam"),
        missing=temp("results/{cohort}/cohort/import/{chrom}.smiss"),
        counts="results/{cohort}/cohort/import/{chrom}.log",
    log:
        "logs/{cohort}/import_genotypes/{chrom}.log",
    benchmark:
        "results/{cohort}/timings/import_genotypes/{chrom}.tsv"
    conda:
        "../../envs/plink2.yaml"
    threads: 4
    resources:
        mem_mb=growing_mb(2000),
        runtime=growing_minutes(60),
    params:
        arguments=import_arguments,
        variant_missing=settings.qc.variant_missing,
        prefix=subpath(output.pgen, strip_suffix=".pgen"),
        explain=shell_script("explain_plink2"),
    shell:
        r"""
        exec &> >(tee {log:q})
        making={params.prefix:q}.making
        trap 'rm -f "$making".*' EXIT
        variants="genotypes.autosomes and qc.variant_missing = {params.variant_missing}"
        explain() {{ bash {params.explain:q} "$making" "qc.keep and qc.remove" "$variants"; }}
        trap explain ERR

        plink2 \
            {params.arguments:q} \
            --threads {threads} \
            --memory $(({resources.mem_mb} - 400)) \
            --min-alleles 2 \
            --max-alleles 2 \
            --set-missing-var-ids '@:#:$r:$a' \
            --new-id-max-allele-len 100 truncate \
            --rm-dup force-first \
            --geno {params.variant_missing:q} \
            --sort-vars \
            --make-pgen erase-phase erase-dosage pvar-cols=xheader psam-cols=maybefid,sex \
            --out "$making"
        plink2 \
            --pfile "$making" \
            --threads {threads} \
            --memory $(({resources.mem_mb} - 400)) \
            --missing sample-only scols=maybefid,nmiss,nobs \
            --out "$making".people

        mv "$making".people.smiss {output.missing:q}
        for suffix in log pvar psam pgen; do
            mv "$making".$suffix {params.prefix:q}.$suffix
        done
        """


rule thin_variants:
    """Copy common variants at even steps along each chromosome, enough to find relatives."""
    input:
        multiext("results/{cohort}/cohort/import/{chrom}", ".pgen", ".pvar", ".psam"),
    output:
        pgen=temp("results/{cohort}/cohort/thinned/{chrom}.pgen"),
        pvar=temp("results/{cohort}/cohort/thinned/{chrom}.pvar"),
        psam=temp("results/{cohort}/cohort/thinned/{chrom}.psam"),
    log:
        "logs/{cohort}/thin_variants/{chrom}.log",
    benchmark:
        "results/{cohort}/timings/thin_variants/{chrom}.tsv"
    conda:
        "../../envs/plink2.yaml"
    threads: 4
    resources:
        mem_mb=growing_mb(2000),
        runtime=growing_minutes(60),
    params:
        genotypes=lambda wildcards, input: input[0].removesuffix(".pgen"),
        maf=settings.qc.maf,
        limit=5000,  # 110,000 of 22 chromosomes; UK Biobank used 93,511 (Bycroft et al. 2018)
        prefix=subpath(output.pgen, strip_suffix=".pgen"),
        thin=shell_script("thin_evenly"),
        code=code("thin_evenly.sh"),
        explain=shell_script("explain_plink2"),
    shell:
        r"""
        exec &> >(tee {log:q})
        making={params.prefix:q}.making
        trap 'rm -f "$making".*' EXIT
        filter="qc.maf = {params.maf} in fileset {wildcards.chrom}"
        explain() {{ bash {params.explain:q} "$making" "$filter" "$filter"; }}
        trap explain ERR

        shared=(
            --pfile {params.genotypes:q}
            --threads {threads}
            --memory $(({resources.mem_mb} - 400))
        )
        plink2 "${{shared[@]}}" \
            --maf {params.maf:q} \
            --make-just-pvar cols= \
            --out "$making"
        bash {params.thin:q} {params.limit} "$making".pvar >"$making".snplist
        plink2 "${{shared[@]}}" \
            --extract "$making".snplist \
            --make-pgen \
            --out "$making"

        for suffix in pvar psam pgen; do
            mv "$making".$suffix {params.prefix:q}.$suffix
        done
        """
