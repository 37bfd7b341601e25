"""Train the genotype VAE and describe its latents."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from genosynth.data.genotypes import Genotypes
from genosynth.data.labels import Label, encode_labels, label_slices
from genosynth.models.vae import GenotypeVae, VaeShape
from genosynth.seeds import derive_seed
from genosynth.settings.vae import VaeSettings
from genosynth.training.loop import Plan, StepStats, Trainer, fit, log_curve
from genosynth.training.people import digest, divide, hide_labels

PSEUDOCOUNT = 0.5  # of each genotype: a rare homozygote absent from train stays possible


@dataclass(frozen=True)
class TrainedVae:
    """A VAE and the curve of its training."""

    model: GenotypeVae
    curve: list[StepStats]


def train_vae(
    train: Genotypes,
    labels: list[Label],
    *,
    settings: VaeSettings,
    seed: int,
    device: torch.device,
    resume: Path,
) -> TrainedVae:
    """Fit a VAE to the training people; a part of them chooses when to stop.

    Raises:
        TrainingDiverged: the loss is no longer a number.
    """
    objective = VaeObjective(train, labels, settings=settings, seed=seed, device=device)
    shape = VaeShape(
        chromosome_sizes=chromosome_sizes(train),
        n_features=objective.labels.shape[1],
        n_latent=settings.n_latent,
        width=settings.width,
        n_hidden=settings.n_hidden,
        n_neighbours=settings.n_neighbours,
    )
    with torch.random.fork_rng(devices=[]):
        torch.random.manual_seed(derive_seed(seed, "weights"))
        model = GenotypeVae(shape, genotype_frequencies(train.counts)).to(device)
    identity = digest(train.counts, objective.labels.cpu().numpy(), settings, seed)
    plan = plan_training(len(objective.fitting), settings=settings, seed=seed, identity=identity)
    trainer = Trainer(model, parameter_groups(model, settings.weight_decay), plan)
    return TrainedVae(model, log_curve(fit(trainer, objective, resume=resume), plan, what="VAE"))


def plan_training(n_rows: int, *, settings: VaeSettings, seed: int, identity: str) -> Plan:
    """As many steps as `max_epochs` passes take, but no fewer than `min_steps`."""
    steps_per_epoch = -(-n_rows // settings.batch_size)
    n_steps = max(steps_per_epoch * settings.max_epochs, settings.min_steps)
    return Plan(
        n_rows=n_rows,
        batch_size=settings.batch_size,
        n_steps=n_steps,
        validate_every=max(1, n_steps // settings.max_epochs),
        patience=settings.patience,
        learning_rate=settings.learning_rate,
        ema_decay=settings.ema_decay,
        seed=seed,
        identity=identity,
    )


class VaeObjective:
    """Negative evidence lower bound per person, some labels hidden."""

    def __init__(
        self,
        train: Genotypes,
        labels: list[Label],
        *,
        settings: VaeSettings,
        seed: int,
        device: torch.device,
    ) -> None:
        """Move the matrix to the device as bytes and put the validation people aside."""
        self.settings = settings
        self.counts = torch.from_numpy(np.array(train.counts)).to(device)
        self.labels = torch.from_numpy(encode_labels(train.samples, labels)).to(device)
        self.slices = label_slices(labels)
        division = divide(
            len(train.counts), validation_fraction=settings.validation_fraction, seed=seed
        )
        self.fitting = division.fitting.to(device)
        self.validation = division.validation.to(device)
        self.noise_seed = derive_seed(seed, "validation noise")

    def loss(self, model: GenotypeVae, rows: Tensor, generator: torch.Generator) -> Tensor:
        """Mean nats of these fitting people."""
        people = self.fitting[rows]
        counts = self.counts[people]
        labels = hide_labels(
            self.labels[people],
            self.slices,
            fraction=self.settings.label_dropout,
            generator=generator,
        )
        return self._nats(model, counts, labels, generator).mean()

    @torch.no_grad()
    def validation_loss(self, model: GenotypeVae) -> float:
        """Mean nats of the validation people: all labels seen, noise fixed."""
        generator = torch.Generator(self.counts.device).manual_seed(self.noise_seed)
        total = 0.0
        for people in torch.split(self.validation, self.settings.batch_size):
            counts = self.counts[people]
            total += float(self._nats(model, counts, self.labels[people], generator).sum())
        return total / len(self.validation)

    def _nats(
        self, model: GenotypeVae, counts: Tensor, labels: Tensor, generator: torch.Generator
    ) -> Tensor:
        shape = (len(counts), model.shape.n_latent)
        noise = torch.randn(shape, generator=generator, device=counts.device)
        with torch.autocast(counts.device.type, dtype=torch.bfloat16):
            loss = model.loss(counts, labels, noise=noise)
        return loss.reconstruction + self.settings.kl_weight * loss.kl


def chromosome_sizes(genotypes: Genotypes) -> tuple[int, ...]:
    """Number of panel variants on each chromosome, in genomic order."""
    return tuple(genotypes.variants.groupby("chromosome", sort=False).size().tolist())


def genotype_frequencies(counts: NDArray[np.int8]) -> Tensor:
    """Frequencies of 0, 1 and 2 copies among called genotypes: (n_variants, 3), never zero."""
    tallies = np.stack([(counts == copies).sum(axis=0) for copies in range(3)], axis=1)
    smoothed = tallies + PSEUDOCOUNT
    return torch.from_numpy(smoothed / smoothed.sum(axis=1, keepdims=True)).float()


def parameter_groups(model: nn.Module, weight_decay: float) -> list[dict[str, Any]]:
    """Decay matrices, but neither biases nor label effects: decay there shrinks trait effects."""
    decayed: list[nn.Parameter] = []
    free: list[nn.Parameter] = []
    for name, parameter in model.named_parameters():
        is_free = name.startswith("label_effects") or parameter.ndim == 1
        (free if is_free else decayed).append(parameter)
    return [
        {"params": decayed, "weight_decay": weight_decay},
        {"params": free, "weight_decay": 0.0},
    ]
