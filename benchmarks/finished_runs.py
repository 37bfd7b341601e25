"""What a finished run measured of each generator: its scores, what follows from them, its costs."""

from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import ks_2samp

from genosynth.files import read_json, read_table
from genosynth.settings.config import NO_TRAIT

COLUMNS = ["generator", "metric", "value", "ci_low", "ci_high", "better"]
FITS = {"latent_diffusion": ["train_vae", "encode_latents", "train_denoiser"]}  # else: fit_<name>


def read_run(results: Path, trait: str) -> pd.DataFrame:
    """Scores of the first synthetic cohort of each generator and reference row, in long form.

    Beside those of scores.tsv: `af_rmse_ratio`, `tstr_r2_ratio`, `trait_distance`, and for
    generators that were fitted `seconds`, `processor_seconds` and `peak_mb`.
    """
    scores = read_table(results / trait / "scores.tsv")
    scores = scores[scores["repeat"] == 1]
    parts = [scores, sampling_ratios(scores, results / trait), ratios_to_real(scores)]
    parts += [trait_distances(results / trait, trait), costs(results, trait)]
    table = pd.concat([part for part in parts if len(part)], ignore_index=True)
    return table.reindex(columns=COLUMNS)


def sampling_ratios(scores: pd.DataFrame, folder: Path) -> pd.DataFrame:
    """`af_rmse` over the error of as many people drawn from the frequencies of train."""
    frequency = read_table(folder / "panel.tsv")["train_alt_frequency"].to_numpy()
    rows = scores[scores["metric"] == "af_rmse"].copy()
    for index, generator in rows["generator"].items():
        n_people = len(read_table(folder / generator / "synthetic/1/samples.tsv"))
        floor = sampling_error(frequency, n_people=n_people)
        rows.loc[index, ["value", "ci_low", "ci_high"]] /= floor
    return rows.assign(metric="af_rmse_ratio", better="low")


def sampling_error(frequency: np.ndarray, *, n_people: int) -> float:
    """Root mean square error of the ALT frequencies of people drawn in Hardy–Weinberg balance."""
    return float(np.sqrt((frequency * (1 - frequency) / (2 * n_people)).mean()))


def ratios_to_real(scores: pd.DataFrame) -> pd.DataFrame:
    """`tstr_r2` of each model over `trtr_r2`; no interval, as both vary together."""
    values = scores.pivot(index="generator", columns="metric", values="value")
    models = [name.removeprefix("tstr_r2.") for name in values if name.startswith("tstr_r2.")]
    ratios = {
        f"tstr_r2_ratio.{model}": values[f"tstr_r2.{model}"] / values[f"trtr_r2.{model}"]
        for model in models
    }
    return _in_long_form(pd.DataFrame(ratios, index=values.index), better="high")


def trait_distances(folder: Path, trait: str) -> pd.DataFrame:
    """Largest gap between the distributions of a quantitative trait in train and in synthetic."""
    labels = [] if trait == NO_TRAIT else read_json(folder / "labels.json")
    if not any(label["name"] == trait and label["kind"] == "quantitative" for label in labels):
        return pd.DataFrame()
    real = read_table(folder / "genotypes/samples.tsv")
    train = real.loc[real["part"] == "train", trait].dropna()
    made = {
        path.parents[2].name: read_table(path)[trait].dropna()
        for path in folder.glob("*/synthetic/1/samples.tsv")
    }
    distances = {name: ks_2samp(values, train).statistic for name, values in made.items()}
    return _in_long_form(pd.DataFrame({"trait_distance": distances}), better="low")


def costs(results: Path, trait: str) -> pd.DataFrame:
    """What fitting a generator and drawing from it once took; none of releases made elsewhere."""
    sampled = sorted((results / "timings").glob(f"sample_*/{trait}_1.tsv"))
    totals = {
        path.parent.name.removeprefix("sample_"): _total(path, results / "timings", trait)
        for path in sampled
    }
    return _in_long_form(pd.DataFrame(totals).T, better="low")


def _total(sampled: Path, timings: Path, trait: str) -> dict[str, float]:
    generator = sampled.parent.name.removeprefix("sample_")
    fits = FITS.get(generator, [f"fit_{generator}"])
    paths = [*(timings / rule / f"{trait}.tsv" for rule in fits), sampled]
    jobs = pd.concat([pd.read_csv(path, sep="\t", na_values=["NA", "-"]) for path in paths])
    totals = {"seconds": jobs["s"].sum(), "processor_seconds": jobs["cpu_time"].sum()}
    return totals | {"peak_mb": jobs["max_rss"].max()}


def _in_long_form(values: pd.DataFrame, *, better: str) -> pd.DataFrame:
    """Rows of generators, columns of metrics → a row for each."""
    long = values.rename_axis("generator").reset_index().melt("generator", var_name="metric")
    return long.assign(better=better)
