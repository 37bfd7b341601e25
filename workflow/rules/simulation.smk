rule simulate_cohort:
    """Simulate the demo cohort: structure, LD and known traits, as PLINK files."""
    output:
        bed="results/{cohort}/cohort/input/simulated.bed",
        bim="results/{cohort}/cohort/input/simulated.bim",
        fam="results/{cohort}/cohort/input/simulated.fam",
        phenotypes="results/{cohort}/cohort/input/phenotypes.tsv",
        truth="results/{cohort}/cohort/input/truth.tsv",
    log:
        "logs/{cohort}/simulate_cohort/job.log",
    benchmark:
        "results/{cohort}/timings/simulate_cohort/job.tsv"
    conda:
        "../../envs/genosynth.yaml"
    threads: 2
    resources:
        mem_mb=growing_mb(3000),
        runtime=growing_minutes(15),
    params:
        settings=section("simulation"),
        seed=seed("simulate_cohort"),
        code=code("simulate_cohort"),
    script:
        "../scripts/simulate_cohort.py"
