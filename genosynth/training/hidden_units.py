"""Teach the hidden units of the haplotype model, with phases drawn anew in each round.

Phases drawn once from a linear model hide what is not linear; drawn again from what the units have
learnt, they let them learn more. What counts is the likelihood of the judging people's genotypes,
whatever their phase. Units that do not raise it stay silent.
"""

import logging
import math
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor

from genosynth.fingerprint import fingerprint
from genosynth.models.haplotypes import Given, HaplotypeAutoregression
from genosynth.seeds import derive_seed
from genosynth.settings.vae import VaeSettings
from genosynth.training import unit_gradients
from genosynth.training.haplotypes import Told, mean_nats, phase_told
from genosynth.training.loop import Batch, Plan, StepStats, Trainer, fit, log_curve
from genosynth.training.people import digest

logger = logging.getLogger(__name__)

LEARNING_RATE = 0.05  # of those tried in docs/generator.md
LARGEST_BATCH = 1024  # more people a step use a CPU better, and learn more a pass
STEPS_A_PASS = 8  # no fewer: few people take smaller steps
WEIGHT_DECAY = 0.1
PASSES_A_ROUND = 3  # over the fitting people, before phases are drawn anew
N_FITTING_PARTICLES = 2  # of a fitting person: phases are drawn many times
ROUNDS_A_JUDGEMENT = 3
PATIENCE = 2  # judgements without a better likelihood


def teach_units(
    head: HaplotypeAutoregression, people: Told, *, settings: VaeSettings, seed: int, resume: Path
) -> list[StepStats]:
    """Fit the hidden units by gradients, all else fixed, and leave the head without gradients.

    Return the curve of validations.

    Raises:
        TrainingDiverged: the loss is no longer a number.
    """
    if settings.n_units == 0:
        return []
    objective = UnitsObjective(people, settings=settings, seed=seed)
    plan = plan_rounds(objective, head, settings=settings, seed=seed)
    silent = objective.validation_loss(head)
    head.requires_grad_(False)
    head.units.requires_grad_(True)
    units = head.units
    groups = [
        {"params": [units.readings, units.hearings, units.soundings], "weight_decay": WEIGHT_DECAY},
        {"params": [units.thresholds], "weight_decay": 0.0},
    ]
    trainer = Trainer(head, groups, plan)
    curve = log_curve(fit(trainer, objective, resume=resume), plan, what="hidden units")
    head.units.requires_grad_(False)
    logger.info("nats a person: %.2f without, %.2f with hidden units", silent, trainer.best_loss)
    if trainer.best_loss >= silent:
        head.units.soundings.zero_()
    # Nats of phased people, which the gradients see, are not those of genotypes.
    return [replace(stats, train_loss=math.nan) for stats in curve]


def plan_rounds(
    objective: "UnitsObjective", head: HaplotypeAutoregression, *, settings: VaeSettings, seed: int
) -> Plan:
    """A round is a few passes over the people; phases are drawn before each."""
    n_rows = len(objective.fitting)
    steps_a_round = steps_of_round(n_rows, batch_size=objective.batch_size)
    return Plan(
        n_rows=n_rows,
        batch_size=objective.batch_size,
        n_steps=settings.unit_rounds * steps_a_round,
        validate_every=ROUNDS_A_JUDGEMENT * steps_a_round,
        patience=PATIENCE,
        learning_rate=LEARNING_RATE,
        ema_decay=settings.ema_decay,
        seed=derive_seed(seed, "hidden units"),
        identity=digest(
            fingerprint(__file__),
            objective.people.labels_and_latents.cpu().numpy(),
            *(weights.cpu().numpy() for weights in head.state_dict().values()),
            settings,
            seed,
        ),
    )


def batch_of(n_rows: int, *, smallest: int) -> int:
    """People in a step at most, of so many in a pass.

    >>> [batch_of(n, smallest=256) for n in (300, 4001, 100_000)]
    [256, 501, 1024]
    """
    return max(smallest, min(-(-n_rows // STEPS_A_PASS), LARGEST_BATCH))


def steps_of_round(n_rows: int, *, batch_size: int) -> int:
    """Steps between two draws of the phases."""
    return PASSES_A_ROUND * -(-n_rows // batch_size)


class UnitsObjective:
    """Nats of phased people, whose phases are drawn anew in each round."""

    def __init__(self, people: Told, *, settings: VaeSettings, seed: int) -> None:
        """Take the people; who is not judging is fitted to."""
        self.people = people
        self.label_dropout = settings.label_dropout
        self.judging_seed = derive_seed(seed, "judging particles")
        self.fitting = (~people.is_judge).nonzero()[:, 0]
        self.judges = people.is_judge.nonzero()[:, 0]
        self.batch_size = batch_of(len(self.fitting), smallest=settings.batch_size)
        self.haplotypes: Tensor | None = None
        self.n_steps = 0  # made with these

    def draw(
        self, model: HaplotypeAutoregression, rows: Tensor, generator: torch.Generator
    ) -> Batch:
        """These rows, phased anew if a round begins, and whether their conditions are heard."""
        n_steps = steps_of_round(len(self.fitting), batch_size=self.batch_size)
        if self.haplotypes is None or self.n_steps == n_steps:
            self.haplotypes, self.n_steps = self._phase(model, generator), 0
        self.n_steps += 1
        # Unknown conditions occur, and are then to mean the average.
        heard = torch.rand(len(rows), generator=generator, device=rows.device) >= self.label_dropout
        return rows, heard

    def loss(self, model: HaplotypeAutoregression, batch: Batch) -> Tensor:
        """Mean nats of these people."""
        assert self.haplotypes is not None  # `draw` comes first
        rows, heard = batch
        given = self._given(model, self.fitting[rows])
        given = replace(given, conditions=given.conditions * heard)
        return unit_gradients.mean_nats(model, given, self.haplotypes[rows].permute(2, 1, 0))

    @torch.no_grad()
    def validation_loss(self, model: HaplotypeAutoregression) -> float:
        """Mean nats of the judging people's genotypes; phases are stale from here on."""
        self.haplotypes = None
        given, counts = self._given(model, self.judges), self.people.counts[self.judges]
        return mean_nats(model, given, counts, seed=self.judging_seed)

    def _phase(self, model: HaplotypeAutoregression, generator: torch.Generator) -> Tensor:
        return phase_told(
            model,
            self.people,
            rows=self.fitting,
            generator=generator,
            n_particles=N_FITTING_PARTICLES,
        )

    def _given(self, model: HaplotypeAutoregression, rows: Tensor) -> Given:
        return model.given(self.people.labels_and_latents[rows], self.people.context[:, rows])
