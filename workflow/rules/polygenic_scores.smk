rule match_polygenic_scores:
    """Bring polygenic scores made elsewhere to the panel's ALT alleles."""
    input:
        scores=lambda wildcards: list(
            trait_settings(wildcards)["polygenic_scores"].values()
        ),
        panel="results/{cohort}/{trait}/panel.tsv",
    output:
        weights="results/{cohort}/{trait}/polygenic_scores.tsv",
        matching="results/{cohort}/{trait}/polygenic_scores_matching.tsv",
    log:
        "logs/{cohort}/match_polygenic_scores/{trait}.log",
    benchmark:
        "results/{cohort}/timings/match_polygenic_scores/{trait}.tsv"
    wildcard_constraints:
        trait=traits_with_scores(),
    conda:
        "../../envs/genosynth.yaml"
    threads: 1
    resources:
        mem_mb=growing_mb(4000),
        runtime=growing_minutes(20),
    params:
        names=lambda wildcards: list(trait_settings(wildcards)["polygenic_scores"]),
        build=settings.genotypes.build,
        code=code("match_polygenic_scores"),
    script:
        "../scripts/match_polygenic_scores.py"
