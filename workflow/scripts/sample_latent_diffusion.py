"""Rule sample_latent_diffusion: one synthetic person for each row of the label table."""

from genosynth.data.genotypes import filled_on_disk, load_genotypes, read_samples
from genosynth.data.labels import load_labels
from genosynth.devices import choose_device, use_threads
from genosynth.models.weights import load_denoiser, load_vae
from genosynth.progress import log_to
from genosynth.sampling.diffusion import sample_diffusion
from genosynth.sampling.unknown import complete_labels
from genosynth.settings.sampling import SamplingSettings

with log_to(snakemake.log[0]):
    use_threads(snakemake.threads)
    labels = load_labels(snakemake.input.labels)
    label_table = read_samples(snakemake.input.label_table)
    real = load_genotypes(snakemake.input.genotypes)
    train = real.samples[real.samples["part"] == "train"]
    with filled_on_disk(snakemake.output[0], label_table, real.variants) as counts:
        sample_diffusion(
            load_vae(snakemake.input.vae, variants=real.variants),
            load_denoiser(snakemake.input.denoiser),
            complete_labels(label_table, train, labels, seed=snakemake.params.seed),
            labels,
            settings=SamplingSettings.model_validate(snakemake.params.settings),
            seed=snakemake.params.seed,
            device=choose_device(snakemake.params.device),
            out=counts,
        )
