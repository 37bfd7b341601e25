"""GWAS of the panel in any set of people: who goes into plink2 --glm, and how its results compare.

The same scan of synthetic, training and held-out people, with the covariates that all of them have:
the conditions. Principal components of the panel are none of them: a panel chosen by p-value has
the trait in its components, the chance part of training people's effects included.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genosynth.data.labels import Label
from genosynth.errors import ArtifactMismatch
from genosynth.evaluation.agreement import finite_pearson
from genosynth.evaluation.concordance import (
    is_telling,
    lambda_gc,
    sign_concordance,
    top_overlap,
)
from genosynth.evaluation.estimates import (
    CORRELATION,
    N_GROUPS,
    SHARE,
    Estimate,
    at_least_binomial,
    jackknife,
)
from genosynth.selection.gwas import (
    SMALLEST_P,
    code_trait,
    encode_covariate,
    usable_predictors,
)

NO_FAMILY = "0"  # FID of people who have only an IID

Values = NDArray[np.float64]


@dataclass(frozen=True)
class PanelGwas:
    """Results for each variant of the panel (n_variants,), NaN where plink2 has none.

    beta: log odds or change of the trait for each ALT allele.
    """

    beta: Values
    se: Values
    p_value: Values

    @property
    def z(self) -> Values:
        """Effects in standard errors."""
        return self.beta / self.se

    def without(self, left_out: NDArray[np.bool_]) -> "PanelGwas":
        """Results of the other variants."""
        return PanelGwas(self.beta[~left_out], self.se[~left_out], self.p_value[~left_out])


def tabulate_people(samples: pd.DataFrame, labels: list[Label]) -> pd.DataFrame:
    """Tabulate synthetic people as `prepare_gwas` does training people: #FID IID trait, predictors.

    People without the trait or a condition are left out; everybody, where the trait does not vary.

    Raises:
        ArtifactMismatch: the panel has no trait.
    """
    trait = next((label for label in labels if label.role == "trait"), None)
    if trait is None:
        raise ArtifactMismatch("labels.json names no trait: a GWAS needs one")
    conditions = [label.name for label in labels if label.role == "condition"]
    table = samples.dropna(subset=[trait.name, *conditions]).reset_index(drop=True)
    columns = [encode_covariate(table[name]) for name in conditions]
    predictors = usable_predictors(columns, table[trait.name], kind=trait.kind)
    keys = pd.DataFrame({"#FID": NO_FAMILY, "IID": table["iid"]})
    coded = code_trait(table[trait.name], kind=trait.kind)
    tabulated = pd.concat([keys, coded, predictors], axis=1)
    return tabulated if coded.nunique() > 1 else tabulated.iloc[:0]


def read_panel_gwas(path: str | Path, variants: pd.DataFrame) -> PanelGwas:
    """Read what plink2 --glm omit-ref wrote of these variants, an empty file if nothing."""
    columns = ["BETA", "SE", "P"]
    if Path(path).stat().st_size == 0:
        return PanelGwas(*np.full((3, len(variants)), np.nan))
    glm = pd.read_csv(path, sep="\t", usecols=["ID", *columns], dtype={"ID": str})
    beta, se, p_value = glm.set_index("ID")[columns].reindex(variants["id"]).to_numpy(float).T
    return PanelGwas(beta, se, p_value.clip(min=SMALLEST_P))


def read_scans(paths: Mapping[str, str | Path], variants: pd.DataFrame) -> dict[str, PanelGwas]:
    """Read the scans of several sets of people, by name."""
    return {name: read_panel_gwas(path, variants) for name, path in paths.items()}


def compare_gwas(
    *, synthetic: PanelGwas, train: PanelGwas, holdout: PanelGwas
) -> dict[str, Estimate]:
    """Score results in synthetic people against those in training and in held-out people.

    Intervals leave out a twentieth of the panel at a time, neighbours together; signs that all
    agree would then have none, so that theirs is at least that of as many independent variants.
    """
    sets = (synthetic, train, holdout)
    n_variants = len(train.beta)
    group = np.arange(n_variants) * N_GROUPS // max(n_variants, 1)
    whole = gwas_statistics(*sets)
    usable = int((np.isfinite(synthetic.z) & np.isfinite(train.z)).sum())
    telling = int(is_telling(synthetic.z, train.z).sum())
    found = jackknife(
        whole,
        [
            gwas_statistics(*(each.without(group == number) for each in sets))
            for number in np.unique(group)
        ],
        counted=dict.fromkeys(whole, usable) | {"gwas_sign_concordance": telling},
        limits={"gwas_pearson": CORRELATION, "gwas_top_overlap_10pct": SHARE},
    )
    signs = found["gwas_sign_concordance"]
    return found | {"gwas_sign_concordance": at_least_binomial(signs)}


def gwas_statistics(synthetic: PanelGwas, train: PanelGwas, holdout: PanelGwas) -> dict[str, float]:
    """Compare three scans of the same variants in all ways that are scored."""
    return {
        "gwas_slope": weighted_slope(synthetic, train),
        "gwas_slope_holdout": weighted_slope(synthetic, holdout),
        "gwas_pearson": finite_pearson(synthetic.z, train.z),
        "gwas_sign_concordance": sign_concordance(synthetic.z, train.z),
        "gwas_top_overlap_10pct": top_overlap(synthetic.z, train.z),
        "gwas_lambda": lambda_gc(synthetic.z),
        "gwas_lambda_difference": lambda_difference(synthetic, train),
    }


def lambda_difference(found: PanelGwas, wanted: PanelGwas) -> float:
    """λ − 1 less the one wanted, as if there had been as many people.

    It grows in proportion to the people, as 1 / SE² does.
    """
    usable = np.isfinite(found.z) & np.isfinite(wanted.z)
    if not usable.any():
        return np.nan
    at_size_of_wanted = float(np.median((found.se[usable] / wanted.se[usable]) ** 2))
    lambdas = [lambda_gc(each.z[usable]) for each in (found, wanted)]
    return (lambdas[0] - 1) * at_size_of_wanted - (lambdas[1] - 1)


def weighted_slope(found: PanelGwas, wanted: PanelGwas) -> float:
    """Slope through the origin of effects found on those wanted, weighted by 1 / SE² of these.

    Log odds of rare variants would decide it otherwise.
    """
    usable = np.isfinite(found.beta) & np.isfinite(wanted.z)
    weight = wanted.se[usable] ** -2.0
    x, y = wanted.beta[usable], found.beta[usable]
    squares = float(weight @ x**2)
    return float(weight @ (x * y)) / squares if squares > 0 else np.nan


def gwas_table(variants: pd.DataFrame, sets: dict[str, PanelGwas]) -> pd.DataFrame:
    """P-values of each variant in each set, for Miami and QQ plots."""
    where = variants[["id", "chromosome", "position_bp"]].reset_index(drop=True)
    return where.assign(**{name: each.p_value for name, each in sets.items()})
