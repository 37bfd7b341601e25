"""The public cohorts at default settings: scores and costs of every generator, as Markdown.

    python -m benchmarks.real_cohorts FOLDER [--cohorts hs_mice …] [--cores 2]

Runs the whole workflow in FOLDER/<cohort>, or goes on where it stopped. The cohorts are looked for
in GENOSYNTH_DATA (default: ../shared/data beside the checkout). Seconds are those of fitting and
sampling; processor seconds say what a busy machine would otherwise hide.
"""

import argparse
import subprocess
import sys
from pathlib import Path

import pandas as pd

from benchmarks.demo_costs import read_timings
from benchmarks.machine import describe_machine
from genosynth.files import read_table
from tests.real_cohorts import REAL_COHORTS, ROOT, RealCohort, prepare_folder

METRICS = ["af_pearson", "heterozygosity_slope", "ld_near_pearson", "c2st_auc", "effect_slope"]
METRICS += ["tstr_gap.logistic", "tstr_gap.ridge"]
METRICS += ["identical_match_rate", "dcr_ratio", "nnaa_loss"]
RULES = {
    "latent_diffusion": ["train_vae", "encode_latents", "train_denoiser"],
    "independent": ["fit_independent"],
    "copula": ["fit_copula"],
}
REFERENCES = ["real_holdout", "real_train", "train_copy"]
COSTS = {"s": "seconds", "cpu_time": "processor seconds", "max_rss": "peak MB"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    names = [cohort.name for cohort in REAL_COHORTS]
    parser.add_argument("--cohorts", nargs="+", choices=names, default=names)
    parser.add_argument("--cores", default="all")
    arguments = parser.parse_args()
    machine = describe_machine("snakemake", "torch")
    for cohort in REAL_COHORTS:
        if cohort.name in arguments.cohorts:
            run(cohort, arguments.folder / cohort.name, cores=arguments.cores)
            describe(cohort, arguments.folder / cohort.name / "results" / cohort.name)
    print(f"\n{machine}.")


def run(cohort: RealCohort, folder: Path, *, cores: str) -> None:
    """Run the workflow on one cohort; its output goes to run.log in the folder."""
    if not cohort.folder.is_dir():
        sys.exit(f"no public cohort at {cohort.folder}: name its parent in GENOSYNTH_DATA")
    prepare_folder(folder, cohort)
    command = [sys.executable, "-m", "snakemake", "--snakefile", ROOT / "Snakefile"]
    command += ["--configfile", cohort.config, "--cores", cores]
    with (folder / "run.log").open("w") as log:
        done = subprocess.run(command, cwd=folder, stdout=log, stderr=subprocess.STDOUT)
    if done.returncode != 0:
        sys.exit(f"{cohort.name}: the workflow stopped; see {folder / 'run.log'}")


def describe(cohort: RealCohort, results: Path) -> None:
    """Print one table for each trait, and what the whole run cost."""
    timings = read_timings(results / "timings")
    steps = read_table(results / "cohort/qc_steps.tsv").iloc[-1]
    train = (read_table(results / "cohort/split.tsv")["part"] == "train").sum()
    for trait in cohort.traits:
        n_panel = len(read_table(results / trait / "panel.tsv"))
        print(f"\n**{cohort.name}, trait {trait}**: panel of {n_panel:,} of ", end="")
        print(f"{steps['variants_after']:,} variants, {train:,} training people of ", end="")
        print(f"{steps['samples_after']:,}.\n")
        costs = pd.DataFrame({name: cost_of(name, trait, results) for name in RULES}).T
        scores = scores_of(results / trait / "scores.tsv")
        rows = [*RULES, *cohort.published, *REFERENCES]
        print(markdown(scores.reindex(rows).join(costs)))
    print(
        f"\nWhole run of {cohort.name}: {timings['cpu_time'].sum():.0f} processor seconds in "
        f"{len(timings)} jobs, largest job {timings['max_rss'].max():.0f} MB."
    )


def scores_of(path: Path) -> pd.DataFrame:
    """Value of each key metric, with its interval where that says more: rows by metrics."""
    scores = read_table(path)
    scores = scores[(scores["repeat"] == 1) & scores["metric"].isin(METRICS)]
    text = scores["value"].map("{:.3f}".format)
    interval = scores["ci_low"].map("{:.2f}".format) + "–" + scores["ci_high"].map("{:.2f}".format)
    is_noisy = scores["metric"].isin(["c2st_auc", "dcr_ratio", "nnaa_loss", *METRICS[5:7]])
    scores = scores.assign(text=text.where(~is_noisy, text + " (" + interval + ")"))
    table = scores.pivot(index="generator", columns="metric", values="text")
    return table[[name for name in METRICS if name in table]]


def cost_of(generator: str, trait: str, results: Path) -> dict[str, str]:
    """Seconds, processor seconds and peak memory of fitting a generator and sampling from it."""
    paths = [results / f"timings/{rule}/{trait}.tsv" for rule in RULES[generator]]
    paths.append(results / f"timings/sample_{generator}/{trait}_1.tsv")
    jobs = pd.concat([pd.read_csv(path, sep="\t", na_values=["NA", "-"]) for path in paths])
    totals = {"s": jobs["s"].sum(), "cpu_time": jobs["cpu_time"].sum()}
    totals["max_rss"] = jobs["max_rss"].max()
    return {COSTS[name]: f"{value:.0f}" for name, value in totals.items()}


def markdown(table: pd.DataFrame) -> str:
    """Metrics down, rows of the score table across."""
    across = table.fillna("").T
    lines = [["", *across.columns], ["---"] * (len(across.columns) + 1)]
    lines += [
        [f"`{name}`" if name in METRICS else name, *row] for name, *row in across.itertuples()
    ]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


if __name__ == "__main__":
    main()
