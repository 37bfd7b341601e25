"""Rule train_denoiser: fit the latent flow to the latents of the training part."""

from pathlib import Path

from genosynth.data.labels import load_labels
from genosynth.devices import choose_device, use_threads
from genosynth.models.weights import load_latents, save_denoiser
from genosynth.processes import shared_by
from genosynth.progress import log_to
from genosynth.settings.diffusion import DiffusionSettings
from genosynth.training.denoiser import train_denoiser
from genosynth.training.loop import forget, save_curve

with log_to(snakemake.log[0]):
    with shared_by(snakemake.resources.gpu):
        use_threads(snakemake.threads)
        trained = train_denoiser(
            load_latents(snakemake.input.latents),
            load_labels(snakemake.input.labels),
            settings=DiffusionSettings.model_validate(snakemake.params.settings),
            seed=snakemake.params.seed,
            device=choose_device(snakemake.params.device),
            resume=Path(snakemake.params.resume),
        )
    save_curve(trained.curve, snakemake.output.curves)
    save_denoiser(trained.model, snakemake.output.weights)
    forget(Path(snakemake.params.resume))
