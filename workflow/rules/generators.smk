# What is known of each generator beyond its rules; a new generator gets a line in each table.

MODELS = {
    "latent_diffusion": ["model/vae.safetensors", "model/denoiser.safetensors"],
    "independent": ["model"],
    "copula": ["model"],
    "clusters": ["model"],
}
SECTIONS = {
    "latent_diffusion": ["vae", "diffusion"],
    "independent": ["independent"],
    "copula": ["copula"],
    "clusters": ["clusters"],
}

# Those with rule score_people_…; that of the copula would be an integral over all variants.
LIKELIHOODS = ["latent_diffusion", "independent", "clusters"]


def fitted_model(wildcards):
    """Files or folder of a fitted generator."""
    return [
        f"results/{wildcards.cohort}/{wildcards.trait}/{wildcards.generator}/{name}"
        for name in MODELS[wildcards.generator]
    ]


def fitted_models():
    """Files or folders of every generator of every trait."""
    return [
        path
        for generator in settings.built_in_generators
        for name in MODELS[generator]
        for path in for_each_trait(f"results/{{cohort}}/{{trait}}/{generator}/{name}")
    ]


def making(wildcards):
    """How a release comes about, as plain data."""
    sections = ["qc", "split", "selection", *SECTIONS[wildcards.generator], "sampling"]
    return {
        "cohort": wildcards.cohort,
        "trait": wildcards.trait,
        "generator": wildcards.generator,
        "settings": {name: section(name) for name in sections},
        "seeds": {
            "root": settings.seed,
            "labels": seed("compose_labels", "{trait}", "1")(wildcards),
            "people": seed("sample_{generator}", "{trait}", "1")(wildcards),
        },
    }


def described_releases():
    """What every release says of itself; of what was made elsewhere, its evaluation alone."""
    names = [
        f"{generator}/release/{name}"
        for generator in settings.built_in_generators
        for name in ["evaluation.json", "DATASHEET.md"]
    ]
    names += [f"{name}/evaluation.json" for name in settings.external_releases]
    return [
        path
        for name in names
        for path in for_each_trait(f"results/{{cohort}}/{{trait}}/{name}")
    ]


def releases():
    """Every release folder's PLINK file, and VCF if wanted; none of what was made elsewhere."""
    return expand(
        "results/{cohort}/{trait}/{generator}/release/synthetic.{suffix}",
        cohort=settings.cohort,
        trait=settings.trait_names,
        generator=settings.built_in_generators,
        suffix=["pgen", "vcf.gz"] if settings.sampling.vcf else ["pgen"],
    )
