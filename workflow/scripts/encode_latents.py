"""Rule encode_latents: latents of the training part, from which the latent flow learns."""

from genosynth.data.genotypes import load_genotypes
from genosynth.data.labels import load_labels
from genosynth.devices import choose_device, use_threads
from genosynth.models.weights import load_vae, save_latents
from genosynth.progress import log_to
from genosynth.training.latents import encode_latents

with log_to(snakemake.log[0]):
    use_threads(snakemake.threads)
    train = load_genotypes(snakemake.input.genotypes).part("train")
    vae = load_vae(snakemake.input.weights, variants=train.variants)
    latents = encode_latents(
        vae.to(choose_device(snakemake.params.device)), train, load_labels(snakemake.input.labels)
    )
    save_latents(latents, snakemake.output.latents)
