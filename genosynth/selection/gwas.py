"""GWAS on the training part: what plink2 --glm is given, and its results per ALT allele."""

import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genosynth.data.phenotypes import Phenotypes
from genosynth.errors import CohortError, SelectionError
from genosynth.files import read_table

logger = logging.getLogger(__name__)

KEYS = ["FID", "IID"]
SHARED_VARIANCE = 0.98  # plink2 refuses a predictor the others explain better (--vif 50)
SMALLEST_P = 1e-300  # plink2 prints smaller ones, which would be read as 0
PLINK_CODING = 1  # added to 0/1: plink2 codes controls 1 and cases 2
PLINK_BINARY_VALUES = {-9.0, 0.0, 1.0, 2.0}  # a trait with no other value is binary to plink2

# Columns of plink2 --glm and what we call them; A1 is ALT under omit-ref.
GLM_COLUMNS = {
    "#CHROM": "chromosome",
    "POS": "position_bp",
    "ID": "id",
    "REF": "ref",
    "ALT": "alt",
    "BETA": "beta",
    "SE": "se",
    "P": "p_value",
    "OBS_CT": "n",
    "A1_FREQ": "alt_frequency",
}


def prepare_gwas(
    phenotypes: Phenotypes,
    components: pd.DataFrame,
    train: pd.DataFrame,
    *,
    trait: str,
    covariates: Sequence[str],
    n_components: int,
) -> pd.DataFrame:
    """Tabulate the people of a GWAS: #FID, IID, trait as plink2 codes it, numeric predictors.

    Text covariates become one column for each level but the commonest. Predictors are left out,
    with a warning, if they do not vary, if the ones before them explain them, or if one of their
    two values has cases only or controls only. So are people without a value.

    Args:
        phenotypes: prepared traits and covariates.
        components: FID, IID, PC1, PC2, …
        train: FID, IID of the training part, the only people used.
        trait: name of the trait.
        covariates: columns of phenotypes; the trait itself is skipped.
        n_components: principal components to correct for.

    Raises:
        CohortError: nobody has both the trait and all covariates.
    """
    covariates = [name for name in covariates if name != trait]
    components = first_components(components, n_components, beside=phenotypes.table)
    table = train[KEYS].merge(phenotypes.table, on=KEYS).merge(components, on=KEYS)
    is_complete = table[[trait, *covariates]].notna().all(axis=1)
    _log_people(table, is_complete, trait)
    table = table[is_complete].reset_index(drop=True)
    if table.empty:
        raise CohortError(
            f"trait {trait}: nobody in train has a value and all covariates "
            f"({', '.join(covariates)}); leave out the covariate that few people have"
        )
    kind = phenotypes.description["traits"][trait]["kind"]
    names = [name for name in components if name not in KEYS]
    columns = [encode_covariate(table[name]) for name in covariates]
    predictors = usable_predictors([*columns, table[names]], table[trait], kind=kind)
    keys = table[KEYS].set_axis(["#FID", "IID"], axis=1)
    return pd.concat([keys, code_trait(table[trait], kind=kind), predictors], axis=1)


def first_components(components: pd.DataFrame, n: int, *, beside: pd.DataFrame) -> pd.DataFrame:
    """FID, IID and n components, called otherwise where people have a column of that name."""
    names = [name for name in components if name not in KEYS][:n]
    taken = {name: f"{name}_of_train" for name in names if name in beside}
    return components[[*KEYS, *names]].rename(columns=taken)


def usable_predictors(columns: list[pd.DataFrame], trait: pd.Series, *, kind: str) -> pd.DataFrame:
    """Put predictors side by side, less those that plink2 would stumble over, with a warning."""
    predictors = pd.concat([pd.DataFrame(index=trait.index), *columns], axis=1)
    if kind == "binary":
        predictors = drop_separating(predictors, trait)
    predictors = drop_redundant(predictors)
    logger.info("predictors beside the genotype: %s", ", ".join(map(str, predictors)) or "none")
    return predictors.rename(columns=lambda name: "_".join(str(name).split()))  # plink2 cuts there


def code_trait(values: pd.Series, *, kind: str) -> pd.Series:
    """Values of a trait, called `trait`, so that plink2 takes it for what it is."""
    coded = values + PLINK_CODING if kind == "binary" else _as_quantity(values)
    return coded.rename("trait")


def _log_people(table: pd.DataFrame, is_complete: pd.Series, trait: str) -> None:
    n_without_trait = int(table[trait].isna().sum())
    logger.info(
        "%s: %d of %d people in train, %d without the trait, %d without a covariate",
        *(trait, is_complete.sum(), len(table), n_without_trait),
        len(table) - is_complete.sum() - n_without_trait,
    )


def _as_quantity(values: pd.Series) -> pd.Series:
    """Shift values that plink2 would take for a case-control code; effects do not change."""
    return values + 10 if set(values.unique()) <= PLINK_BINARY_VALUES else values


def encode_covariate(values: pd.Series) -> pd.DataFrame:
    """Encode a covariate as numbers: itself, or one 0/1 column for each level but the commonest.

    >>> encode_covariate(pd.Series(["M", "F", "F"], name="sex"))
       sex=M
    0    1.0
    1    0.0
    2    0.0
    """
    if pd.api.types.is_numeric_dtype(values):
        return values.astype(float).to_frame()
    levels = values.value_counts().index[1:]
    return pd.DataFrame({f"{values.name}={level}": (values == level) * 1.0 for level in levels})


def drop_separating(predictors: pd.DataFrame, is_case: pd.Series) -> pd.DataFrame:
    """Leave out 0/1 predictors one value of which has cases only or controls only.

    Their effect is infinite: every variant would need the slow Firth regression.
    """
    separating = [
        name
        for name in predictors
        if predictors[name].isin([0, 1]).all()
        and predictors[name].nunique() == 2
        and (pd.crosstab(predictors[name], is_case) == 0).to_numpy().any()
    ]
    for name in separating:
        logger.warning("covariate %s is left out: it has cases only or controls only", name)
    return predictors.drop(columns=separating)


def drop_redundant(predictors: pd.DataFrame) -> pd.DataFrame:
    """Leave out predictors that are constant or that the ones before them explain."""
    centred = predictors.to_numpy(float) - predictors.to_numpy(float).mean(axis=0)
    basis = np.zeros((len(predictors), 0))  # orthonormal, spans the predictors kept so far
    kept = []
    for name, column in zip(predictors.columns, centred.T, strict=True):
        length = float(np.linalg.norm(column))
        if length <= 1e-12 * max(1.0, float(np.abs(predictors[name]).max())) * len(column):
            logger.warning("covariate %s is the same for everybody in train: left out", name)
            continue
        residual = _residual(column / length, basis)
        unexplained = float(residual @ residual)
        if unexplained < 1 - SHARED_VARIANCE:
            logger.warning(
                "covariate %s is left out: the others explain %.1f %% of it",
                *(name, 100 * (1 - unexplained)),
            )
            continue
        basis = np.column_stack([basis, residual / np.sqrt(unexplained)])
        kept.append(name)
    return predictors[kept]


def _residual(column: NDArray[np.float64], basis: NDArray[np.float64]) -> NDArray[np.float64]:
    for _ in range(2):  # twice is enough against rounding (Giraud et al. 2005)
        column = column - basis @ (basis.T @ column)
    return column


def tidy_gwas(paths: Sequence[str | Path]) -> pd.DataFrame:
    """Read what plink2 --glm omit-ref wrote of each fileset, variants with a result only.

    Effects are per ALT allele.

    Raises:
        SelectionError: not one variant has a result.
    """
    glm = pd.concat(map(_read_glm, paths), ignore_index=True)
    assert (glm["A1"] == glm["ALT"]).all(), "plink2 --glm omit-ref counts the ALT allele"
    has_result = (glm["ERRCODE"] == ".") & glm["P"].notna()
    for reason, n_variants in glm.loc[~has_result, "ERRCODE"].value_counts().items():
        logger.warning("%d variants have no result: %s", n_variants, reason)
    if not has_result.any():
        raise SelectionError(
            f"{paths[0]}: no variant has a result ({glm['ERRCODE'].mode().iloc[0]}). Look at the "
            "covariates: do some of them explain the trait, or each other?"
        )
    gwas = glm.loc[has_result, list(GLM_COLUMNS)].rename(columns=GLM_COLUMNS)
    gwas = gwas.astype({"beta": float, "se": float, "p_value": float, "alt_frequency": float})
    gwas["p_value"] = gwas["p_value"].clip(lower=SMALLEST_P)
    strongest = gwas.iloc[int(gwas["p_value"].to_numpy().argmin())]
    logger.info(
        "%d variants have a result; strongest %s (chromosome %d, %d bp): p = %.3g",
        len(gwas),
        *strongest[["id", "chromosome", "position_bp", "p_value"]],
    )
    return gwas.reset_index(drop=True)


def _read_glm(path: str | Path) -> pd.DataFrame:
    text = {"#CHROM": "int64", "ID": "str", "REF": "str", "ALT": "str", "A1": "str"}
    return pd.read_csv(path, sep="\t", dtype=text, keep_default_na=False, na_values={"P": ["NA"]})


def read_gwas(paths: Sequence[str | Path]) -> pd.DataFrame | None:
    """Read the GWAS of a trait, the one path or none for a run without phenotypes."""
    text = {"id": "str", "ref": "str", "alt": "str"}
    tables = [read_table(path, dtype=text) for path in paths]
    return tables[0] if tables else None
