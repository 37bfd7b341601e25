# The classical generators: fit, then draw one person for each row of the label table.


rule fit_independent:
    """Fit genotype frequencies given the labels."""
    input:
        genotypes="results/{cohort}/{trait}/genotypes",
        labels="results/{cohort}/{trait}/labels.json",
    output:
        directory("results/{cohort}/{trait}/independent/model"),
    log:
        "logs/{cohort}/fit_independent/{trait}.log",
    benchmark:
        "results/{cohort}/timings/fit_independent/{trait}.tsv"
    conda:
        "../../envs/genosynth.yaml"
    threads: 1
    resources:
        mem_mb=growing_mb(4000),
        runtime=growing_minutes(30),
    params:
        settings=section("independent"),
        code=code("fit_independent"),
    script:
        "../scripts/fit_independent.py"


rule fit_copula:
    """Fit genotype frequencies given the labels, and the latent correlation that joins them."""
    input:
        genotypes="results/{cohort}/{trait}/genotypes",
        labels="results/{cohort}/{trait}/labels.json",
    output:
        directory("results/{cohort}/{trait}/copula/model"),
    log:
        "logs/{cohort}/fit_copula/{trait}.log",
    benchmark:
        "results/{cohort}/timings/fit_copula/{trait}.tsv"
    conda:
        "../../envs/genosynth.yaml"
    threads: 4
    resources:
        mem_mb=growing_mb(4000),
        runtime=growing_minutes(60),
    params:
        settings=section("copula"),
        seed=seed("fit_copula", "{trait}"),
        code=code("fit_copula"),
    script:
        "../scripts/fit_copula.py"


rule sample_independent:
    """Draw one synthetic person for each row of the label table, variant by variant."""
    input:
        model="results/{cohort}/{trait}/independent/model",
        panel="results/{cohort}/{trait}/panel.tsv",
        label_table="results/{cohort}/{trait}/labels/{repeat}.tsv",
    output:
        directory("results/{cohort}/{trait}/independent/synthetic/{repeat}"),
    log:
        "logs/{cohort}/sample_independent/{trait}_{repeat}.log",
    benchmark:
        "results/{cohort}/timings/sample_independent/{trait}_{repeat}.tsv"
    conda:
        "../../envs/genosynth.yaml"
    threads: 1
    resources:
        mem_mb=growing_mb(3000),
        runtime=growing_minutes(30),
    params:
        settings=section("sampling"),
        seed=seed("sample_independent", "{trait}", "{repeat}"),
        code=code("sample_independent"),
    script:
        "../scripts/sample_independent.py"


rule sample_copula:
    """Draw one synthetic person for each row of the label table, with LD."""
    input:
        model="results/{cohort}/{trait}/copula/model",
        panel="results/{cohort}/{trait}/panel.tsv",
        label_table="results/{cohort}/{trait}/labels/{repeat}.tsv",
    output:
        directory("results/{cohort}/{trait}/copula/synthetic/{repeat}"),
    log:
        "logs/{cohort}/sample_copula/{trait}_{repeat}.log",
    benchmark:
        "results/{cohort}/timings/sample_copula/{trait}_{repeat}.tsv"
    conda:
        "../../envs/genosynth.yaml"
    threads: 4
    resources:
        mem_mb=growing_mb(3000),
        runtime=growing_minutes(30),
    params:
        settings=section("sampling"),
        seed=seed("sample_copula", "{trait}", "{repeat}"),
        code=code("sample_copula"),
    script:
        "../scripts/sample_copula.py"
