# Likelihood of real people under a fitted generator. Evaluation reads the tables and knows no model;
# every generator is asked about the same people, and `generators.smk` says which have an answer.


rule score_people_latent_diffusion:
    """Bound the likelihood of held-out and training people under the latent diffusion model."""
    input:
        vae="results/{cohort}/{trait}/latent_diffusion/model/vae.safetensors",
        denoiser="results/{cohort}/{trait}/latent_diffusion/model/denoiser.safetensors",
        genotypes="results/{cohort}/{trait}/genotypes",
        labels="results/{cohort}/{trait}/labels.json",
    output:
        nats="results/{cohort}/{trait}/latent_diffusion/nats.tsv",
    log:
        "logs/{cohort}/score_people_latent_diffusion/{trait}.log",
    benchmark:
        "results/{cohort}/timings/score_people_latent_diffusion/{trait}.tsv"
    conda:
        "../../envs/genosynth.yaml"
    threads: side_by_side(8)
    resources:
        mem_mb=growing_mb(4000),
        runtime=growing_minutes(60),
        gpu=n_gpus(),
    params:
        seed=seed("score_people", "{trait}"),
        device=settings.device,
        code=code("score_people_latent_diffusion"),
    script:
        "../scripts/score_people_latent_diffusion.py"


rule score_people_independent:
    """Find the likelihood of held-out and training people under genotype frequencies."""
    input:
        model="results/{cohort}/{trait}/independent/model",
        genotypes="results/{cohort}/{trait}/genotypes",
    output:
        nats="results/{cohort}/{trait}/independent/nats.tsv",
    log:
        "logs/{cohort}/score_people_independent/{trait}.log",
    benchmark:
        "results/{cohort}/timings/score_people_independent/{trait}.tsv"
    conda:
        "../../envs/genosynth.yaml"
    threads: 1
    resources:
        mem_mb=growing_mb(2000),
        runtime=growing_minutes(10),
    params:
        seed=seed("score_people", "{trait}"),
        code=code("score_people_independent"),
    script:
        "../scripts/score_people_independent.py"


rule score_people_clusters:
    """Find the likelihood of held-out and training people under mosaics of clusters."""
    input:
        model="results/{cohort}/{trait}/clusters/model",
        genotypes="results/{cohort}/{trait}/genotypes",
    output:
        nats="results/{cohort}/{trait}/clusters/nats.tsv",
    log:
        "logs/{cohort}/score_people_clusters/{trait}.log",
    benchmark:
        "results/{cohort}/timings/score_people_clusters/{trait}.tsv"
    conda:
        "../../envs/genosynth.yaml"
    threads: 1
    resources:
        mem_mb=growing_mb(2000),
        runtime=growing_minutes(30),
    params:
        seed=seed("score_people", "{trait}"),
        code=code("score_people_clusters"),
    script:
        "../scripts/score_people_clusters.py"
