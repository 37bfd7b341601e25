"""Which column of a file of summary statistics holds what: one table of names."""

import re

# Names a column may have, the most telling first, in lower case with _ for anything else
# (`_plain`). ALT and REF come last: PLINK 2 files have them beside A1, the allele of the effect.
SYNONYMS: dict[str, list[str]] = {
    standard: names.split()
    for standard, names in {
        "chromosome": "chromosome chr chrom chr_name chr_id hg19chrc",
        "position_bp": "base_pair_location position_bp pos bp position chr_position genpos",
        "id": "rsid rs_id rs_number rs rsids snp snpid marker markername marker_name markerid id "
        "variant_id variant",
        "effect_allele": "effect_allele ea coded_allele tested_allele risk_allele a1 allele1 alt",
        "other_allele": "other_allele oa nea non_effect_allele noneffect_allele omitted a2 allele2 "
        "a0 allele0 ref",
        "beta": "beta effect effalt log_or logor log_odds b effect_size effect_weight",
        "odds_ratio": "odds_ratio or hazard_ratio",
        "se": "standard_error se stderr std_err std_error log_or_se beta_se se_beta sebeta",
        "p_value": "p_value p pval pvalue p_val p_bolt_lmm p_bolt_lmm_inf",
        "neg_log10_p": "neg_log_10_p_value neg_log10_p neglog10_p log10_p log10p mlogp mlog10p "
        "neglog10p nlog10p",
        "n": "n obs_ct nmiss n_total sample_size samplesize totalsamplesize n_samples neff n_eff "
        "effective_n",
        "n_cases": "n_cases n_case n_cas ncase num_cases",
        "n_controls": "n_controls n_control n_con ncontrol num_controls",
        "effect_frequency": "effect_allele_frequency effect_allele_freq effect_frequency eaf "
        "a1_freq a1freq freq1 freq_a1 af_allele2 allelefrequency_effect freq frq frequency f_u",
        "other_frequency": "reffrq ref_freq other_allele_frequency",
        "alt_frequency": "alt_frequency alt_freq alt_freqs af",
        "alt": "alt",
        "test": "test",
        "is_dominant": "is_dominant",
        "is_recessive": "is_recessive",
        "build": "genome_assembly genome_build assembly build",
    }.items()
}


def recognise_columns(names: list[str]) -> dict[str, str]:
    """Find which column of a file holds what, by the names of its header.

    >>> recognise_columns(["MarkerName", "Allele1", "Allele2", "Effect", "StdErr", "P-value"])[
    ...     "effect_allele"
    ... ]
    'Allele1'
    """
    plain = {_plain(name): name for name in reversed(names)}  # the first of equal names wins
    columns = _by_synonym({key: name for key, name in plain.items() if not key.startswith("hm_")})
    harmonised = _by_synonym({key[3:]: name for key, name in plain.items() if key[:3] == "hm_"})
    if "effect_allele" in harmonised:  # effects of the GWAS Catalog's own harmonisation
        for name in ("other_allele", "beta", "odds_ratio", "effect_frequency", "alt"):
            columns.pop(name, None)
    columns |= harmonised
    if "effalt" in plain and "alt" in columns:  # LDpred: the effect is that of alt
        columns["effect_allele"] = columns["alt"]
    if "af_allele2" in plain:  # SAIGE counts the second allele, METAL the first
        columns |= {"effect_allele": plain["allele2"], "other_allele": plain["allele1"]}
    return _without_contradictions(columns)


def _plain(name: str) -> str:
    """Lower case, with _ for everything but letters and digits; -exposure is of TwoSampleMR."""
    plain = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
    return plain.removesuffix("_exposure").removesuffix("_outcome")


def _by_synonym(plain: dict[str, str]) -> dict[str, str]:
    found = {}
    for standard, synonyms in SYNONYMS.items():
        name = next((plain[synonym] for synonym in synonyms if synonym in plain), None)
        if name is not None:
            found[standard] = name
    return found


def _without_contradictions(columns: dict[str, str]) -> dict[str, str]:
    """Keep ALT, and its frequency, only where they say something about the effect allele."""
    effect_is_alt = columns.get("effect_allele") == columns.get("alt")
    other_is_ref = _plain(columns.get("other_allele", "")) == "ref"
    drop = {"alt"} if effect_is_alt or not other_is_ref else set()
    if not effect_is_alt or "effect_frequency" in columns:
        drop.add("alt_frequency")
    return {standard: name for standard, name in columns.items() if standard not in drop}
