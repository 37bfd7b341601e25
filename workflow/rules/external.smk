# Synthetic people made elsewhere: nothing is fitted, drawn or released, only scored.


rule read_release:
    """Read a release of any format made elsewhere: autosomes, two alleles."""
    input:
        genotypes=lambda wildcards: list(RELEASES[wildcards.generator].files.values()),
        plink2="results/{cohort}/cohort/plink2.version",
    output:
        pgen=temp("results/{cohort}/cohort/external/{generator}.pgen"),
        pvar=temp("results/{cohort}/cohort/external/{generator}.pvar"),
        psam=temp("results/{cohort}/cohort/external/{generator}.psam"),
    log:
        "logs/{cohort}/read_release/{generator}.log",
    benchmark:
        "results/{cohort}/timings/read_release/{generator}.tsv"
    wildcard_constraints:
        generator=one_of(RELEASES),
    conda:
        "../../envs/plink2.yaml"
    threads: 4
    resources:
        mem_mb=growing_mb(2000),
        runtime=growing_minutes(60),
    params:
        arguments=lambda wildcards: plink2_arguments(RELEASES[wildcards.generator]),
        prefix=subpath(output.pgen, strip_suffix=".pgen"),
    shell:
        r"""
        exec &> >(tee {log:q})
        making={params.prefix:q}.making
        trap 'rm -f "$making".*' EXIT

        plink2 \
            {params.arguments:q} \
            --threads {threads} \
            --memory $(({resources.mem_mb} - 400)) \
            --autosome \
            --min-alleles 2 \
            --max-alleles 2 \
            --set-missing-var-ids '@:#:$r:$a' \
            --new-id-max-allele-len 100 truncate \
            --sort-vars \
            --make-pgen erase-phase erase-dosage pvar-cols=xheader psam-cols=maybefid,sex \
            --out "$making"

        for suffix in pvar psam pgen; do
            mv "$making".$suffix {params.prefix:q}.$suffix
        done
        """


rule import_release:
    """Match a release made elsewhere to the panel and the labels, as synthetic people."""
    input:
        genotypes=multiext(
            "results/{cohort}/cohort/external/{generator}", ".pgen", ".pvar", ".psam"
        ),
        table=lambda wildcards: RELEASE_TABLES[wildcards.generator],
        panel="results/{cohort}/{trait}/panel.tsv",
        labels="results/{cohort}/{trait}/labels.json",
    output:
        directory("results/{cohort}/{trait}/{generator}/synthetic/1"),
    log:
        "logs/{cohort}/import_release/{trait}_{generator}.log",
    benchmark:
        "results/{cohort}/timings/import_release/{trait}_{generator}.tsv"
    wildcard_constraints:
        generator=one_of(RELEASES),
    conda:
        "../../envs/genosynth.yaml"
    threads: 1
    resources:
        mem_mb=growing_mb(3000),
        runtime=growing_minutes(30),
    params:
        genotypes=lambda wildcards, input: input.genotypes[0].removesuffix(".pgen"),
        release=lambda wildcards: settings.external_releases[
            wildcards.generator
        ].release,
        code=code("import_release"),
    script:
        "../scripts/import_release.py"


rule record_evaluation:
    """Put what was measured of a release made elsewhere beside its people, as data."""
    input:
        scores="results/{cohort}/{trait}/scores.tsv",
        exposure="results/{cohort}/{trait}/{generator}/scores/1/exposure.tsv",
        release_size="results/{cohort}/{trait}/{generator}/scores/1/release_size.tsv",
    output:
        "results/{cohort}/{trait}/{generator}/evaluation.json",
    log:
        "logs/{cohort}/record_evaluation/{trait}_{generator}.log",
    benchmark:
        "results/{cohort}/timings/record_evaluation/{trait}_{generator}.tsv"
    wildcard_constraints:
        generator=one_of(RELEASES),
    conda:
        "../../envs/genosynth.yaml"
    threads: 1
    resources:
        mem_mb=growing_mb(1000),
        runtime=growing_minutes(10),
    params:
        code=code("record_evaluation"),
    script:
        "../scripts/record_evaluation.py"
