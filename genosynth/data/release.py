"""A synthetic cohort as it is given away: PLINK files, a README and its provenance."""

import json
import logging
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import jinja2
import pandas as pd

from genosynth.data.genotypes import Genotypes
from genosynth.data.labels import Label, as_levels
from genosynth.data.pgen import HUMAN_AUTOSOMES, write_pgen
from genosynth.errors import ArtifactMismatch
from genosynth.files import read_table, whole

logger = logging.getLogger(__name__)

TELLING_LENGTH = 7  # shorter ids, such as 1 or F12, occur in any text by chance
METHODS = {
    "latent_diffusion": "A variational autoencoder compresses people, a flow model draws new "
    "compressed people with the wanted labels, and an autoregressive decoder draws their two "
    "haplotypes allele by allele; genotypes are their sums.",
    "independent": "Every variant was drawn on its own from the genotype frequencies of people "
    "with the same labels. **There is no LD**: this release is a baseline for comparison.",
    "copula": "Correlated normal values (a Gaussian copula), cut at the genotype frequencies of "
    "people with the same labels.",
    "clusters": "Each haplotype is a mosaic of clusters of alike haplotypes (a hidden Markov "
    "model); labels shift the allele frequencies within clusters.",
}
PANELS = {
    "gwas": "Variants associated with the trait in the training part or in external summary "
    "statistics, at most one for each group in linkage disequilibrium.",
    "list": "Variants of a given list.",
    "prune": "Variants pruned by linkage disequilibrium.",
    "region": "Variants of one region.",
    "all": "All variants that passed quality control.",
}


def write_release(
    synthetic: Genotypes,
    labels: list[Label],
    folder: str | Path,
    *,
    provenance: dict[str, Any],
    template: str | Path,
    real_ids: Iterable[str],
    autosomes: int = HUMAN_AUTOSOMES,
) -> None:
    """Write synthetic.{pgen,pvar,psam}, README.md and provenance.json, all or nothing.

    Raises:
        ArtifactMismatch: an identifier of a real person would be released.
        WriteFailed: the disk is full or not writable.
    """
    synthetic = _released_columns(synthetic, labels)
    with whole(folder) as temporary:
        temporary.mkdir()
        write_pgen(synthetic, temporary / "synthetic", labels=labels, autosomes=autosomes)
        people = read_table(temporary / "synthetic.psam", dtype=str)
        readme = readme_text(
            people, synthetic.variants, labels, provenance=provenance, template=template
        )
        (temporary / "README.md").write_text(readme)
        (temporary / "provenance.json").write_text(json.dumps(provenance, indent=2) + "\n")
        check_no_real_identifier(temporary, set(real_ids))
    logger.info("released %d synthetic people at %d variants", *synthetic.counts.shape)


def check_no_real_identifier(folder: Path, real_ids: set[str]) -> None:
    """Look for ids of real people among the synthetic people's and in the texts of a release.

    Raises:
        ArtifactMismatch: there is one.
    """
    people = read_table(folder / "synthetic.psam", dtype=str)
    if shared := real_ids & set(people["#IID"]):
        raise ArtifactMismatch(
            f"{len(shared)} ids of synthetic people are ids of the cohort's (first: "
            f"{min(shared)}). Nothing is released: give the cohort's people other ids"
        )
    telling = {name for name in real_ids if len(name) >= TELLING_LENGTH}
    for name in ("synthetic.psam", "README.md", "provenance.json"):
        words = set(re.findall(r"[^\s\"'`,;:|()]+", (folder / name).read_text()))
        if shared := telling & words:
            raise ArtifactMismatch(
                f"{name} would name {len(shared)} of the cohort's people (first: {min(shared)}). "
                "Nothing is released: look where a setting or a label holds an id"
            )


def readme_text(
    people: pd.DataFrame,
    variants: pd.DataFrame,
    labels: list[Label],
    *,
    provenance: dict[str, Any],
    template: str | Path,
) -> str:
    """Fill the README: `people` as in the .psam file, `provenance` as in provenance.json."""
    made, settings = provenance["made"], provenance["settings"]
    trait = next((_column_of(label, people) for label in labels if label.role == "trait"), None)
    is_learnt = made["generator"] == "latent_diffusion"
    guidance = settings["sampling"]["guidance"] if is_learnt else 1
    is_matched = settings["sampling"]["composition"] == "matched"
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, trim_blocks=True)
    return environment.from_string(Path(template).read_text()).render(
        made=made | {"trait_text": trait or "no trait", "trait_column": trait},
        settings=settings,
        n_people=len(people),
        n_variants=len(variants),
        n_chromosomes=variants["chromosome"].nunique(),
        columns=[describe_column(label, people) for label in labels],
        panel=PANELS[settings["selection"]["method"]],
        composition=(
            "As in the training part, of people whose trait is known."
            if is_matched
            else f"Composed on request ({json.dumps(settings['sampling']['composition'])}): "
            "**fractions of cases are not those of the cohort.**"
        ),
        labels_note=(
            "Numbers of people with a label repeat those of the training part."
            if is_matched
            else ""
        ),
        method=METHODS[made["generator"]],
        guidance=guidance if guidance != 1 else None,
        expects=is_learnt and trait is not None and settings["vae"]["effects"] == "expected",
    )


def describe_column(label: Label, people: pd.DataFrame) -> dict[str, str]:
    """Name, coding and content of a label's column of the .psam file."""
    name = _column_of(label, people)
    values = people[name].dropna()
    if label.kind == "quantitative":
        numbers = values.astype(float)
        coding = "number; NA: unknown"
        content = f"mean {numbers.mean():.4g}, SD {numbers.std():.4g}"
    else:
        codings = {"binary": "1: no (control), 2: yes (case); NA: unknown"}
        coding = codings.get(label.kind, "category; NONE: unknown")
        coding = "1: male, 2: female; NA: unknown" if name == "SEX" else coding
        counts = values.value_counts().sort_index()
        content = ", ".join(f"{level}: {count:,}" for level, count in counts.items())
    return {"name": name, "coding": coding, "content": content}


def _column_of(label: Label, people: pd.DataFrame) -> str:
    """Name under which `write_pgen` filed a label; a label called sex may fill SEX."""
    name = "_".join(label.name.split())
    return name if name in people.columns else "SEX"


def _released_columns(synthetic: Genotypes, labels: list[Label]) -> Genotypes:
    """Levels as text, and no column but the labels'."""
    samples = synthetic.samples[["iid", *(label.name for label in labels)]].copy()
    for label in labels:
        if label.kind == "categorical":
            samples[label.name] = as_levels(samples[label.name])
    return Genotypes(synthetic.counts, samples, synthetic.variants)
