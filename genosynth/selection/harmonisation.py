"""An external GWAS brought to the cohort's variants: same ids, same alleles, effects per ALT."""

import logging
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genosynth.data.genotypes import VARIANT_KEYS
from genosynth.errors import SelectionError
from genosynth.selection.summary_statistics import SummaryStatistics

logger = logging.getLogger(__name__)

COMPLEMENT = {"A": "T", "T": "A", "C": "G", "G": "C"}
# Above this minor allele frequency a palindromic variant's strand cannot be told by frequency.
MAX_PALINDROMIC_MAF = 0.42
MIN_MATCHED = 100
MIN_MATCHED_FRACTION = 0.1
MAX_DISAGREEING_FRACTION = 1 / 3  # of variants found at a place; strangers agree in half of cases
MIN_FREQUENCY_CORRELATION = 0.5

# What became of a row of the statistics; a larger number is a better fate.
ABSENT, DISAGREEING, PALINDROMIC, ALIGNED = range(4)


@dataclass(frozen=True)
class HarmonisedStatistics:
    """Effects of the variants that cohort and statistics share.

    gwas: chromosome, position_bp, id, ref, alt as in the cohort; beta, se, p_value, n,
        alt_frequency of the external GWAS, counted for the ALT allele.
    matching: how many variants met which fate: columns what, n.
    """

    gwas: pd.DataFrame
    matching: pd.DataFrame


def harmonise_summary_statistics(
    statistics: SummaryStatistics, variants: pd.DataFrame, *, build: str | None
) -> HarmonisedStatistics:
    """Match effects to variants by id, else by place, with alleles; count them per ALT allele.

    variants: chromosome, position_bp, id, ref, alt, alt_frequency (NaN: unknown).
    build: of the cohort; None: not checked.

    Raises:
        SelectionError: another build, or too little in common.
    """
    check_build(statistics, build)
    has_result = _has_result(statistics.effects)
    effects = statistics.effects[has_result].reset_index(drop=True)
    pairs = pair_with_variants(effects, variants)
    aligned = pairs[pairs["fate"] == ALIGNED]
    chosen = _smallest_p(aligned, effects)
    counts = _count_fates(pairs, chosen, has_result, len(variants))
    _check_matching(counts, statistics, build)
    gwas = _effects_per_alt(chosen, effects, variants)
    _check_frequencies(gwas, variants["alt_frequency"].to_numpy(float)[chosen["variant"]])
    logger.info("matched %d of %d cohort variants to effects", len(gwas), len(variants))
    return HarmonisedStatistics(gwas, pd.DataFrame(counts.items(), columns=["what", "n"]))


def _count_fates(
    pairs: pd.DataFrame, chosen: pd.DataFrame, has_result: NDArray[np.bool_], n_variants: int
) -> dict[str, int]:
    fates = np.full(has_result.sum(), ABSENT)
    np.maximum.at(fates, pairs["row"].to_numpy(), pairs["fate"].to_numpy())
    return {
        "rows": len(has_result),
        "dropped_no_result": int((~has_result).sum()),
        "dropped_not_in_cohort": int((fates == ABSENT).sum()),
        "dropped_alleles_disagree": int((fates == DISAGREEING).sum()),
        "dropped_palindromic": int((fates == PALINDROMIC).sum()),
        "dropped_duplicates": int((fates == ALIGNED).sum()) - chosen["row"].nunique(),
        "matched": len(chosen),
        "matched_by_id": int((chosen["how"] == "id").sum()),
        "matched_by_position": int((chosen["how"] == "position").sum()),
        "flipped": int((chosen["sign"] < 0).sum()),
        "other_strand": int(chosen["other_strand"].sum()),
        "palindromic_by_frequency": int(chosen["palindromic"].sum()),
        "cohort_variants": n_variants,
        "cohort_variants_without_effect": n_variants - len(chosen),
    }


def check_build(statistics: SummaryStatistics, build: str | None) -> None:
    """Refuse a file of another build than the cohort's; None: not checked.

    Raises:
        SelectionError: both builds are known and differ.
    """
    if build and statistics.build and build != statistics.build:
        raise SelectionError(
            f"{statistics.path}: on build {statistics.build}, but genotypes.build is {build}. "
            "Lift the file over, or correct genotypes.build"
        )


def _has_result(effects: pd.DataFrame) -> NDArray[np.bool_]:
    is_finite = np.isfinite(effects[["beta", "se", "p_value"]].to_numpy(float)).all(axis=1)
    is_plausible = (effects["se"] > 0) & (effects["p_value"] <= 1)
    has_result: NDArray[np.bool_] = is_finite & (is_plausible & effects["effect_allele"].notna())
    return np.asarray(has_result)


def pair_with_variants(effects: pd.DataFrame, variants: pd.DataFrame) -> pd.DataFrame:
    """Pair rows of effects with variants of the same id, or else the same place.

    Columns row, variant, how (id, position), and sign, fate, … of `align_alleles`.
    """
    by_id = align_alleles(_pairs_by_id(effects, variants), effects, variants)
    settled = by_id[by_id["fate"] == ALIGNED]
    by_place = align_alleles(_pairs_by_place(effects, variants, settled), effects, variants)
    return pd.concat([by_id, by_place], ignore_index=True)


def _pairs_by_id(effects: pd.DataFrame, variants: pd.DataFrame) -> pd.DataFrame:
    """Rows of effects and of variants with the same id."""
    left = pd.DataFrame({"id": effects["id"], "row": np.arange(len(effects))}).dropna(subset="id")
    right = pd.DataFrame({"id": variants["id"], "variant": np.arange(len(variants))})
    right = right[right["id"] != "."]
    return left.merge(right, on="id").drop(columns="id").assign(how="id")


def _pairs_by_place(
    effects: pd.DataFrame, variants: pd.DataFrame, settled: pd.DataFrame
) -> pd.DataFrame:
    """Rows of effects and of variants at the same place, for rows not settled by id."""
    left = pd.DataFrame({"place": _places(effects), "row": np.arange(len(effects))})
    right = pd.DataFrame({"place": _places(variants), "variant": np.arange(len(variants))})
    left = left[(left["place"] > 0) & ~left["row"].isin(settled["row"])]
    pairs: pd.DataFrame = left.merge(right, on="place").drop(columns="place")
    return pairs.assign(how="position")


def _places(table: pd.DataFrame) -> NDArray[np.int64]:
    """Chromosome and position as one number; negative where unknown."""
    chromosome, position_bp = table["chromosome"].to_numpy(), table["position_bp"].to_numpy()
    return np.asarray(chromosome * 2**32 + position_bp, dtype=np.int64)


def align_alleles(
    pairs: pd.DataFrame, effects: pd.DataFrame, variants: pd.DataFrame
) -> pd.DataFrame:
    """Tell for each pair whether the effect allele is ALT (sign +1) or REF (−1), on either strand.

    Alleles of palindromic variants (A/T, C/G) are the same on both strands: only frequencies away
    from one half tell what is counted. Insertions and deletions are compared as written.
    """
    effect_rows = effects.iloc[pairs["row"].to_numpy()]
    variant_rows = variants.iloc[pairs["variant"].to_numpy()]
    effect, other, ref, alt, complement = _allele_codes(effect_rows, variant_rows)
    no_other = other < 0
    is_same = (effect == alt) & (no_other | (other == ref))
    is_swapped = (effect == ref) & (no_other | (other == alt))
    is_same_other_strand = (complement[effect] == alt) & (no_other | (complement[other] == ref))
    is_swapped_other_strand = (complement[effect] == ref) & (no_other | (complement[other] == alt))
    is_palindromic = complement[ref] == alt
    agrees = is_same | is_swapped | is_same_other_strand | is_swapped_other_strand
    frequency_sign = _sign_by_frequency(
        effect_rows["effect_frequency"].to_numpy(), variant_rows["alt_frequency"].to_numpy()
    )
    sign = np.where(is_same | is_same_other_strand, 1, -1)
    sign = np.where(is_palindromic, frequency_sign, sign)
    fate = np.where(agrees, np.where(sign == 0, PALINDROMIC, ALIGNED), DISAGREEING)
    return pairs.assign(
        sign=sign,
        fate=fate,
        palindromic=is_palindromic,
        other_strand=~(is_same | is_swapped),
    )


def _allele_codes(effects: pd.DataFrame, variants: pd.DataFrame) -> list[NDArray[np.intp]]:
    """Alleles as numbers, −1 where unknown, and the number of each allele's complement.

    The complement of an unknown or longer allele is a number that no allele has.
    """
    columns = [effects["effect_allele"], effects["other_allele"], variants["ref"], variants["alt"]]
    alleles = pd.concat([column.astype("str") for column in columns], ignore_index=True)
    codes, names = pd.factorize(alleles.str.upper())
    numbers = {name: number for number, name in enumerate(names)}
    no_allele = len(names)
    complement = [numbers.get(COMPLEMENT.get(name, ""), no_allele) for name in names]
    return [*np.split(codes, 4), np.array([*complement, no_allele])]


def _sign_by_frequency(
    effect_frequency: NDArray[np.float64], alt_frequency: NDArray[np.float64]
) -> NDArray[np.intp]:
    """+1 where both alleles are on one side of a half, −1 on different sides, 0: cannot be told."""
    is_telling = [
        np.minimum(frequency, 1 - frequency) < MAX_PALINDROMIC_MAF  # False where NaN
        for frequency in (effect_frequency, alt_frequency)
    ]
    same_side = (effect_frequency < 0.5) == (alt_frequency < 0.5)
    return np.where(is_telling[0] & is_telling[1], np.where(same_side, 1, -1), 0)


def _smallest_p(aligned: pd.DataFrame, effects: pd.DataFrame) -> pd.DataFrame:
    """One effect for each variant, by id before by position, then the most significant."""
    p_value = effects["p_value"].to_numpy()[aligned["row"]]
    ordered = aligned.assign(p_value=p_value).sort_values(["variant", "how", "p_value", "row"])
    return ordered.drop_duplicates("variant").reset_index(drop=True)


def _check_matching(
    counts: dict[str, int], statistics: SummaryStatistics, build: str | None
) -> None:
    matched, n_variants = counts["matched"], counts["cohort_variants"]
    advice = f"is it on another build than the cohort{f' ({build})' if build else ''}?"
    logger.info("%s: %s", statistics.path, counts)
    if matched < MIN_MATCHED and matched < MIN_MATCHED_FRACTION * n_variants:
        raise SelectionError(
            f"{statistics.path}: only {matched} of its {counts['rows']} rows match one of the "
            f"cohort's {n_variants} variants by id or position and alleles; {advice}"
        )
    disagreeing = counts["dropped_alleles_disagree"]
    found = matched + disagreeing
    if found >= MIN_MATCHED and disagreeing > MAX_DISAGREEING_FRACTION * found:
        raise SelectionError(
            f"{statistics.path}: alleles disagree at {disagreeing} of {found} variants found in "
            f"the cohort; {advice}"
        )


def _effects_per_alt(
    chosen: pd.DataFrame, effects: pd.DataFrame, variants: pd.DataFrame
) -> pd.DataFrame:
    rows = effects.iloc[chosen["row"].to_numpy()].reset_index(drop=True)
    places = variants[VARIANT_KEYS].iloc[chosen["variant"].to_numpy()].reset_index(drop=True)
    frequency = rows["effect_frequency"]
    return places.assign(
        beta=rows["beta"] * chosen["sign"],
        se=rows["se"],
        p_value=rows["p_value"],
        n=rows["n"].round().astype("Int64"),
        alt_frequency=frequency.where(chosen["sign"] > 0, 1 - frequency),
    )


def _check_frequencies(gwas: pd.DataFrame, alt_frequency: NDArray[np.float64]) -> None:
    """Warn if frequencies of GWAS and cohort contradict each other: perhaps alleles are swapped."""
    known = np.isfinite(gwas["alt_frequency"].to_numpy()) & np.isfinite(alt_frequency)
    if known.sum() < MIN_MATCHED:
        return
    correlation = np.corrcoef(gwas["alt_frequency"][known], alt_frequency[known])[0, 1]
    logger.info("allele frequencies of GWAS and cohort correlate at %.3f", correlation)
    if correlation < MIN_FREQUENCY_CORRELATION:
        logger.warning(
            "frequencies of GWAS and cohort hardly agree: does the effect-allele column hold the "
            "effect allele, and is the population the same?"
        )
