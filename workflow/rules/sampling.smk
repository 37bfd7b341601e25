# Labels → latents → genotypes. The classical generators draw in classical.smk.


rule sample_latent_diffusion:
    """Draw one synthetic person for each row of the label table."""
    input:
        vae="results/{cohort}/{trait}/latent_diffusion/model/vae.safetensors",
        denoiser="results/{cohort}/{trait}/latent_diffusion/model/denoiser.safetensors",
        genotypes="results/{cohort}/{trait}/genotypes",
        labels="results/{cohort}/{trait}/labels.json",
        label_table="results/{cohort}/{trait}/labels/{repeat}.tsv",
    output:
        directory("results/{cohort}/{trait}/latent_diffusion/synthetic/{repeat}"),
    log:
        "logs/{cohort}/sample_latent_diffusion/{trait}_{repeat}.log",
    benchmark:
        "results/{cohort}/timings/sample_latent_diffusion/{trait}_{repeat}.tsv"
    conda:
        "../../envs/genosynth.yaml"
    threads: 8
    resources:
        mem_mb=growing_mb(4000),
        runtime=growing_minutes(60),
        gpu=n_gpus(),
    params:
        settings=section("sampling"),
        seed=seed("sample_latent_diffusion", "{trait}", "{repeat}"),
        device=settings.device,
        code=code("sample_latent_diffusion"),
    script:
        "../scripts/sample_latent_diffusion.py"


rule sweep_sampling:
    """Measure what guidance costs, how many steps are enough, and what unknown labels give."""
    input:
        vae="results/{cohort}/{trait}/latent_diffusion/model/vae.safetensors",
        denoiser="results/{cohort}/{trait}/latent_diffusion/model/denoiser.safetensors",
        latents="results/{cohort}/{trait}/latent_diffusion/latents.safetensors",
        genotypes="results/{cohort}/{trait}/genotypes",
        labels="results/{cohort}/{trait}/labels.json",
    output:
        guidance="results/{cohort}/{trait}/latent_diffusion/sweep/guidance.tsv",
        steps="results/{cohort}/{trait}/latent_diffusion/sweep/steps.tsv",
        masked="results/{cohort}/{trait}/latent_diffusion/sweep/masked.tsv",
    log:
        "logs/{cohort}/sweep_sampling/{trait}.log",
    benchmark:
        "results/{cohort}/timings/sweep_sampling/{trait}.tsv"
    conda:
        "../../envs/genosynth.yaml"
    threads: 1  # small draws: more threads would wait for each other
    resources:
        mem_mb=growing_mb(4000),
        runtime=growing_minutes(60),
        gpu=n_gpus(),
    params:
        settings=section("sampling"),
        seed=seed("sweep_sampling", "{trait}"),
        device=settings.device,
        code=code("sweep_sampling"),
    script:
        "../scripts/sweep_sampling.py"
