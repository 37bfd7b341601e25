"""How time and memory of the default generator grow with people and with variants.

    python -m benchmarks.growth [--people 1000] [--variants 512] [--doublings 3]

Simulated people of two ancestries with a disease (`benchmarks.simulated_biobank`): so many variants
and ever more people, then so many people and ever more variants. Training and drawing as in
`benchmarks.training`, each stage in a process of its own, on the CPU with default settings.
"""

import argparse
import tempfile
from pathlib import Path

import pandas as pd

from benchmarks.machine import describe_machine, print_table
from benchmarks.simulated_biobank import CAUSAL_SHARE, PREVALENCE, write_biobank
from benchmarks.training import STAGES, Cost, Files, measure_apart
from genosynth.data.genotypes import load_genotypes
from genosynth.settings.simulation import SimulationSettings

FOUNDERS = 500  # people of each population
SEED = 1


def sizes(people: int, variants: int, *, doublings: int) -> list[tuple[int, int]]:
    """People and variants: from the smallest on, one or the other doubled.

    >>> sizes(1000, 512, doublings=2)
    [(1000, 512), (2000, 512), (4000, 512), (1000, 1024), (1000, 2048)]
    """
    factors = [2**power for power in range(doublings + 1)]
    more_people = [(factor * people, variants) for factor in factors]
    return more_people + [(people, factor * variants) for factor in factors[1:]]


def measure_size(people: int, variants: int) -> dict[str, object]:
    """Simulate people, and measure all stages."""
    settings = SimulationSettings(
        n_samples=people,
        n_variants=variants,
        n_causal=round(CAUSAL_SHARE * variants),
        prevalence=PREVALENCE,
    )
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        write_biobank(folder, settings, seed=SEED, n_founders=FOUNDERS)
        files = Files(folder / "genotypes", folder)
        costs = [measure_apart(stage, files) for stage in STAGES]
        parts = load_genotypes(files.genotypes).samples["part"]
        return row(int((parts == "train").sum()), variants, costs)


def row(n_train: int, variants: int, costs: list[Cost]) -> dict[str, object]:
    """Seconds also in proportion to what was trained on, and drawn."""
    vae, encoding, flow, sampling = costs
    return {
        "training people": f"{n_train:,}",
        "variants": f"{variants:,}",
        "VAE, s": f"{vae.seconds:.0f}",
        "µs a genotype": f"{1e6 * vae.seconds / n_train / variants:.1f}",
        "peak MB": f"{vae.peak_mb:.0f}",
        "encoding, flow, s": f"{encoding.seconds + flow.seconds:.0f}",
        "drawing, s": f"{sampling.seconds:.1f}",
        "µs a genotype drawn": f"{1e6 * sampling.seconds / Files.n_drawn / variants:.2f}",
        "peak MB, drawing": f"{sampling.peak_mb:.0f}",
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=1000)
    parser.add_argument("--variants", type=int, default=512)
    parser.add_argument("--doublings", type=int, default=3)
    arguments = parser.parse_args()
    machine = describe_machine("torch", "numpy")
    measured = [
        measure_size(*size)
        for size in sizes(arguments.people, arguments.variants, doublings=arguments.doublings)
    ]
    print_table(pd.DataFrame(measured), machine=machine)


if __name__ == "__main__":
    main()
