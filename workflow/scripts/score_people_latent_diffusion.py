"""Rule score_people_latent_diffusion: bound the likelihood of held-out and training people."""

from genosynth.data.genotypes import load_genotypes
from genosynth.data.labels import load_labels
from genosynth.devices import choose_device, use_threads
from genosynth.files import write_table
from genosynth.likelihood.latent_diffusion import latent_diffusion_nats
from genosynth.likelihood.people import choose_people, nats_table
from genosynth.models.weights import load_denoiser, load_vae
from genosynth.progress import log_to

with log_to(snakemake.log[0]):
    use_threads(snakemake.threads)
    real = load_genotypes(snakemake.input.genotypes)
    people = choose_people(real, seed=snakemake.params.seed)
    nats = latent_diffusion_nats(
        load_vae(snakemake.input.vae, variants=real.variants),
        load_denoiser(snakemake.input.denoiser),
        people,
        load_labels(snakemake.input.labels),
        seed=snakemake.params.seed,
        device=choose_device(snakemake.params.device),
    )
    write_table(nats_table(people, nats), snakemake.output.nats)
