rule split_cohort:
    """Divide people into train, test and reference, families together, traits balanced."""
    input:
        people=people_who_stay(),
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
        genotypes=multiext(
            "results/{cohort}/cohort/qc/{chrom}", ".pgen", ".pvar", ".psam"
        ),
        train="results/{cohort}/cohort/train.id",
    output:
        "results/{cohort}/cohort/train_frequencies/{chrom}.afreq",
    log:
        "logs/{cohort}/train_frequencies/{chrom}.log",
    benchmark:
        "results/{cohort}/timings/train_frequencies/{chrom}.tsv"
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
