"""Rule train_vae: fit the genotype VAE to the training part."""

from pathlib import Path

from genosynth.data.genotypes import load_genotypes
from genosynth.data.labels import load_labels
from genosynth.devices import choose_device, use_threads
from genosynth.models.weights import save_vae
from genosynth.processes import shared_by
from genosynth.progress import log_to
from genosynth.settings.vae import VaeSettings
from genosynth.training.loop import forget, save_curve
from genosynth.training.vae import train_vae

with log_to(snakemake.log[0]):
    with shared_by(snakemake.resources.gpu):
        use_threads(snakemake.threads)
        train = load_genotypes(snakemake.input.genotypes).part("train")
        trained = train_vae(
            train,
            load_labels(snakemake.input.labels),
            settings=VaeSettings.model_validate(snakemake.params.settings),
            seed=snakemake.params.seed,
            device=choose_device(snakemake.params.device),
            resume=Path(snakemake.params.resume),
        )
    save_curve(trained.curve, snakemake.output.curves)
    save_curve(trained.units_curve, snakemake.output.units_curves)
    save_vae(trained.model, snakemake.output.weights, variants=train.variants)
    forget(Path(snakemake.params.resume))
