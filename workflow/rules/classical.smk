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
        mem_mb=genotypes_mb(4000, bytes_each=3),
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
        mem_mb=genotypes_mb(4000, bytes_each=3, bytes_a_pair=70),
        runtime=growing_minutes(60),
    params:
        settings=section("copula"),
        seed=seed("fit_copula", "{trait}"),
        code=code("fit_copula"),
    script:
        "../scripts/fit_copula.py"


rule fit_clusters:
    """Fit clusters of haplotypes, and what labels add to their allele frequencies."""
    input:
        genotypes="results/{cohort}/{trait}/genotypes",
        labels="results/{cohort}/{trait}/labels.json",
    output:
        directory("results/{cohort}/{trait}/clusters/model"),
    log:
        "logs/{cohort}/fit_clusters/{trait}.log",
    benchmark:
        "results/{cohort}/timings/fit_clusters/{trait}.tsv"
    conda:
        "../../envs/genosynth.yaml"
    threads: 1
    resources:
        mem_mb=growing_mb(4000),
        runtime=growing_minutes(120),
    params:
        settings=section("clusters"),
        seed=seed("fit_clusters", "{trait}"),
        code=code("fit_clusters"),
    script:
        "../scripts/fit_clusters.py"


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
        seed=seed("sample_copula", "{trait}", "{repeat}"),
        code=code("sample_copula"),
    script:
        "../scripts/sample_copula.py"


rule sample_clusters:
    """Draw one synthetic person for each row of the label table, along mosaics of clusters."""
    input:
        model="results/{cohort}/{trait}/clusters/model",
        panel="results/{cohort}/{trait}/panel.tsv",
        label_table="results/{cohort}/{trait}/labels/{repeat}.tsv",
    output:
        directory("results/{cohort}/{trait}/clusters/synthetic/{repeat}"),
    log:
        "logs/{cohort}/sample_clusters/{trait}_{repeat}.log",
    benchmark:
        "results/{cohort}/timings/sample_clusters/{trait}_{repeat}.tsv"
    conda:
        "../../envs/genosynth.yaml"
    threads: 1
    resources:
        mem_mb=growing_mb(3000),
        runtime=growing_minutes(30),
    params:
        seed=seed("sample_clusters", "{trait}", "{repeat}"),
        code=code("sample_clusters"),
    script:
        "../scripts/sample_clusters.py"
