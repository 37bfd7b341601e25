"""A finished cohort made of plausible random numbers: every file that the report reads."""

from pathlib import Path

import numpy as np
import pandas as pd

from genosynth.data.labels import Label, save_labels
from genosynth.files import write_json, write_table
from genosynth.reporting.tables import NEEDS_TRAIT
from genosynth.reporting.wording import ATTACK_NAMES
from genosynth.scores import FAMILIES, METRICS, metric_of

GENERATORS = ["latent_diffusion", "independent", "copula"]
REFERENCES = ["real_holdout", "real_train", "train_copy"]
N_PARTS = {"train": 840, "test": 240, "reference": 120}

# latent diffusion, independent, copula, real_holdout, real_train, train_copy; half of the interval
SCORES = {
    "af_pearson": (0.9995, 0.9996, 0.9996, 0.9983, 1.0, 0.9998, 0.0001),
    "af_rmse": (0.0058, 0.0051, 0.0052, 0.0089, 0.0, 0.003, 0.0003),
    "genotype_frequency_rmse": (0.0064, 0.0053, 0.0052, 0.0097, 0.0, 0.003, 0.0003),
    "heterozygosity_slope": (0.991, 0.999, 0.999, 1.001, 1.0, 0.998, 0.003),
    "hwe_excess": (0.004, -0.002, 0.003, 0.0, 0.001, 0.002, 0.004),
    "ld_near_pearson": (0.962, 0.012, 0.948, 0.981, 1.0, 0.99, 0.006),
    "ld_all_pearson": (0.71, 0.32, 0.52, 0.79, 1.0, 0.93, 0.01),
    "ld_decay_rmse": (0.008, 0.21, 0.013, 0.002, 0.0, 0.03, 0.001),
    "pca_distance": (0.06, 0.35, 0.12, 0.0, 0.004, 0.006, 0.01),
    "fst": (0.0003, 0.0002, 0.0002, 0.0, 0.0001, 0.0001, 0.0001),
    "aats": (0.51, 0.62, 0.5, 0.499, 0.5, 0.49, 0.01),
    "aats_truth": (0.52, 0.4, 0.49, 0.5, 0.5, 0.48, 0.01),
    "aats_synthetic": (0.5, 0.84, 0.51, 0.498, 0.5, 0.5, 0.01),
    "precision.5": (0.81, 0.9, 0.8, 0.82, 0.81, 0.8, 0.01),
    "precision.50": (0.95, 0.99, 0.96, 0.95, 0.95, 0.95, 0.01),
    "recall.5": (0.8, 0.5, 0.79, 0.81, 0.8, 0.8, 0.01),
    "recall.50": (0.95, 0.8, 0.94, 0.95, 0.95, 0.95, 0.01),
    "composition_distance.population": (0.0, 0.0, 0.0, 0.02, 0.0, 0.0, 0.005),
    "condition_auc.population": (0.955, 0.97, 0.96, 0.952, 0.961, 0.95, 0.004),
    "pgs_auc.pgs000014": (0.62, 0.61, 0.6, 0.62, 0.61, 0.62, 0.02),
    "pgs_gap.pgs000014": (0.004, -0.01, -0.02, 0.0, 0.0, 0.004, 0.02),
    "structure_accuracy.population.logistic": (0.95, 0.94, 0.95, 0.96, 0.955, 0.95, 0.01),
    "structure_accuracy.population.svm": (0.95, 0.94, 0.95, 0.96, 0.955, 0.95, 0.01),
    "structure_accuracy.population.forest": (0.94, 0.93, 0.94, 0.95, 0.95, 0.95, 0.01),
    "structure_overlap.population.10": (0.9, 0.9, 0.91, 0.89, 0.9, 0.9, 0.02),
    "c2st_auc": (0.661, 0.953, 0.74, 0.503, 0.497, 0.551, 0.017),
    "c2st_auc.all": (0.59, 0.953, 0.62, 0.503, 0.497, 0.551, 0.017),
    "c2st_auc.pcs": (0.661, 0.81, 0.74, 0.49, 0.501, 0.52, 0.017),
    "c2st_auc.blocks": (0.64, 0.94, 0.73, 0.502, 0.499, 0.53, 0.017),
    "c2st_auc_linear": (0.53, 0.49, 0.5, 0.5, 0.51, 0.55, 0.02),
    "holdout_nats": (474.0, 513.0, np.nan, np.nan, np.nan, np.nan, 0.8),
    "effect_slope": (0.97, 1.02, 0.99, 0.83, 1.0, 0.9, 0.03),
    "effect_pearson": (0.91, 0.93, 0.92, 0.78, 1.0, 0.95, 0.02),
    "sign_concordance": (0.98, 0.99, 0.98, 0.88, 1.0, 0.99, 0.01),
    "gwas_slope": (0.98, 1.01, 0.99, 0.82, 1.0, 0.9, 0.03),
    "gwas_pearson": (0.92, 0.94, 0.93, 0.79, 1.0, 0.95, 0.02),
    "causal_recall": (0.98, 1.0, 0.97, 0.7, 1.0, 0.9, 0.05),
    "causal_effect_slope": (0.99, 1.01, 1.0, 0.93, 1.0, 0.9, 0.03),
    "identical_match_rate": (0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0),
    "near_duplicate_rate": (0.011, 0.004, 0.008, 0.01, 1.0, 1.0, 0.005),
    "dcr_ratio": (0.998, 1.08, 1.012, 1.0, 0.0, 0.18, 0.006),
    "nndr": (0.981, 0.99, 0.982, 0.98, 0.0, 0.2, 0.003),
    "closer_to_train": (0.49, 0.488, 0.487, 0.489, 1.0, 1.0, 0.03),
    "nnaa_loss": (0.011, -0.004, 0.003, 0.0, 0.51, 0.49, 0.02),
    "kinship_excess": (0.002, -0.004, 0.0, 0.001, 0.99, 0.99, 0.006),
    "attribute_gain.variants": (0.001, 0.0, -0.001, 0.0, 0.45, 0.41, 0.003),
    "attribute_gain.trait": (0.18, 0.21, 0.17, 0.01, 0.19, 0.18, 0.02),
    "mia_nearest_auc": (0.504, 0.5, 0.503, 0.49, 1.0, 0.999, 0.014),
    "mia_nearest_tpr_at_1pct": (0.011, 0.009, 0.01, 0.008, 1.0, 0.99, 0.004),
    "mia_density_auc": (0.491, 0.488, 0.49, 0.5, 0.999, 0.99, 0.014),
    "mia_density_tpr_at_1pct": (0.01, 0.008, 0.008, 0.008, 0.99, 0.93, 0.004),
    "mia_af_lrt_auc": (0.56, 0.584, 0.58, 0.49, 0.591, 0.579, 0.014),
    "mia_af_lrt_tpr_at_1pct": (0.013, 0.017, 0.018, 0.009, 0.018, 0.016, 0.004),
    "mia_homer_auc": (0.546, 0.568, 0.564, 0.486, 0.571, 0.565, 0.014),
    "mia_homer_tpr_at_1pct": (0.012, 0.012, 0.013, 0.009, 0.016, 0.016, 0.004),
    "mia_sequence_auc": (0.55, 0.57, 0.574, 0.5, 0.62, 0.6, 0.014),
    "mia_sequence_tpr_at_1pct": (0.014, 0.013, 0.02, 0.01, 0.04, 0.03, 0.004),
    "mia_loss_auc": (0.68, 0.67, np.nan, np.nan, np.nan, np.nan, 0.02),
    "mia_loss_tpr_at_1pct": (0.05, 0.06, np.nan, np.nan, np.nan, np.nan, 0.01),
    "mia_max_tpr_at_1pct": (0.011, 0.01, 0.015, 0.008, 1.0, 0.99, 0.005),
    "mia_af_lrt_expected_auc": (0.579, 0.579, 0.579, 0.562, 0.579, 0.579, 0.0),
    "mia_af_lrt_expected_tpr_at_1pct": (0.021, 0.021, 0.021, 0.018, 0.021, 0.021, 0.0),
}
PREDICTIONS = {
    "tstr": (0.231, 0.235, 0.228, 0.20, 0.242, 0.238, 0.02),
    "trtr": (0.242, 0.242, 0.242, 0.242, 0.242, 0.242, 0.02),
    "tstr_gap": (-0.011, -0.007, -0.014, -0.04, 0.0, -0.004, 0.006),
    "trts": (0.42, 0.46, 0.44, 0.2, 0.43, 0.43, 0.01),
    "trts_excess": (-0.02, 0.002, -0.01, -0.2, -0.03, -0.03, 0.01),
    "tstr_auprc": (0.39, 0.4, 0.38, 0.35, 0.41, 0.4, 0.03),
    "trtr_auprc": (0.41, 0.41, 0.41, 0.41, 0.41, 0.41, 0.03),
    "tstr_calibration_slope": (0.9, 0.3, 0.8, 1.1, 0.55, 0.6, 0.05),
    "tstr_calibration_intercept": (0.05, -0.1, 0.06, 0.0, 0.02, 0.03, 0.1),
    "augmentation_gain": (-0.004, -0.003, -0.005, 0.008, -0.002, -0.003, 0.006),
    "balancing_gain": (-0.002, -0.003, -0.004, 0.004, 0.0, -0.003, 0.004),
    "reweighting_gain": (-0.001, -0.001, -0.001, -0.001, -0.001, -0.001, 0.003),
}
SHUFFLED = {  # a half or nothing elsewhere
    "sign_concordance": 0.5,
    "tstr_gap": -0.24,
    "pgs_gap": -0.12,
    "trts_excess": -0.4,
    "tstr_auprc": 0.2,
    "augmentation_gain": -0.06,
    "balancing_gain": -0.03,
}
RULES = {
    "simulate_cohort": (1, 41.2, 1830),
    "run_gwas": (2, 12.5, 420),
    "train_vae": (2, 118.4, 940),
    "train_denoiser": (2, 51.0, 820),
    "sample_diffusion": (2, 22.8, 760),
    "evaluate_fidelity": (12, 96.1, 1210),
    "extract_genotypes": (2, 1.9, 205),
}


def write_stand_in(folder: Path, *, traits: dict[str, str], n_variants: int = 300) -> Path:
    """Write results/{cohort} as `folder`; traits: name → binary, quantitative or none."""
    rng = np.random.default_rng(5)
    people = _people(rng)
    _write_cohort(folder, people, traits, rng)
    for name, kind in traits.items():
        _write_trait(folder / name, people, kind, n_variants, rng)
    for rule, (n_jobs, seconds, megabytes) in RULES.items():
        for job in range(n_jobs):
            row = {"s": seconds / n_jobs, "max_rss": megabytes, "cpu_time": 1.5 * seconds / n_jobs}
            write_table(pd.DataFrame([row]), folder / "timings" / rule / f"{job}.tsv")
    return folder


def _people(rng: np.random.Generator) -> pd.DataFrame:
    n = sum(N_PARTS.values())
    return pd.DataFrame(
        {
            "FID": "0",
            "IID": [f"REALPERSON{i:05d}" for i in range(n)],
            "part": np.repeat(list(N_PARTS), list(N_PARTS.values())),
            "family": np.arange(n),
            "population": rng.choice(["east", "west"], n, p=[0.6, 0.4]),
            "sex": rng.choice(["1", "2"], n),
        }
    )


def _write_cohort(
    folder: Path, people: pd.DataFrame, traits: dict[str, str], rng: np.random.Generator
) -> None:
    steps = [
        ("autosomal_biallelic", 1230, 1230, 34_120, 33_871),
        ("duplicate_ids", 1230, 1230, 33_871, 33_871),
        ("variant_missing", 1230, 1230, 33_871, 33_410),
        ("sample_missing", 1230, 1221, 33_410, 33_410),
        ("kinship", 1221, 1200, 33_410, 33_410),
        ("maf", 1200, 1200, 33_410, 32_004),
        ("hwe_p", 1200, 1200, 32_004, 31_960),
    ]
    columns = ["filter", "samples_before", "samples_after", "variants_before", "variants_after"]
    write_table(pd.DataFrame(steps, columns=columns), folder / "cohort" / "qc_steps.tsv")
    write_table(people[["FID", "IID", "part", "family"]], folder / "cohort" / "split.tsv")
    centre = np.where(people["population"] == "east", -1.0, 1.4)[:, None] * [0.03, 0.004]
    pcs = centre + rng.normal(0, 0.006, (len(people), 2))
    pca = people[["FID", "IID"]].assign(PC1=pcs[:, 0], PC2=pcs[:, 1])
    write_table(pca, folder / "cohort" / "pca.tsv")
    cases = {"coding": "1/2", "n_cases": 240, "n_controls": 936}
    found = {
        name: {"column": name, "kind": kind, "n_known": 1176, "n_missing": 24}
        | (cases if kind == "binary" else {})
        for name, kind in traits.items()
        if kind != "none"
    }
    conditions = {name: {"kind": "categorical", "n_missing": 0} for name in ("population", "sex")}
    (folder / "cohort" / "plink2.version").write_text("PLINK v2.0.0-a.6.9\n")
    write_json({"traits": found, "conditions": conditions}, folder / "cohort" / "phenotypes.json")


def _write_trait(
    folder: Path, people: pd.DataFrame, kind: str, n_variants: int, rng: np.random.Generator
) -> None:
    name = folder.name
    samples = people.rename(columns={"FID": "fid", "IID": "iid"}).drop(columns="family")
    labels = [Label("population", "condition", "categorical", levels=("east", "west"))]
    if kind == "binary":
        labels.insert(0, Label(name, "trait", "binary", levels=("0", "1")))
        samples[name] = rng.choice([0, 1], len(samples), p=[0.8, 0.2])
    elif kind == "quantitative":
        labels.insert(0, Label(name, "trait", "quantitative", mean=5.0, sd=2.0))
        samples[name] = rng.normal(5, 2, len(samples))
    panel = _write_gwas(folder, kind, n_variants, rng)
    write_table(samples, folder / "genotypes" / "samples.tsv")
    write_table(panel, folder / "genotypes" / "variants.tsv")
    save_labels(labels, folder / "labels.json")
    synthetic = samples[samples["part"] == "train"][[label.name for label in labels]]
    write_table(synthetic, folder / "labels" / "1.tsv")
    _write_curves(folder / GENERATORS[0] / "model", rng)
    _write_sweep(folder / GENERATORS[0] / "sweep", kind)
    write_table(score_table(folder.parent.name, name, kind), folder / "scores.tsv")
    for column, source in enumerate([*GENERATORS, *REFERENCES]):
        _write_evidence(folder / source / "scores" / "1", panel, kind, column, rng)


def _write_gwas(folder: Path, kind: str, n_panel: int, rng: np.random.Generator) -> pd.DataFrame:
    n = 20 * n_panel
    chromosome = np.sort(rng.integers(1, 23, n))
    z = rng.normal(0, 1.05, n)
    for peak in rng.integers(0, n, 12):
        z[peak - 8 : peak + 8] += rng.normal(0, 5)
    table = pd.DataFrame(
        {
            "chromosome": chromosome,
            "position_bp": rng.integers(1, 120_000_000, n) // (1 + chromosome // 6),
            "id": [f"v{i}" for i in range(n)],
            "ref": "A",
            "alt": "G",
            "beta": z * 0.03,
            "se": 0.03,
            "p_value": np.clip(2 * np.exp(-(z**2) / 2 - 0.3), 0, 1),
            "n": 820,
            "alt_frequency": rng.beta(0.8, 0.8, n).clip(0.01, 0.99),
        }
    ).sort_values(["chromosome", "position_bp"])
    if kind != "none":
        write_table(table, folder / "gwas.tsv")
    panel = table.nsmallest(n_panel, "p_value").sort_index()
    panel = panel.drop(columns="n").rename(columns={"alt_frequency": "train_alt_frequency"})
    write_table(panel, folder / "panel.tsv")
    return panel


def _write_curves(folder: Path, rng: np.random.Generator) -> None:
    steps = np.arange(50, 2001, 50)
    losses = {"vae": (742.0, 160.0), "units": (476.0, 9.0), "denoiser": (0.71, 0.4)}
    for network, (low, drop) in losses.items():
        loss = low + drop * np.exp(-steps / 300) + rng.normal(0, drop / 60, len(steps))
        worse = loss + drop * (0.04 + (steps / 2000) ** 2 / 14)
        validation = np.where(steps % 100 == 0, worse, np.nan)
        curve = {"step": steps, "train_loss": loss, "validation_loss": validation}
        write_table(pd.DataFrame(curve | {"seconds": steps / 30}), folder / f"{network}_curves.tsv")


def _write_sweep(folder: Path, kind: str) -> None:
    guidance = np.array([1.0, 1.5, 2.0, 3.0, 5.0] if kind != "none" else [])
    slope, learnt = 0.98 * guidance, 0.66 + 0.01 * guidance
    table = {"guidance": guidance, "effect_slope": slope, "effect_slope_low": slope - 0.07}
    table |= {"effect_slope_high": slope + 0.07, "prs_shift": 1.4 * slope, "prs_shift_real": 1.45}
    table |= {"af_rmse": 0.0055 + 0.0003 * guidance, "af_rmse_chance": 0.0058, "tstr": learnt}
    table |= {"tstr_low": learnt - 0.03, "tstr_high": learnt + 0.03, "trtr": 0.664}
    write_table(pd.DataFrame(table | {"n": 400, "seconds_per_1000": 1.7}), folder / "guidance.tsv")
    steps = np.array([1, 2, 4, 8, 16, 32])
    error = 0.4 / steps**2
    table = {"steps": steps, "latent_error": error, "energy_distance": error / 4}
    table |= {"energy_low": error / 4 - 0.003, "energy_high": error / 4 + 0.003}
    table |= {"pca_distance": 0.004, "pca_low": 0.002, "pca_high": 0.006, "pca_real": 0.008}
    table |= {"n": 400, "seconds_per_1000": 0.7 + steps / 10}
    write_table(pd.DataFrame(table), folder / "steps.tsv")
    rows = [("af_rmse", None, None, 0.0061, None, None, 0.0058)]
    rows += [("share", "population", "east", 0.59, 0.56, 0.62, 0.6)]
    rows += [("share", "population", "west", 0.41, 0.38, 0.44, 0.4)]
    columns = ["measure", "condition", "level", "value", "ci_low", "ci_high", "expected"]
    write_table(pd.DataFrame(rows, columns=columns).assign(n=400), folder / "masked.tsv")


def plausible_scores(kind: str) -> dict[str, tuple[float, ...]]:
    """Scores by metric for one kind of trait: six values and half the width of the interval."""
    if kind == "none":
        return {m: v for m, v in SCORES.items() if metric_of(m).group not in NEEDS_TRAIT}
    chance = 0.5 if kind == "binary" else 0.0
    scores = {name: values for name, values in SCORES.items() if name.startswith(FAMILIES)}
    for metric, known in METRICS.items():
        if metric in SCORES:
            scores[metric] = SCORES[metric]
        if known.group == "utility" and known.kind in ("", kind) and metric not in FAMILIES:
            name = metric.partition(".")[0]
            *values, half = PREDICTIONS[name.removesuffix("_auc").removesuffix("_r2")]
            above = chance if name.endswith(("_auc", "_r2")) else 0.0
            scores[metric] = (*(above + value for value in values), half)
    return scores


def score_table(cohort: str, trait: str, kind: str) -> pd.DataFrame:
    """A scores.tsv; floor and ceiling are the values of the rows that METRICS names."""
    sources = [*GENERATORS, *REFERENCES]
    rows = []
    for metric, (*values, half) in plausible_scores(kind).items():
        value_of = dict(zip(sources, values, strict=True))
        known = metric_of(metric)
        if known.group == "privacy":
            value_of["train_few"] = value_of["train_copy"]
        if known.group in NEEDS_TRAIT:
            value_of["label_shuffled"] = shuffled_value(metric)
        for generator, value in value_of.items():
            row = {"cohort": cohort, "trait": trait, "generator": generator, "repeat": 1}
            row |= {"metric": metric, "value": value, "ci_low": value - half}
            row |= {"ci_high": value + half, "floor": value_of[known.floor]}
            row |= {"ceiling": value_of[known.ceiling], "better": str(known.better)}
            rows.append(row | {"n": 240, "seconds": 0.4})
    return pd.DataFrame(rows)


def _write_exposure(folder: Path, column: int) -> None:
    """Groups, the last of them too small, and how many of those accused first are members."""
    sizes = {"everybody": 480, "most rare alleles": 48, "population east": 288, "with relatives": 9}
    rows = [
        {"group": group, "kind": "group", "attack": attack, "n": n, "n_members": n // 2}
        | {"auc": np.nan if n < 30 else 0.56 + 0.01 * column - n / 10_000, "tpr_at_1pct": 0.02}
        for group, n in sizes.items()
        for attack in ATTACK_NAMES
    ]
    rows += [
        {"group": "first 20 accused", "kind": "accused", "attack": attack, "n": 20, "n_members": 13}
        for attack in ATTACK_NAMES
    ]
    exposed = pd.DataFrame(rows)
    exposed = exposed.assign(auc_low=exposed["auc"] - 0.03, auc_high=exposed["auc"] + 0.03)
    exposed = exposed.assign(tpr_low=0.01, tpr_high=0.04, expected_auc=0.57)
    write_table(exposed, folder / "exposure.tsv")


def _write_sizes(folder: Path) -> None:
    sizes = [("grid", 840 * k, 60 * m) for k in (0.25, 1, 4) for m in (0.25, 1, 4)]
    sizes += [("here", 840, 60), ("any_rows", np.inf, 60), ("any_reference", 840, 60)]
    sizes += [("most_rows", 310, 60), ("widest_panel", 840, 41)]
    table = pd.DataFrame(sizes, columns=["what", "n_synthetic", "n_variants"])
    auc = 0.5 + 0.01 * np.sqrt(table["n_variants"]) / (1 + 500 / table["n_synthetic"])
    table = table.assign(auc_level=0.55, n_independent=50.0, auc=auc, tpr_at_1pct=0.02)
    write_table(table, folder / "release_size.tsv")


def shuffled_value(metric: str) -> float:
    """Score of real people whose trait was shuffled among them."""
    name = metric.partition(".")[0]
    return SHUFFLED.get(name, 0.5 if name.endswith(("_auc", "_sign_concordance")) else 0.0)


def _write_evidence(
    folder: Path, panel: pd.DataFrame, kind: str, column: int, rng: np.random.Generator
) -> None:
    n = len(panel)
    train = panel["train_alt_frequency"].to_numpy()
    noise = rng.normal(0, 0.012, (2, n)) * np.sqrt(train * (1 - train)) * 2
    frequencies = {"id": panel["id"], "train": train}
    frequencies |= {"holdout": train + noise[0], "synthetic": train + 0.7 * noise[1]}
    write_table(pd.DataFrame(frequencies), folder / "allele_frequencies.tsv")
    edges = np.geomspace(1, 5000, 26)
    real = 0.45 * np.exp(-edges[:-1] / 120) + 0.01
    share = [0.96, 0.02, 0.9, 1.0, 1.0, 0.8][column]
    decay = {"low_kb": edges[:-1], "high_kb": edges[1:], "n_pairs": 400, "train": real}
    decay |= {"holdout": real * 1.02, "synthetic": real * share + rng.normal(0, 0.003, 25)}
    write_table(pd.DataFrame(decay), folder / "ld_decay.tsv")
    i, j = np.triu_indices(40, k=1)
    r = np.exp(-(j - i) / 6) * np.cos((i * 7 + j * 3) % 5)
    block = {"i": i, "j": j, "real": r, "synthetic": (r * share + rng.normal(0, 0.03, len(r)))}
    write_table(pd.DataFrame(block).clip(lower=-1), folder / "ld_block.tsv")
    points = rng.normal(0, 0.5, (400, 2)) + rng.choice([-1, 1.6], (400, 1)) * [1, 0.1]
    components = pd.DataFrame(points, columns=["pc1", "pc2"])
    components.insert(0, "set", np.repeat(["holdout", "synthetic"], 200))
    write_table(components, folder / "components.tsv")
    bins = np.linspace(0, 0.4, 81)
    far = np.exp(-(((bins - 0.31) / 0.02) ** 2) / 2)
    near = far if column < 4 else np.exp(-(((bins - 0.06) / 0.01) ** 2) / 2)
    sets = {"holdout": far, "synthetic": near}
    nearest = [
        {"set": name, "distance": d, "n": round(240 * share)}
        for name, shares in sets.items()
        for d, share in zip(bins, shares / shares.sum(), strict=True)
    ]
    write_table(pd.DataFrame(nearest), folder / "nearest.tsv")
    alarms = np.arange(1, 241) / 240
    power = 0.1 if column > 3 else 0.9
    curves = [
        pd.DataFrame({"attack": attack, "fpr": alarms, "tpr": alarms**power})
        for attack in ATTACK_NAMES
    ]
    theory = {"attack": "mia_af_lrt_expected", "fpr": alarms, "tpr": alarms**0.8}
    write_table(pd.concat([*curves, pd.DataFrame(theory)]), folder / "membership_roc.tsv")
    _write_exposure(folder, column)
    _write_sizes(folder)
    if kind != "none":
        effect = panel["beta"].to_numpy()
        effects = {"id": panel["id"], "train": effect}
        effects |= {"holdout": 0.8 * effect + rng.normal(0, 0.03, n)}
        effects |= {"synthetic": effect + rng.normal(0, 0.025, n)}
        write_table(pd.DataFrame(effects), folder / "effects.tsv")
        p_values = {name: rng.random(n) ** 6 for name in ("synthetic", "train", "holdout")}
        where = panel[["id", "chromosome", "position_bp"]]
        write_table(where.assign(**p_values), folder / "gwas.tsv")
        gap = -0.01 * np.array([column, column + 1])
        groups = {"condition": "population", "level": ["east", "west"], "n": [144, 96]}
        groups |= {"tstr": 0.7 + gap, "trtr": 0.7, "gap": gap}
        groups |= {"gap_low": gap - 0.03, "gap_high": gap + 0.03}
        write_table(pd.DataFrame(groups), folder / "utility_groups.tsv")
    if kind == "binary":
        fpr = np.linspace(0, 1, 101)
        curves = [
            pd.DataFrame({"trained_on": name, "fpr": fpr, "tpr": fpr**power})
            for name, power in (("real", 0.35), ("synthetic", 0.37 + 0.01 * column))
        ]
        write_table(pd.concat(curves), folder / "roc.tsv")
        risk = np.linspace(0.05, 0.5, 10)
        tenths = [
            {"trained_on": name, "tenth": range(1, 11), "n": 24, "predicted": risk}
            | {"observed": slope * risk, "observed_low": 0.7 * slope * risk}
            | {"observed_high": 1.3 * slope * risk}
            for name, slope in (("real", 1.0), ("synthetic", 1 - 0.1 * column))
        ]
        write_table(pd.concat(map(pd.DataFrame, tenths)), folder / "calibration.tsv")
        called = [
            {"trained_on": name, "class": level, "measure": measure, "value": value - 0.01 * column}
            for name in ("synthetic", "real")
            for level, measure, value in (
                *(("case", "sensitivity", 0.61), ("case", "precision", 0.35)),
                *(("control", "sensitivity", 0.65), ("control", "precision", 0.86)),
            )
        ]
        classes = pd.DataFrame(called).assign(n=48)
        ends = {f"value_{end}": classes["value"] + by for end, by in (("low", -0.1), ("high", 0.1))}
        write_table(classes.assign(**ends), folder / "utility_classes.tsv")
