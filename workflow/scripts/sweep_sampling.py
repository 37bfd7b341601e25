"""Rule sweep_sampling: what guidance costs, how many steps are enough, what masked labels give."""

from functools import partial

from genosynth.data.genotypes import load_genotypes
from genosynth.data.labels import load_labels
from genosynth.devices import choose_device, use_threads
from genosynth.evaluation.sweep import measure_sweep
from genosynth.files import write_table
from genosynth.models.weights import load_denoiser, load_latents, load_vae
from genosynth.progress import log_to
from genosynth.sampling.diffusion import sample_diffusion
from genosynth.sampling.sweep import draw_sweep
from genosynth.settings.sampling import SamplingSettings

with log_to(snakemake.log[0]):
    use_threads(snakemake.threads)
    genotypes = load_genotypes(snakemake.input.genotypes)
    labels = load_labels(snakemake.input.labels)
    vae = load_vae(snakemake.input.vae, variants=genotypes.variants)
    flow, latents = load_denoiser(snakemake.input.denoiser), load_latents(snakemake.input.latents)
    device, seed = choose_device(snakemake.params.device), snakemake.params.seed
    sampler = partial(sample_diffusion, vae, flow, labels=labels, device=device)
    settings = SamplingSettings.model_validate(snakemake.params.settings)
    train = genotypes.part("train")
    sweep = draw_sweep(sampler, train, latents, labels=labels, settings=settings, seed=seed)
    tables = measure_sweep(sweep, genotypes, labels, seed=seed)
    write_table(tables["guidance"], snakemake.output.guidance)
    write_table(tables["steps"], snakemake.output.steps)
    write_table(tables["masked"], snakemake.output.masked)
