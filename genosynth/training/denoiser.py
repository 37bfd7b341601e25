"""Train the latent flow."""

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from genosynth.data.labels import Label, label_slices
from genosynth.fingerprint import fingerprint
from genosynth.models.denoiser import Denoiser, DenoiserShape, Latents
from genosynth.seeds import derive_seed
from genosynth.settings.diffusion import DiffusionSettings
from genosynth.training.loop import Batch, Plan, StepStats, Trainer, fit, log_curve
from genosynth.training.people import digest, divide, hide_labels

VALIDATION_DRAWS = 4  # noise levels at which each validation person is scored


@dataclass(frozen=True)
class TrainedDenoiser:
    """A denoiser and the curve of its training."""

    model: Denoiser
    curve: list[StepStats]


def train_denoiser(
    latents: Latents,
    labels: list[Label],
    *,
    settings: DiffusionSettings,
    seed: int,
    device: torch.device,
    resume: Path,
) -> TrainedDenoiser:
    """Fit the flow to the latents of the training people.

    Raises:
        TrainingDiverged: the loss is no longer a number.
    """
    objective = FlowObjective(latents, labels, settings=settings, seed=seed, device=device)
    shape = DenoiserShape(
        n_latent=latents.mean.shape[1],
        n_features=latents.labels.shape[1],
        width=settings.width,
        n_blocks=settings.n_blocks,
    )
    with torch.random.fork_rng(devices=[]):
        torch.random.manual_seed(derive_seed(seed, "latent flow", "weights"))
        model = Denoiser(shape, centre=latents.centre, scale=latents.scale).to(device)
    plan = Plan(
        n_rows=len(objective.fitting),
        batch_size=settings.batch_size,
        n_steps=settings.n_steps,
        validate_every=settings.validate_every,
        patience=settings.patience,
        learning_rate=settings.learning_rate,
        ema_decay=settings.ema_decay,
        seed=derive_seed(seed, "latent flow"),
        identity=digest(
            fingerprint(__file__), latents.mean.numpy(), latents.labels.numpy(), settings, seed
        ),
    )
    groups = [{"params": list(model.parameters()), "weight_decay": settings.weight_decay}]
    trainer = Trainer(model, groups, plan)
    curve = log_curve(fit(trainer, objective, resume=resume), plan, what="latent flow")
    return TrainedDenoiser(model, curve)


# Flow matching on straight paths (Lipman et al. 2023; Liu et al. 2023): x_t = (1 − t) z + t ε, and
# the network learns the velocity ε − z; t is logit-normal (Esser et al. 2024, section 3.1).
class FlowObjective:
    """Mean squared error of the velocity, over posterior samples of standardised latents."""

    def __init__(
        self,
        latents: Latents,
        labels: list[Label],
        *,
        settings: DiffusionSettings,
        seed: int,
        device: torch.device,
    ) -> None:
        """Move latents to the device; fix the noise of the validation people."""
        self.settings = settings
        self.mean = ((latents.mean - latents.centre) / latents.scale).to(device)
        self.sd = (latents.sd / latents.scale).to(device)
        self.labels = latents.labels.to(device)
        self.slices = label_slices(labels)
        division = divide(
            latents.families, validation_fraction=settings.validation_fraction, seed=seed
        )
        self.fitting = division.fitting.to(device)
        self.judges = division.validation.repeat(VALIDATION_DRAWS).to(device)
        judging_seed = derive_seed(seed, "latent flow", "validation noise")
        generator = torch.Generator(device).manual_seed(judging_seed)
        shape = (len(self.judges), latents.mean.shape[1])
        self.judging_noise = torch.randn((2, *shape), generator=generator, device=device)
        self.judging_times = (torch.arange(len(self.judges), device=device) + 0.5) / len(
            self.judges
        )

    def draw(self, model: Denoiser, rows: Tensor, generator: torch.Generator) -> Batch:
        """These fitting people, their labels, some hidden, times, noise of posterior and end."""
        people = self.fitting[rows]
        device = self.mean.device
        shape = (2, len(people), self.mean.shape[1])
        noise = torch.randn(shape, generator=generator, device=device)
        times = torch.randn(len(people), generator=generator, device=device).sigmoid()
        labels = hide_labels(
            self.labels[people],
            self.slices,
            fraction=self.settings.label_dropout,
            generator=generator,
        )
        return people, labels, times, *noise

    def loss(self, model: Denoiser, batch: Batch) -> Tensor:
        """Mean squared velocity error of these people."""
        return self._error(model, *batch)

    @torch.no_grad()
    def validation_loss(self, model: Denoiser) -> float:
        """The same for the validation people, at evenly spread times and fixed noise."""
        labels = self.labels[self.judges]
        error = self._error(model, self.judges, labels, self.judging_times, *self.judging_noise)
        return float(error)

    def _error(
        self,
        model: Denoiser,
        people: Tensor,
        labels: Tensor,
        times: Tensor,
        posterior_noise: Tensor,
        end: Tensor,
    ) -> Tensor:
        start = self.mean[people] + self.sd[people] * posterior_noise
        between = start.lerp(end, times[:, None])
        with torch.autocast(start.device.type, dtype=torch.bfloat16):
            velocity = model(between, times, labels)
        error: Tensor = velocity.float() - (end - start)
        return (error**2).mean()
