"""Train the genotype VAE: a convex start, the latents by gradients, a convex end."""

import logging
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from genosynth.data.genotypes import Genotypes
from genosynth.data.labels import Label, encode_labels, label_slices
from genosynth.fingerprint import fingerprint
from genosynth.models.haplotypes import MISSING
from genosynth.models.vae import GenotypeVae, VaeShape
from genosynth.seeds import derive_seed
from genosynth.settings.vae import VaeSettings
from genosynth.training.background import adjust_label
from genosynth.training.effects import match_effects
from genosynth.training.haplotypes import (
    Told,
    fit_haplotype_model,
    mean_nats,
    people_to_fit,
    phase,
    phase_told,
    unlike_by_chance,
)
from genosynth.training.heterozygotes import match_heterozygotes
from genosynth.training.hidden_units import teach_units
from genosynth.training.loop import Batch, Plan, StepStats, Trainer, fit, log_curve
from genosynth.training.people import digest, divide, hide_labels
from genosynth.training.regression import centre_effects, label_slope, refit, ridge_of_effects

logger = logging.getLogger(__name__)

PSEUDOCOUNT = 0.5  # of each allele: one absent from train stays possible
FITTED_RATE = 0.1  # relative learning rate of what starts where it nearly ends
TINY = 1e-6
N_NEWTON = 3  # steps of the last fit
MOST_HIDDEN = 0.2  # of the panel, on a chromosome that its own latents do not know
MOST_HELD = 2**31  # genotypes on the device: 3 bytes each, with their phases
EVIDENT = 4.0  # z-score of heterozygotes from which alleles are coupled; chance: 1 in 16,000


@dataclass(frozen=True)
class TrainedVae:
    """A VAE and the curves of its training: by gradients, then of its hidden units."""

    model: GenotypeVae
    curve: list[StepStats]
    units_curve: list[StepStats]


@dataclass(frozen=True)
class People:
    """The training people on the device.

    counts: int8 (n, n_variants); labels: (n, n_features), those of the trait in columns `trait`;
    fitting, validation: rows.
    """

    counts: Tensor
    labels: Tensor
    slices: list[slice]
    trait: slice | None
    fitting: Tensor
    validation: Tensor


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

    First the linear haplotype model by Newton's method, without latents; then encoder and latents
    by stochastic gradients; at last, given the latents, the linear part again and hidden units.

    Raises:
        TrainingDiverged: the loss is no longer a number.
    """
    people = load_people(train, labels, settings=settings, seed=seed, device=device)
    model = start(train, people, settings=settings, seed=seed)
    generator = torch.Generator(device).manual_seed(derive_seed(seed, "phases"))
    told = without_latents(people.labels, n_latent=settings.n_latent)
    haplotypes = phase(model.head, people.counts, told, generator=generator)
    objective = VaeObjective(people, haplotypes, settings=settings, seed=seed)
    identity = digest(
        fingerprint(__file__),
        haplotypes.cpu().numpy(),
        people.labels.cpu().numpy(),
        settings,
        seed,
    )
    plan = plan_training(len(people.fitting), settings=settings, seed=seed, identity=identity)
    trainer = Trainer(model, parameter_groups(model, settings.weight_decay), plan)
    curve = log_curve(fit(trainer, objective, resume=resume), plan, what="VAE")
    units_curve = finish(
        model,
        people,
        settings=settings,
        seed=seed,
        generator=generator,
        resume=resume.with_suffix(".units.pt"),
    )
    return TrainedVae(model, curve, units_curve)


def load_people(
    train: Genotypes,
    labels: list[Label],
    *,
    settings: VaeSettings,
    seed: int,
    device: torch.device,
) -> People:
    """Move the matrix to the device as bytes and put the validation people aside.

    Of people times variants beyond what a device can hold, random people.
    """
    most = MOST_HELD // train.counts.shape[1]
    if len(train.samples) > most:
        rng = np.random.default_rng(derive_seed(seed, "people"))
        train = train.take(np.sort(rng.permutation(len(train.samples))[:most]))
        logger.info("%d people, at random, are what the device is to hold", most)
    families = torch.tensor(train.samples["family"].to_numpy())
    division = divide(families, validation_fraction=settings.validation_fraction, seed=seed)
    slices = label_slices(labels)
    is_trait = [label.role == "trait" for label in labels]
    return People(
        counts=torch.from_numpy(np.array(train.counts)).to(device),
        labels=torch.from_numpy(encode_labels(train.samples, labels)).to(device),
        slices=slices,
        trait=slices[is_trait.index(True)] if any(is_trait) else None,
        fitting=division.fitting.to(device),
        validation=division.validation.to(device),
    )


def start(train: Genotypes, people: People, *, settings: VaeSettings, seed: int) -> GenotypeVae:
    """A VAE whose linear part is fitted, and whose latents say nothing yet."""
    shape = VaeShape(
        chromosome_sizes=chromosome_sizes(train),
        n_features=people.labels.shape[1],
        n_latent=settings.n_latent,
        width=settings.width,
        n_neighbours=settings.n_neighbours,
        n_units=settings.n_units,
        heard=conditions(people),
    )
    with torch.random.fork_rng(devices=[]):
        torch.random.manual_seed(derive_seed(seed, "weights"))
        model = GenotypeVae(shape, allele_frequencies(train.counts)).to(people.counts.device)
    labels = people.labels[people.fitting]
    fit_haplotype_model(
        model.head,
        people.counts[people.fitting],
        without_latents(labels, n_latent=settings.n_latent),
        ridge=settings.ridge,
        seed=seed,
    )
    centre_effects(model.head, labels, slices=people.slices)
    return model


def conditions(people: People) -> tuple[int, ...]:
    """Features of the labels that are not the trait's."""
    trait = people.trait or slice(0, 0)
    is_trait = range(people.labels.shape[1])[trait]
    return tuple(i for i in range(people.labels.shape[1]) if i not in is_trait)


def without_latents(labels: Tensor, *, n_latent: int) -> Tensor:
    """What the head is told before there are latents: (n, n_features + n_latent)."""
    return torch.cat((labels, labels.new_zeros(len(labels), n_latent)), dim=1)


def finish(
    model: GenotypeVae,
    people: People,
    *,
    settings: VaeSettings,
    seed: int,
    generator: torch.Generator,
    resume: Path,
) -> list[StepStats]:
    """Given latents of people's posteriors, fit the linear part, hidden units, the linear part.

    Gradients leave frequencies a little off, and linkage that the latents explain in the band. The
    linear part is fitted to all, judging people included, at last with the trait adjusted.
    """
    told = describe(model, people, generator=generator)
    told = judge_context(model, told, seed=seed)
    fit_linear = partial(
        refit, model.head, ridge=settings.ridge, n_steps=N_NEWTON, context=told.context
    )
    haplotypes = phase_told(model.head, told, generator=generator)
    excess = unlike_by_chance(model.head, told, haplotypes, batch_size=settings.batch_size)
    coupled = excess.abs() > EVIDENT
    logger.info("%d variants have too few or too many heterozygotes", int(coupled.sum()))
    fit_linear(haplotypes, beside_latents([told.labels] * len(told.latents), told), coupled=coupled)
    centre_effects(model.head, told.labels, slices=people.slices)
    latents = range(told.labels.shape[1], told.labels_and_latents.shape[1])
    effect_ridge = ridge_of_effects(
        model.head, told.labels_and_latents, columns=[*conditions(people), *latents]
    )
    units_curve = teach_units(model.head, told, settings=settings, seed=seed, resume=resume)
    haplotypes = phase_told(model.head, told, generator=generator)
    freed = freed_of_background(model, told, people)
    fit_linear(haplotypes, beside_latents(freed, told), coupled=coupled, effect_ridge=effect_ridge)
    centre_effects(model.head, told.labels, slices=people.slices)
    if people.trait is not None:
        match_effects(
            model.head,
            told,
            people.trait,
            freed=freed,
            observed=settings.effects == "observed",
            generator=generator,
        )
    match_heterozygotes(model.head, told, generator=generator)
    return units_curve


@torch.no_grad()
def describe(model: GenotypeVae, people: People, *, generator: torch.Generator) -> Told:
    """Draw latents of the people's posteriors, and let them say nothing that labels say.

    Latents know the genotypes that they were drawn from: alleles regressed on them would find
    themselves, and the two alleles of a person would seem alike. So for each chromosome latents are
    drawn that know the others only (a chromosome of much of the panel is left in: they would know
    too little).
    """
    rows = people_to_fit(people.counts, generator=generator)
    counts, labels = people.counts[rows], people.labels[rows]
    shift_latents(model, label_slope(model.encode(counts, labels)[0], labels, slices=people.slices))
    whole, log_variance = model.encode(counts, labels)
    noise = torch.randn(whole.shape, generator=generator, device=whole.device)
    of_all = whole + (0.5 * log_variance).exp() * noise
    elsewhere, contexts = [], []
    ends = np.cumsum(model.shape.chromosome_sizes).tolist()
    for own in map(slice, [0, *ends], ends):
        latents = of_all
        if own.stop - own.start <= MOST_HIDDEN * counts.shape[1]:
            hidden = counts.clone()
            hidden[:, own] = MISSING
            mean, log_variance = model.encode(hidden, labels)
            mean = mean - labels @ label_slope(mean, labels, slices=people.slices)
            wider = whole.std(dim=0) / mean.std(dim=0).clamp(min=TINY)  # fewer genotypes tell less
            mean = whole.mean(dim=0) + wider * (mean - mean.mean(dim=0))
            latents = mean + (0.5 * log_variance).exp() * noise
        elsewhere.append(latents)
        contexts.append(model.context(latents, labels, variants=own))
    return Told(
        counts=counts,
        labels=labels,
        latents=elsewhere,
        labels_and_latents=torch.cat((labels, of_all), dim=1),
        context=torch.cat(contexts),
        is_judge=torch.isin(rows, people.validation),
    )


@torch.no_grad()
def judge_context(model: GenotypeVae, told: Told, *, seed: int) -> Told:
    """Silence what is not linear in the latents unless judging people are likelier with it.

    Latents that have nothing to say say noise, and make a person's two alleles alike.
    """
    judges, context = told.is_judge, told.context
    average = context[:, ~judges].mean(dim=1, keepdim=True).expand_as(context)
    without, with_it = (
        mean_nats(
            model.head,
            model.head.given(told.labels_and_latents[judges], each[:, judges]),
            told.counts[judges],
            seed=derive_seed(seed, "context"),
        )
        for each in (average, context)
    )
    logger.info("nats a person: %.2f without, %.2f with context", without, with_it)
    if with_it < without:
        return told
    model.hidden_effects.weight.zero_()
    return replace(told, context=torch.zeros_like(context))


@torch.no_grad()
def shift_latents(model: GenotypeVae, slope: Tensor) -> None:
    """Take what labels say, labels @ slope, out of the latents; people's alleles stay as likely."""
    n_features = model.shape.n_features
    model.latent_slope.add_(slope)
    model.head.effects[:, :n_features] += model.head.effects[:, n_features:] @ slope.T


def beside_latents(labels: list[Tensor], told: Told) -> list[Tensor]:
    """Labels (n, n_features) and latents of each chromosome, side by side: (n, n_told)."""
    return [torch.cat(each, dim=1) for each in zip(labels, told.latents, strict=True)]


def freed_of_background(model: GenotypeVae, told: Told, people: People) -> list[Tensor]:
    """Labels (n, n_features) for each chromosome, the trait adjusted for the other ones."""
    if people.trait is None:
        return [told.labels] * len(told.latents)
    before, _, after = told.labels_and_latents.tensor_split(
        [people.trait.start, people.trait.stop], dim=1
    )
    return adjust_label(
        told.labels,
        people.trait,
        dosages=model.head.dosages(told.counts),
        others=torch.cat((before, after), dim=1),
        chromosome_sizes=model.shape.chromosome_sizes,
    )


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
        self, people: People, haplotypes: Tensor, *, settings: VaeSettings, seed: int
    ) -> None:
        """Take phased people: haplotypes int8 (n, 2, n_variants)."""
        self.people = people
        self.haplotypes = haplotypes
        self.settings = settings
        self.noise_seed = derive_seed(seed, "validation noise")

    def draw(self, model: GenotypeVae, rows: Tensor, generator: torch.Generator) -> Batch:
        """These fitting people, their labels, some hidden, and the noise of their latents."""
        chosen = self.people.fitting[rows]
        labels = hide_labels(
            self.people.labels[chosen],
            self.people.slices,
            fraction=self.settings.label_dropout,
            generator=generator,
        )
        return chosen, labels, self._noise(model, len(rows), generator)

    def loss(self, model: GenotypeVae, batch: Batch) -> Tensor:
        """Mean nats of these people."""
        chosen, labels, noise = batch
        return self._nats(model, self.haplotypes[chosen], labels, noise).mean()

    @torch.no_grad()
    def validation_loss(self, model: GenotypeVae) -> float:
        """Mean nats of the validation people: all labels seen, noise fixed."""
        generator = torch.Generator(self.haplotypes.device).manual_seed(self.noise_seed)
        total = 0.0
        for chosen in torch.split(self.people.validation, self.settings.batch_size):
            haplotypes, labels = self.haplotypes[chosen], self.people.labels[chosen]
            noise = self._noise(model, len(chosen), generator)
            total += float(self._nats(model, haplotypes, labels, noise).sum())
        return total / len(self.people.validation)

    def _noise(self, model: GenotypeVae, n: int, generator: torch.Generator) -> Tensor:
        shape = (n, model.shape.n_latent)
        return torch.randn(shape, generator=generator, device=generator.device)

    def _nats(
        self, model: GenotypeVae, haplotypes: Tensor, labels: Tensor, noise: Tensor
    ) -> Tensor:
        loss = model.loss(haplotypes, labels, noise=noise)
        return loss.reconstruction + self.settings.kl_weight * loss.kl


def chromosome_sizes(genotypes: Genotypes) -> tuple[int, ...]:
    """Number of panel variants on each chromosome, in genomic order."""
    return tuple(genotypes.variants.groupby("chromosome", sort=False).size().tolist())


def allele_frequencies(counts: NDArray[np.int8]) -> Tensor:
    """ALT allele frequencies among called genotypes: (n_variants,), neither 0 nor 1."""
    called = counts >= 0
    n_alt = np.where(called, counts, 0).sum(axis=0) + PSEUDOCOUNT
    return torch.from_numpy(n_alt / (2 * called.sum(axis=0) + 2 * PSEUDOCOUNT)).float()


def parameter_groups(model: GenotypeVae, weight_decay: float) -> list[dict[str, Any]]:
    """Decay the weights of the networks; move what Newton's method has fitted slowly."""
    decayed: list[nn.Parameter] = []
    free = [model.head.effects]
    fitted = [model.head.intercepts, model.head.band]
    for network in (model.encoder, model.decoder, model.hidden_effects):
        for parameter in network.parameters():
            (free if parameter.ndim == 1 else decayed).append(parameter)
    return [
        {"params": decayed, "weight_decay": weight_decay},
        {"params": free, "weight_decay": 0.0},
        {"params": fitted, "weight_decay": 0.0, "relative_rate": FITTED_RATE},
    ]
