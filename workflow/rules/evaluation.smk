# Scores of every synthetic cohort by four groups, and of the likelihood of real people. Rules see genotypes and labels, never a model;
# all rows of the score table share one seed for each group, so that they are compared alike.


rule make_reference_row:
    """Put real people, as they are or spoilt on purpose, where synthetic people would be."""
    input:
        genotypes="results/{cohort}/{trait}/genotypes",
        labels="results/{cohort}/{trait}/labels.json",
    output:
        directory("results/{cohort}/{trait}/{generator}/synthetic/{repeat}"),
    log:
        "logs/{cohort}/make_reference_row/{trait}_{generator}_{repeat}.log",
    benchmark:
        "results/{cohort}/timings/make_reference_row/{trait}_{generator}_{repeat}.tsv"
    wildcard_constraints:
        generator="|".join(ROWS_OF_REAL_PEOPLE),
    conda:
        "../../envs/genosynth.yaml"
    threads: 1
    resources:
        mem_mb=genotypes_mb(2000, bytes_each=3),
        runtime=growing_minutes(30),
    params:
        seed=seed("make_reference_row", "{trait}", "{generator}"),
        code=code("make_reference_row"),
    script:
        "../scripts/make_reference_row.py"


rule evaluate_fidelity:
    """Ask whether synthetic genotypes look like real ones."""
    input:
        genotypes="results/{cohort}/{trait}/genotypes",
        labels="results/{cohort}/{trait}/labels.json",
        synthetic="results/{cohort}/{trait}/{generator}/synthetic/{repeat}",
    output:
        scores="results/{cohort}/{trait}/{generator}/scores/{repeat}/fidelity.tsv",
        allele_frequencies="results/{cohort}/{trait}/{generator}/scores/{repeat}/allele_frequencies.tsv",
        ld_decay="results/{cohort}/{trait}/{generator}/scores/{repeat}/ld_decay.tsv",
        ld_block="results/{cohort}/{trait}/{generator}/scores/{repeat}/ld_block.tsv",
        components="results/{cohort}/{trait}/{generator}/scores/{repeat}/components.tsv",
    log:
        "logs/{cohort}/evaluate_fidelity/{trait}_{generator}_{repeat}.log",
    benchmark:
        "results/{cohort}/timings/evaluate_fidelity/{trait}_{generator}_{repeat}.tsv"
    conda:
        "../../envs/genosynth.yaml"
    threads: side_by_side(8)
    resources:
        mem_mb=genotypes_mb(4000, bytes_each=3),
        runtime=growing_minutes(60),
    params:
        settings=section("evaluation"),
        seed=seed("evaluate_fidelity", "{trait}"),
        code=code("evaluate_fidelity"),
    script:
        "../scripts/evaluate_fidelity.py"


rule evaluate_association:
    """Ask whether variants act on the trait as they do in real people."""
    input:
        genotypes="results/{cohort}/{trait}/genotypes",
        labels="results/{cohort}/{trait}/labels.json",
        synthetic="results/{cohort}/{trait}/{generator}/synthetic/{repeat}",
        gwas="results/{cohort}/{trait}/{generator}/gwas/{repeat}.glm",
        gwas_of_train="results/{cohort}/{trait}/real_train/gwas/1.glm",
        gwas_of_holdout="results/{cohort}/{trait}/real_holdout/gwas/1.glm",
        truth=known_truth(),
    output:
        scores="results/{cohort}/{trait}/{generator}/scores/{repeat}/association.tsv",
        effects="results/{cohort}/{trait}/{generator}/scores/{repeat}/effects.tsv",
        gwas="results/{cohort}/{trait}/{generator}/scores/{repeat}/gwas.tsv",
    log:
        "logs/{cohort}/evaluate_association/{trait}_{generator}_{repeat}.log",
    benchmark:
        "results/{cohort}/timings/evaluate_association/{trait}_{generator}_{repeat}.tsv"
    conda:
        "../../envs/genosynth.yaml"
    threads: 1
    resources:
        mem_mb=genotypes_mb(3000, bytes_each=4),
        runtime=growing_minutes(60),
    params:
        code=code("evaluate_association"),
    script:
        "../scripts/evaluate_association.py"


rule evaluate_utility:
    """Ask whether a model learnt from synthetic people predicts real ones."""
    input:
        genotypes="results/{cohort}/{trait}/genotypes",
        labels="results/{cohort}/{trait}/labels.json",
        synthetic="results/{cohort}/{trait}/{generator}/synthetic/{repeat}",
        polygenic_scores=polygenic_scores_of,
    output:
        scores="results/{cohort}/{trait}/{generator}/scores/{repeat}/utility.tsv",
        roc="results/{cohort}/{trait}/{generator}/scores/{repeat}/roc.tsv",
        calibration="results/{cohort}/{trait}/{generator}/scores/{repeat}/calibration.tsv",
        utility_groups="results/{cohort}/{trait}/{generator}/scores/{repeat}/utility_groups.tsv",
        utility_classes="results/{cohort}/{trait}/{generator}/scores/{repeat}/utility_classes.tsv",
    log:
        "logs/{cohort}/evaluate_utility/{trait}_{generator}_{repeat}.log",
    benchmark:
        "results/{cohort}/timings/evaluate_utility/{trait}_{generator}_{repeat}.tsv"
    conda:
        "../../envs/genosynth.yaml"
    threads: 1
    resources:
        mem_mb=genotypes_mb(6000, bytes_each=4),
        runtime=growing_minutes(60),
    params:
        settings=section("evaluation"),
        seed=seed("evaluate_utility", "{trait}"),
        code=code("evaluate_utility"),
    script:
        "../scripts/evaluate_utility.py"


rule evaluate_privacy:
    """Ask whether training people are copied, or told from strangers by the released rows."""
    input:
        genotypes="results/{cohort}/{trait}/genotypes",
        labels="results/{cohort}/{trait}/labels.json",
        synthetic="results/{cohort}/{trait}/{generator}/synthetic/{repeat}",
    output:
        scores="results/{cohort}/{trait}/{generator}/scores/{repeat}/privacy.tsv",
        nearest="results/{cohort}/{trait}/{generator}/scores/{repeat}/nearest.tsv",
        membership_roc="results/{cohort}/{trait}/{generator}/scores/{repeat}/membership_roc.tsv",
        exposure="results/{cohort}/{trait}/{generator}/scores/{repeat}/exposure.tsv",
        release_size="results/{cohort}/{trait}/{generator}/scores/{repeat}/release_size.tsv",
    log:
        "logs/{cohort}/evaluate_privacy/{trait}_{generator}_{repeat}.log",
    benchmark:
        "results/{cohort}/timings/evaluate_privacy/{trait}_{generator}_{repeat}.tsv"
    conda:
        "../../envs/genosynth.yaml"
    threads: side_by_side(4)
    resources:
        mem_mb=genotypes_mb(4000, bytes_each=5),
        runtime=growing_minutes(60),
    params:
        settings=section("privacy"),
        seed=seed("evaluate_privacy", "{trait}"),
        code=code("evaluate_privacy"),
    script:
        "../scripts/evaluate_privacy.py"


rule evaluate_likelihood:
    """Ask how likely a generator finds people it never saw, and whether it knows those it saw."""
    input:
        genotypes="results/{cohort}/{trait}/genotypes",
        labels="results/{cohort}/{trait}/labels.json",
        nats="results/{cohort}/{trait}/{generator}/nats.tsv",
    output:
        scores="results/{cohort}/{trait}/{generator}/scores/1/likelihood.tsv",
    log:
        "logs/{cohort}/evaluate_likelihood/{trait}_{generator}.log",
    benchmark:
        "results/{cohort}/timings/evaluate_likelihood/{trait}_{generator}.tsv"
    conda:
        "../../envs/genosynth.yaml"
    threads: 1
    resources:
        mem_mb=growing_mb(2000),
        runtime=growing_minutes(10),
    params:
        code=code("evaluate_likelihood"),
    script:
        "../scripts/evaluate_likelihood.py"


rule gather_scores:
    """Gather all scores of a trait, with floor and ceiling beside each."""
    input:
        score_files,
    output:
        "results/{cohort}/{trait}/scores.tsv",
    log:
        "logs/{cohort}/gather_scores/{trait}.log",
    benchmark:
        "results/{cohort}/timings/gather_scores/{trait}.tsv"
    conda:
        "../../envs/genosynth.yaml"
    threads: 1
    resources:
        mem_mb=growing_mb(1000),
        runtime=growing_minutes(10),
    params:
        rows=scored_rows,
        code=code("gather_scores"),
    script:
        "../scripts/gather_scores.py"
