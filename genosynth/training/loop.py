"""The one training loop: batches, averaging, validation, early stop, resumption."""

import logging
import math
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Protocol

import pandas as pd
import torch
from torch import Tensor, nn

from genosynth.errors import TrainingDiverged
from genosynth.files import whole, write_table
from genosynth.processes import add_up, copy_first, first_says, own_rows, rank
from genosynth.progress import progress
from genosynth.seeds import derive_seed
from genosynth.training.averaging import AveragedWeights

logger = logging.getLogger(__name__)

WARM_UP = 0.05  # share of the steps over which the learning rate rises
MAX_GRADIENT = 20.0  # norm at which gradients are clipped; losses are sums over variants


@dataclass(frozen=True)
class Plan:
    """How long and how fast to train, and what the resume state belongs to."""

    n_rows: int
    batch_size: int  # at most
    n_steps: int
    validate_every: int
    patience: int
    learning_rate: float
    ema_decay: float
    seed: int
    identity: str  # digest of code, data, settings: a resume state of another run is not taken


@dataclass(frozen=True)
class StepStats:
    """One validation: a row of the training curve."""

    step: int
    train_loss: float
    validation_loss: float
    seconds: float


Batch = tuple[Tensor, ...]  # a row of each for each person


class Objective(Protocol):
    """What is minimised."""

    def draw(self, model: Any, rows: Tensor, generator: torch.Generator) -> Batch:
        """What a step needs of these training rows; all randomness comes from `generator`."""

    def loss(self, model: Any, batch: Batch) -> Tensor:
        """Mean loss of these people: all that were drawn, or a process's share of them."""

    def validation_loss(self, model: Any) -> float:
        """Loss of the validation people under fixed noise."""


@dataclass
class Trainer:
    """A model in training, with everything a killed run needs to go on as if nothing happened."""

    model: nn.Module
    parameters: list[dict[str, Any]]
    plan: Plan
    step: int = 0
    stale: int = 0  # validations since the best one
    best_loss: float = math.inf
    curve: list[StepStats] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Start the optimiser and the average."""
        copy_first(list(self.model.state_dict().values()))
        self.optimiser = torch.optim.AdamW(self.parameters, betas=(0.9, 0.99), fused=True)
        self.average = AveragedWeights(self.model, decay=self.plan.ema_decay)
        self.best = _copy(self.model)
        self.device = next(self.model.parameters()).device

    @property
    def is_done(self) -> bool:
        """Whether all steps are made, or the validation loss has stopped falling."""
        return self.step >= self.plan.n_steps or self.stale >= self.plan.patience

    def advance(self, objective: Objective) -> float:
        """Make the steps up to the next validation; return their mean training loss."""
        plan = self.plan
        n_steps = min(plan.validate_every, plan.n_steps - self.step)
        total = torch.zeros((), device=self.device)
        for _ in range(n_steps):
            total += self._make_step(objective)
        mean = float(total) / n_steps
        if not math.isfinite(mean):
            raise TrainingDiverged(
                f"the training loss became {mean} before step {self.step}. "
                f"Lower the learning rate (now {plan.learning_rate:g}) and start again"
            )
        return mean

    def _make_step(self, objective: Objective) -> Tensor:
        for group in self.optimiser.param_groups:
            relative = group.get("relative_rate", 1.0)
            group["lr"] = relative * self.plan.learning_rate * rate(self.step / self.plan.n_steps)
        generator = torch.Generator(self.device)
        generator.manual_seed(derive_seed(self.plan.seed, "noise", self.step))
        loss = self._find_gradients(objective, generator)
        nn.utils.clip_grad_norm_(self.model.parameters(), MAX_GRADIENT)
        self.optimiser.step()
        self.average.update(self.model, step=self.step)
        self.step += 1
        return loss

    def _find_gradients(self, objective: Objective, generator: torch.Generator) -> Tensor:
        """Leave the batch's gradients with the parameters, and return its mean loss.

        Noise is drawn for the whole batch, of which each process takes its rows: so a person has
        the same noise whatever the number of processes.
        """
        rows = self._rows()
        batch = objective.draw(self.model, rows, generator)
        own = own_rows(len(rows))
        share = (own.stop - own.start) / len(rows)
        part: Tensor = share * objective.loss(self.model, tuple(each[own] for each in batch))
        self.optimiser.zero_grad(set_to_none=True)
        part.backward()  # type: ignore[no-untyped-call]
        total = part.detach()
        gradients = (parameter.grad for parameter in self.model.parameters())
        add_up([total, *(each for each in gradients if each is not None)])
        return total

    def _rows(self) -> Tensor:
        """Rows of the batch of this step: each epoch is a permutation of its own seed.

        Batches of an epoch are equal but for one row: a step on a few that are left over would
        undo what many have taught.
        """
        plan = self.plan
        n_batches = math.ceil(plan.n_rows / plan.batch_size)
        epoch, batch = divmod(self.step, n_batches)
        generator = torch.Generator().manual_seed(derive_seed(plan.seed, "epoch", epoch))
        order = torch.randperm(plan.n_rows, generator=generator)
        return order.tensor_split(n_batches)[batch].to(self.device)

    def validate(self, objective: Objective, *, train_loss: float, seconds: float) -> StepStats:
        """Score the averaged weights and remember them if they are the best so far."""
        loss = first_says(objective.validation_loss(self.average.model))
        self.stale += 1
        if loss < self.best_loss:
            self.best_loss, self.stale, self.best = loss, 0, _copy(self.average.model)
        stats = StepStats(self.step, train_loss, loss, seconds)
        self.curve.append(stats)
        return stats

    def save(self, path: Path) -> None:
        """Write the state from which `restore` continues; one process does it for all."""
        if rank() > 0:
            return
        state = {
            "identity": self.plan.identity,
            "counters": [self.step, self.stale],
            "best_loss": self.best_loss,
            "curve": [asdict(stats) for stats in self.curve],
            "model": self.model.state_dict(),
            "average": self.average.model.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "best": self.best,
        }
        with whole(path) as temporary:
            torch.save(state, temporary)

    def restore(self, path: Path) -> bool:
        """Take up a saved state, if there is one of this very run."""
        if not path.exists():
            return False
        state = torch.load(path, map_location=self.device, weights_only=True)
        if not first_says(state["identity"] == self.plan.identity):
            logger.info("%s belongs to other code, data or settings: starting afresh", path)
            return False
        self.step, self.stale = state["counters"]
        self.best_loss, self.best = state["best_loss"], state["best"]
        self.curve = [StepStats(**stats) for stats in state["curve"]]
        self.model.load_state_dict(state["model"])
        self.average.model.load_state_dict(state["average"])
        self.optimiser.load_state_dict(state["optimiser"])
        logger.info("continuing at step %d of %d", self.step, self.plan.n_steps)
        return True


def fit(trainer: Trainer, objective: Objective, *, resume: Path) -> Iterator[StepStats]:
    """Train, yield a row of the curve at each validation, and leave the best averaged weights.

    The state goes to `resume` at each validation. A killed run that is started again ends, on
    CPU, with the same weights bit for bit: batches and noise depend on (seed, step) alone.

    Raises:
        TrainingDiverged: the loss is no longer a number.
    """
    trainer.restore(resume)
    yield from trainer.curve
    before = trainer.curve[-1].seconds if trainer.curve else 0.0
    started = time.monotonic() - before
    while not trainer.is_done:
        train_loss = trainer.advance(objective)
        seconds = time.monotonic() - started
        yield trainer.validate(objective, train_loss=train_loss, seconds=seconds)
        trainer.save(resume)
    trainer.model.load_state_dict(trainer.best)


def forget(resume: Path) -> None:
    """Remove the states of a training that is over, or a later one would take them for its own.

    Its own state, and those whose names go on where its name ends: `vae.pt`, `vae.units.pt`.
    """
    for state in resume.parent.glob(f"{resume.stem}.*"):
        state.unlink()


def rate(done: float) -> float:
    """Learning rate relative to its peak: a linear warm-up, then half a cosine to zero."""
    if done < WARM_UP:
        return (done + 0.01) / (WARM_UP + 0.01)
    return 0.5 * (1 + math.cos(math.pi * (done - WARM_UP) / (1 - WARM_UP)))


def log_curve(rows: Iterator[StepStats], plan: Plan, *, what: str) -> list[StepStats]:
    """Run a training to its end with a log line for each validation."""
    curve = []
    n_validations = math.ceil(plan.n_steps / plan.validate_every)
    for stats in progress(rows, what=what, total=n_validations):
        curve.append(stats)
        logger.info(
            "%s: step %d of %d, training loss %.3f, validation loss %.3f, %.0f s",
            *(what, stats.step, plan.n_steps),
            *(stats.train_loss, stats.validation_loss, stats.seconds),
        )
    return curve


def _copy(model: nn.Module) -> dict[str, Tensor]:
    return {name: value.clone() for name, value in model.state_dict().items()}


def save_curve(curve: list[StepStats], path: str | Path) -> None:
    """Write a training curve as a table."""
    columns = [column.name for column in fields(StepStats)]
    write_table(pd.DataFrame([asdict(stats) for stats in curve], columns=columns), path)
