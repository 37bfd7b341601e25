"""What every rule of a finished run costs a genotype, and what that makes of a biobank.

    python -m benchmarks.rule_costs results/demo disease [--genome 800000] [--panel 2048]

Snakemake measures the jobs of each rule; here are seconds of the longest one, divided by the
genotypes that its work grows with, and multiplied by those of two larger cohorts split alike. Jobs
overlap and start anew, so a small run says too much rather than too little: jobs of a second or two
are mostly start. What has not been run at that size is an extrapolation.
"""

import argparse
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from benchmarks.machine import describe_machine, print_table
from genosynth.data.variants import count_meta_lines
from genosynth.files import read_table
from genosynth.reporting.timings import load_timings
from genosynth.training.haplotypes import MAX_PEOPLE

BIOBANKS = (500_000, 5_000_000)  # people
N_KINSHIP = 4096  # variants on which rule find_relatives compares all pairs
SHORTEST = 2.0  # seconds below which a job is mostly start


@dataclass(frozen=True)
class Sizes:
    """People, training people, variants after quality control and of the panel."""

    people: int
    train: int
    genome: int
    panel: int


@dataclass(frozen=True)
class Growth:
    """What the work of a rule grows with, in words and counted."""

    words: str
    count: Callable[[Sizes], float]


NOTHING = Growth("–", lambda sizes: 1)
PEOPLE = Growth("people", lambda sizes: sizes.people)
VARIANTS = Growth("genome", lambda sizes: sizes.genome)
PAIRS = Growth(f"pairs × {N_KINSHIP:,}", lambda sizes: sizes.people**2 / 2 * N_KINSHIP)
GENOME = Growth("people × genome", lambda sizes: sizes.people * sizes.genome)
TRAIN_GENOME = Growth("train × genome", lambda sizes: sizes.train * sizes.genome)
PANEL = Growth("people × panel", lambda sizes: sizes.people * sizes.panel)
TRAIN_PANEL = Growth("train × panel", lambda sizes: sizes.train * sizes.panel)
FITTED = Growth(
    f"train, {MAX_PEOPLE:,} at most, × panel",
    lambda sizes: min(sizes.train, MAX_PEOPLE) * sizes.panel,
)
FEW = Growth("panel", lambda sizes: sizes.panel)

RULES = {
    NOTHING: [
        "check_device",
        "check_plink2",
        "describe_release",
        "export_figures",
        "record_evaluation",
        "gather_scores",
        "gather_timings",
        "write_report",
    ],
    PEOPLE: [
        "compose_labels",
        "list_cases",
        "prepare_gwas",
        "prepare_phenotypes",
        "remove_relatives",
        "split_cohort",
    ],
    VARIANTS: [
        "harmonise_summary_statistics",
        "match_polygenic_scores",
        "select_panel",
        "summarise_qc",
        "tidy_gwas",
    ],
    PAIRS: ["find_relatives"],
    GENOME: [
        "filter_samples",
        "filter_variants",
        "import_genotypes",
        "merge_pruned",
        "project_pca",
        "prune_variants",
        "quality_control",
        "simulate_cohort",
        "thin_variants",
    ],
    TRAIN_GENOME: ["clump_gwas", "fit_pca", "prune_panel", "run_gwas", "train_frequencies"],
    PANEL: ["extract_genotypes"],
    TRAIN_PANEL: [
        "encode_latents",
        "evaluate_association",
        "evaluate_fidelity",
        "evaluate_privacy",
        "export_vcf",
        "fit_clusters",
        "fit_copula",
        "fit_independent",
        "import_release",
        "make_reference_row",
        "prepare_panel_gwas",
        "read_release",
        "run_panel_gwas",
        "sample_clusters",
        "sample_copula",
        "sample_independent",
        "sample_latent_diffusion",
        "write_release",
    ],
    FITTED: ["evaluate_utility", "train_vae"],
    FEW: [
        "evaluate_likelihood",
        "score_people_clusters",
        "score_people_independent",
        "score_people_latent_diffusion",
        "sweep_sampling",
        "train_denoiser",
    ],
}
GROWTH = {rule: growth for growth, rules in RULES.items() for rule in rules}


def read_sizes(results: Path, trait: str) -> Sizes:
    """Sizes of a finished run."""
    parts = read_table(results / "cohort/split.tsv")["part"]
    filesets = (results / "cohort/qc").glob("*.pvar")
    return Sizes(
        people=len(parts),
        train=int((parts == "train").sum()),
        genome=sum(map(_count_variants, filesets)),
        panel=len(read_table(results / trait / "panel.tsv")),
    )


def _count_variants(pvar: Path) -> int:
    with pvar.open() as lines:
        n_lines = sum(1 for _ in lines)
    return n_lines - count_meta_lines(pvar) - 1


def larger(sizes: Sizes, people: int, *, genome: int, panel: int) -> Sizes:
    """A cohort of more people, split alike."""
    return Sizes(people, round(people * sizes.train / sizes.people), genome, panel)


def rule_costs(timings: pd.DataFrame, sizes: Sizes, biobanks: list[Sizes]) -> pd.DataFrame:
    """Cost of the longest job of each rule; first those that take longest in the first biobank.

    rule, grows_with, seconds, microseconds of a unit of growth, peak_mb, and seconds_0, seconds_1,
    … in the biobanks.
    """
    growth = timings["rule"].map(GROWTH)
    work = [each.count(sizes) for each in growth]
    table = pd.DataFrame(
        {
            "rule": timings["rule"],
            "grows_with": [each.words for each in growth],
            "seconds": timings["longest_seconds"],
            "microseconds": 1e6 * timings["longest_seconds"] / work,
            "peak_mb": timings["peak_mb"],
        }
    )
    for number, biobank in enumerate(biobanks):
        factor = [each.count(biobank) for each in growth] / pd.Series(work)
        table[f"seconds_{number}"] = (table["seconds"] * factor.to_numpy()).to_numpy()
    return table.sort_values("seconds_0", ascending=False, ignore_index=True)


def format_time(seconds: float) -> str:
    """Write a time in the unit that suits it.

    >>> [format_time(seconds) for seconds in (0.04, 31, 6900, 9000, 400_000)]
    ['0.04 s', '31 s', '115 min', '2.5 h', '5 days']
    """
    for limit, unit, name in ((120, 1, "s"), (7200, 60, "min"), (172_800, 3600, "h")):
        if seconds < limit:
            return f"{format_size(seconds / unit)} {name}"
    return f"{seconds / 86_400:,.0f} days"


def format_size(value: float) -> str:
    """Write two figures, or all before the decimal point.

    >>> [format_size(value) for value in (0.0000213, 0.057, 1.44, 31.3, 22_050)]
    ['0.000021', '0.057', '1.4', '31', '22,050']
    """
    if value >= 10:
        return f"{value:,.0f}"
    decimals = 1 - math.floor(math.log10(value)) if value > 0 else 0
    return f"{value:.{decimals}f}".rstrip("0").rstrip(".")


def format_table(costs: pd.DataFrame) -> pd.DataFrame:
    most = costs["seconds"].lt(SHORTEST).map({True: "< ", False: ""})
    sizes = {f"{people:,} people": costs[f"seconds_{i}"] for i, people in enumerate(BIOBANKS)}
    return pd.DataFrame(
        {
            "rule": "`" + costs["rule"] + "`",
            "grows with": costs["grows_with"],
            "seconds": costs["seconds"].map(format_size),
            "µs each": costs["microseconds"]
            .map(format_size)
            .where(costs["grows_with"] != "–", "–"),
            "peak MB": costs["peak_mb"].map("{:.0f}".format),
        }
        | {title: most + seconds.map(format_time) for title, seconds in sizes.items()}
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("results", type=Path)
    parser.add_argument("trait")
    parser.add_argument("--genome", type=int, default=800_000, help="variants after QC")
    parser.add_argument("--panel", type=int, default=2048)
    arguments = parser.parse_args()
    sizes = read_sizes(arguments.results, arguments.trait)
    biobanks = [
        larger(sizes, people, genome=arguments.genome, panel=arguments.panel) for people in BIOBANKS
    ]
    timings = load_timings(arguments.results / "timings")
    of_cohorts = timings[timings["rule"] != "simulate_cohort"]  # real ones are not simulated
    costs = rule_costs(of_cohorts, sizes, biobanks)
    print(
        f"{sizes.people:,} people, {sizes.train:,} of them training people; {sizes.genome:,} "
        f"variants after quality control, {sizes.panel:,} in the panel. Larger cohorts: "
        f"{arguments.genome:,} variants, {arguments.panel:,} in the panel.\n"
    )
    print_table(format_table(costs), machine=f"Read on: {describe_machine('snakemake')}")


if __name__ == "__main__":
    main()
