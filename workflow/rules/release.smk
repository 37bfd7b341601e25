# Labels of the synthetic people, before any generator draws; releases, after.


include: "generators.smk"


rule compose_labels:
    """Compose the labels of the synthetic people: the same table for every generator."""
    input:
        genotypes="results/{cohort}/{trait}/genotypes",
        labels="results/{cohort}/{trait}/labels.json",
    output:
        "results/{cohort}/{trait}/labels/{repeat}.tsv",
    log:
        "logs/{cohort}/compose_labels/{trait}_{repeat}.log",
    benchmark:
        "results/{cohort}/timings/compose_labels/{trait}_{repeat}.tsv"
    conda:
        "../../envs/genosynth.yaml"
    threads: 1
    resources:
        mem_mb=growing_mb(2000),
        runtime=growing_minutes(10),
    params:
        settings=section("sampling"),
        seed=seed("compose_labels", "{trait}", "{repeat}"),
        code=code("compose_labels"),
    script:
        "../scripts/compose_labels.py"


rule write_release:
    """Write the first synthetic cohort as PLINK files with a README and its provenance."""
    input:
        synthetic="results/{cohort}/{trait}/{generator}/synthetic/1",
        model=fitted_model,
        panel="results/{cohort}/{trait}/panel.tsv",
        labels="results/{cohort}/{trait}/labels.json",
        label_table="results/{cohort}/{trait}/labels/1.tsv",
        people="results/{cohort}/cohort/phenotypes.tsv",
        plink2=ancient("results/{cohort}/cohort/plink2.version"),
        template=f"{workflow.basedir}/resources/release_readme.md.j2",
    output:
        pgen="results/{cohort}/{trait}/{generator}/release/synthetic.pgen",
        pvar="results/{cohort}/{trait}/{generator}/release/synthetic.pvar",
        psam="results/{cohort}/{trait}/{generator}/release/synthetic.psam",
        readme="results/{cohort}/{trait}/{generator}/release/README.md",
        provenance="results/{cohort}/{trait}/{generator}/release/provenance.json",
    log:
        "logs/{cohort}/write_release/{trait}_{generator}.log",
    benchmark:
        "results/{cohort}/timings/write_release/{trait}_{generator}.tsv"
    wildcard_constraints:
        generator=one_of(settings.built_in_generators),
    conda:
        "../../envs/genosynth.yaml"
    threads: 1
    resources:
        mem_mb=growing_mb(2000),
        runtime=growing_minutes(30),
    params:
        making=making,
        autosomes=settings.genotypes.autosomes,
        code=code("write_release"),
    script:
        "../scripts/write_release.py"


rule export_vcf:
    """Write a release as VCF, too."""
    input:
        genotypes=multiext(
            "results/{cohort}/{trait}/{generator}/release/synthetic",
            ".pgen",
            ".pvar",
            ".psam",
        ),
    output:
        "results/{cohort}/{trait}/{generator}/release/synthetic.vcf.gz",
    log:
        "logs/{cohort}/export_vcf/{trait}_{generator}.log",
    benchmark:
        "results/{cohort}/timings/export_vcf/{trait}_{generator}.tsv"
    conda:
        "../../envs/plink2.yaml"
    threads: 4
    resources:
        mem_mb=growing_mb(2000),
        runtime=growing_minutes(30),
    params:
        genotypes=lambda wildcards, input: input.genotypes[0].removesuffix(".pgen"),
    shell:
        r"""
        exec &> >(tee {log:q})
        making={output:q}.making
        trap 'rm -f "$making".*' EXIT

        plink2 \
            --pfile {params.genotypes:q} \
            --threads {threads} \
            --memory $(({resources.mem_mb} - 400)) \
            --export vcf bgz \
            --out "$making"

        mv "$making.vcf.gz" {output:q}
        """
