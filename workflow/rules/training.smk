# The latent diffusion generator: VAE, latents, latent flow. Fits of the classical generators are in
# classical.smk.


rule train_vae:
    """Fit the genotype VAE to the training part; a killed job continues from its last epoch."""
    input:
        genotypes="results/{cohort}/{trait}/genotypes",
        labels="results/{cohort}/{trait}/labels.json",
        device="results/{cohort}/cohort/device.json",
    output:
        weights="results/{cohort}/{trait}/latent_diffusion/model/vae.safetensors",
        curves="results/{cohort}/{trait}/latent_diffusion/model/vae_curves.tsv",
        units_curves="results/{cohort}/{trait}/latent_diffusion/model/units_curves.tsv",
    log:
        "logs/{cohort}/train_vae/{trait}.log",
    benchmark:
        "results/{cohort}/timings/train_vae/{trait}.tsv"
    priority: 1  # the longest job; all that need not wait for it can run beside what follows
    conda:
        "../../envs/genosynth.yaml"
    threads: 8
    resources:
        mem_mb=growing_mb(8000),
        runtime=growing_minutes(240),
        gpu=n_gpus(),
    params:
        settings=section("vae"),
        seed=seed("latent_diffusion", "{trait}"),
        device=settings.device,
        resume="results/{cohort}/{trait}/latent_diffusion/resume/vae.pt",
        code=code("train_vae"),
    script:
        "../scripts/train_vae.py"


rule encode_latents:
    """Encode the training part: what the latent flow learns from."""
    input:
        genotypes="results/{cohort}/{trait}/genotypes",
        labels="results/{cohort}/{trait}/labels.json",
        weights="results/{cohort}/{trait}/latent_diffusion/model/vae.safetensors",
    output:
        latents="results/{cohort}/{trait}/latent_diffusion/latents.safetensors",
    log:
        "logs/{cohort}/encode_latents/{trait}.log",
    benchmark:
        "results/{cohort}/timings/encode_latents/{trait}.tsv"
    conda:
        "../../envs/genosynth.yaml"
    threads: 4
    resources:
        mem_mb=growing_mb(4000),
        runtime=growing_minutes(30),
        gpu=n_gpus(),
    params:
        device=settings.device,
        code=code("encode_latents"),
    script:
        "../scripts/encode_latents.py"


rule train_denoiser:
    """Fit the latent flow; a killed job continues from its last validation."""
    input:
        latents="results/{cohort}/{trait}/latent_diffusion/latents.safetensors",
        labels="results/{cohort}/{trait}/labels.json",
    output:
        weights="results/{cohort}/{trait}/latent_diffusion/model/denoiser.safetensors",
        curves="results/{cohort}/{trait}/latent_diffusion/model/denoiser_curves.tsv",
    log:
        "logs/{cohort}/train_denoiser/{trait}.log",
    benchmark:
        "results/{cohort}/timings/train_denoiser/{trait}.tsv"
    conda:
        "../../envs/genosynth.yaml"
    threads: 8
    resources:
        mem_mb=growing_mb(4000),
        runtime=growing_minutes(120),
        gpu=n_gpus(),
    params:
        settings=section("diffusion"),
        seed=seed("latent_diffusion", "{trait}"),
        device=settings.device,
        resume="results/{cohort}/{trait}/latent_diffusion/resume/denoiser.pt",
        code=code("train_denoiser"),
    script:
        "../scripts/train_denoiser.py"
