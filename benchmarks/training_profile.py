"""How fast the steps of a training are, beside what the device can do, and where the rest goes.

    python -m benchmarks.training_profile [--people 4096] [--variants 1024] [--device cuda]

The VAE, the hidden units and the latent flow at default settings, each by its own training loop:
forwards, backwards, clipping, optimiser and average; and the drawing of phases between rounds of
the hidden units. Genotypes are simulated without LD, which no step notices. Floating-point
operations are those of matrix products, counted as they are called: idle corners of the blocks of
neighbours are part (`genosynth/models/banded.py`). Utilisation is the time that these products
would take at the speed of a large one, as measured in the same run and in the same precision, over
the time that the step takes. Everything that is not a product counts as waste.
"""

import argparse
import copy
import math
import statistics
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn
from torch.profiler import ProfilerActivity, profile
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry

from benchmarks.machine import describe_machine, print_table
from genosynth.data.genotypes import Genotypes
from genosynth.devices import choose_device, n_cores, use_threads
from genosynth.models.denoiser import Denoiser, Latents
from genosynth.models.vae import GenotypeVae
from genosynth.settings.diffusion import DiffusionSettings
from genosynth.settings.vae import VaeSettings
from genosynth.training.denoiser import FlowObjective
from genosynth.training.haplotypes import Told, phase_told
from genosynth.training.hidden_units import N_FITTING_PARTICLES, UnitsObjective, plan_rounds
from genosynth.training.loop import Objective, Plan, Trainer
from genosynth.training.vae import (
    People,
    VaeObjective,
    load_people,
    parameter_groups,
    plan_training,
    without_latents,
)
from tests.sampling.untrained import LABELS, label_table, untrained

SEED = 1
N_CHROMOSOMES = 22
N_STEPS = 10  # measured at a time: the loop waits for a GPU only after so many
N_RUNS = 5  # of which the median counts
OPERATOR, N_OPERATORS = "aten::", 8  # how they are named; shown of each step
N_PHASED = 2048  # people
SIZE_ON_GPU, SIZE = 8192, 2048  # of the square matrices whose product is the ceiling
PRECISIONS = (torch.float32, torch.bfloat16)
VAE, FLOW = VaeSettings(), DiffusionSettings()


@dataclass(frozen=True)
class Work:
    """Something that is done again and again: how many people it takes in, in how many steps."""

    name: str
    people: float
    n_steps: int
    run: Callable[[], object]


def works(n_people: int, n_variants: int, device: torch.device) -> list[Work]:
    """Everything that is measured, on simulated people."""
    sizes = [len(each) for each in np.array_split(np.arange(n_variants), N_CHROMOSOMES)]
    vae, flow = (model.to(device) for model in untrained(sizes))
    train, haplotypes = simulate(n_people, sizes)
    people = load_people(train, LABELS, settings=VAE, seed=SEED, device=device)
    told = as_told(people, n_chromosomes=len(sizes))
    return [
        of_vae(copy.deepcopy(vae), people, haplotypes.to(device)),
        of_units(copy.deepcopy(vae), told, haplotypes.to(device)),
        of_phases(vae, told),
        of_flow(flow, people),
    ]


def simulate(n_people: int, chromosome_sizes: list[int]) -> tuple[Genotypes, Tensor]:
    """Unrelated people, and their haplotypes int8 (n, 2, n_variants)."""
    rng = np.random.default_rng(SEED)
    n_variants = sum(chromosome_sizes)
    frequencies = rng.uniform(0.1, 0.9, n_variants).astype(np.float32)
    alleles = rng.random((n_people, 2, n_variants), np.float32) < frequencies
    samples = label_table(n_people).assign(family=range(n_people))
    chromosomes = np.repeat(np.arange(len(chromosome_sizes)), chromosome_sizes)
    variants = pd.DataFrame({"id": np.arange(n_variants), "chromosome": chromosomes})
    counts = alleles.sum(axis=1, dtype=np.int8)
    return Genotypes(counts, samples, variants), torch.from_numpy(alleles.astype(np.int8))


def as_told(people: People, *, n_chromosomes: int) -> Told:
    """What the haplotype model is told, of latents that say nothing."""
    counts, n_latent = people.counts, VAE.n_latent
    is_judge = torch.zeros(len(counts), dtype=torch.bool, device=counts.device)
    is_judge[people.validation] = True
    latents = people.labels.new_zeros(len(counts), n_latent)
    return Told(
        counts=counts,
        labels=people.labels,
        latents=[latents] * n_chromosomes,
        labels_and_latents=without_latents(people.labels, n_latent=n_latent),
        context=people.labels.new_zeros(counts.shape[1], len(counts)),
        is_judge=is_judge,
    )


def of_vae(model: GenotypeVae, people: People, haplotypes: Tensor) -> Work:
    nn.init.zeros_(model.head.units.soundings)  # taught later
    plan = plan_training(len(people.fitting), settings=VAE, seed=SEED, identity="")
    groups = parameter_groups(model, VAE.weight_decay)
    objective = VaeObjective(people, haplotypes, settings=VAE, seed=SEED)
    return of_training("VAE", model, groups, plan, objective)


def of_units(model: GenotypeVae, told: Told, haplotypes: Tensor) -> Work:
    head = model.head.requires_grad_(False)
    head.units.requires_grad_(True)
    objective = UnitsObjective(told, settings=VAE, seed=SEED)
    objective.haplotypes = haplotypes[objective.fitting]
    objective.n_steps = -(10**9)  # no new phases meanwhile
    plan = plan_rounds(objective, head, settings=VAE, seed=SEED)
    groups = [{"params": list(head.units.parameters())}]
    return of_training("hidden units", head, groups, plan, objective)


def of_flow(model: Denoiser, people: People) -> Work:
    mean = torch.randn(len(people.labels), VAE.n_latent)
    families = torch.arange(len(mean))
    latents = Latents(mean, torch.ones_like(mean), people.labels.cpu(), families)
    device = people.labels.device
    objective = FlowObjective(latents, LABELS, settings=FLOW, seed=SEED, device=device)
    plan = Plan(
        n_rows=len(objective.fitting),
        batch_size=FLOW.batch_size,
        n_steps=FLOW.n_steps,
        validate_every=FLOW.validate_every,
        patience=FLOW.patience,
        learning_rate=FLOW.learning_rate,
        ema_decay=FLOW.ema_decay,
        seed=SEED,
        identity="",
    )
    groups = [{"params": list(model.parameters())}]
    return of_training("latent flow", model, groups, plan, objective)


def of_training(
    name: str,
    model: nn.Module,
    groups: list[dict[str, Any]],
    plan: Plan,
    objective: Objective,
) -> Work:
    """The steps of a training that does not end."""
    endless = replace(plan, n_steps=10**9, validate_every=N_STEPS)
    trainer = Trainer(model, groups, endless)
    n_people = plan.n_rows / math.ceil(plan.n_rows / plan.batch_size)  # batches are equal
    return Work(name, N_STEPS * n_people, N_STEPS, lambda: trainer.advance(objective))


def of_phases(model: GenotypeVae, told: Told) -> Work:
    rows = torch.arange(min(N_PHASED, len(told.counts)), device=told.counts.device)
    generator = torch.Generator(told.counts.device).manual_seed(SEED)

    def run() -> Tensor:
        how = {"generator": generator, "rows": rows, "n_particles": N_FITTING_PARTICLES}
        return phase_told(model.head, told, **how)

    return Work("phases, two particles", len(rows), 1, run)


class ProductCounter(TorchDispatchMode):
    """Counts the floating-point operations of matrix products, by the precision of the result."""

    def __init__(self) -> None:
        super().__init__()
        self.operations: Counter[torch.dtype] = Counter()

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Any = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        result = func(*args, **(kwargs or {}))
        formula = flop_registry.get(func.overloadpacket)
        if formula is not None:
            self.operations[result.dtype] += formula(*args, **(kwargs or {}), out_val=result)
        return result


def count_operations(work: Work) -> Counter[torch.dtype]:
    """Floating-point operations of a run, by precision."""
    with ProductCounter() as counter:
        work.run()
    return counter.operations


def seconds_of(run: Callable[[], object], device: torch.device) -> float:
    wait_for(device)
    start = time.perf_counter()
    run()
    wait_for(device)
    return time.perf_counter() - start


def wait_for(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize()


def median_seconds(run: Callable[[], object], device: torch.device) -> float:
    """Of several runs, after one that does not count."""
    run()
    return statistics.median(seconds_of(run, device) for _ in range(N_RUNS))


def ceiling(dtype: torch.dtype, device: torch.device) -> float:
    """Floating-point operations a second of the product of two large square matrices."""
    size = SIZE_ON_GPU if device.type == "cuda" else SIZE
    left, right = torch.randn(2, size, size, device=device).to(dtype)
    seconds_of(lambda: left @ right, device)
    return 2 * size**3 / min(seconds_of(lambda: left @ right, device) for _ in range(N_RUNS))


def profile_operators(work: Work, device: torch.device) -> pd.DataFrame:
    """Operators, their calls in a step, and their own time as a share of the run's.

    On a GPU it is the time of their kernels. The last rows are all other operators, and the rest.
    """
    on_gpu = device.type == "cuda"
    activities = [ProfilerActivity.CPU] + [ProfilerActivity.CUDA] * on_gpu
    with profile(activities=activities) as profiled:
        seconds = seconds_of(work.run, device)
    events = [event for event in profiled.key_averages() if event.key.startswith(OPERATOR)]
    own = "self_device_time_total" if on_gpu else "self_cpu_time_total"
    table = pd.DataFrame(
        {
            "operator": [event.key.removeprefix(OPERATOR) for event in events],
            "calls": [event.count / work.n_steps for event in events],
            "share": [getattr(event, own) / 1e6 / seconds for event in events],
        }
    ).sort_values("share", ascending=False)
    others, shown = table.iloc[N_OPERATORS:], table.iloc[:N_OPERATORS]
    rest = pd.DataFrame(
        {
            "operator": ["other operators", "no kernel runs" if on_gpu else "between operators"],
            "calls": [others["calls"].sum(), np.nan],
            "share": [others["share"].sum(), 1 - table["share"].sum()],
        }
    )
    return pd.concat([shown, rest], ignore_index=True)


def row(work: Work, ceilings: dict[torch.dtype, float], device: torch.device) -> dict[str, str]:
    seconds = median_seconds(work.run, device)
    operations = count_operations(work)
    total = sum(operations.values())
    at_best = sum(n / ceilings[dtype] for dtype, n in operations.items())
    return {
        "step": work.name,
        "people": f"{work.people / work.n_steps:,.0f}",
        "ms": f"{1e3 * seconds / work.n_steps:.1f}",
        "people a second": f"{work.people / seconds:,.0f}",
        "Gflop": f"{total / work.n_steps / 1e9:.2f}",
        "of these bfloat16": f"{operations[torch.bfloat16] / total:.2f}",
        "Gflop a second": f"{total / seconds / 1e9:,.0f}",
        "utilisation": f"{at_best / seconds:.3f}",
    }


def operator_rows(work: Work, device: torch.device) -> pd.DataFrame:
    found = profile_operators(work, device)
    return pd.DataFrame(
        {
            "step": work.name,
            "operator": found["operator"],
            "calls a step": found["calls"].map("{:,.0f}".format).replace("nan", "–"),
            "share of the time": found["share"].map("{:.2f}".format),
        }
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=4096)
    parser.add_argument("--variants", type=int, default=1024)
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    arguments = parser.parse_args()
    machine = describe_machine("torch")
    use_threads(n_cores())
    device = choose_device(arguments.device)
    if device.type == "cuda":
        machine = f"{torch.cuda.get_device_name()}; {machine}"
    ceilings = {dtype: ceiling(dtype, device) for dtype in PRECISIONS}
    measured = works(arguments.people, arguments.variants, device)
    rows = [row(work, ceilings, device) for work in measured]
    print(f"{arguments.people:,} people × {arguments.variants:,} SNPs, default settings\n")
    print_table(pd.DataFrame(rows), machine=machine)
    named = {str(dtype).removeprefix("torch."): speed for dtype, speed in ceilings.items()}
    speeds = ", ".join(f"{name} {speed / 1e9:,.0f}" for name, speed in named.items())
    print(f"\nCeilings, Gflop a second: {speeds}.\n")
    operators = pd.concat([operator_rows(work, device) for work in measured])
    print_table(operators, machine="Own time as torch.profiler sees it; it slows small operators")


if __name__ == "__main__":
    main()
