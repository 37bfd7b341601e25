"""Whose synthetic people are scored: generators fitted here, and releases made elsewhere."""

from typing import Annotated, Literal, get_args

from pydantic import AfterValidator, Discriminator, Field, Tag

from genosynth.settings.section import Section

BuiltIn = Literal["latent_diffusion", "independent", "copula", "clusters"]
# Scored as if they were synthetic; in the order in which tables show them.
REFERENCE_ROWS = ("real_holdout", "real_train", "train_copy")
# Scored likewise by some groups of scores alone, and no column of a table: controls of the search
# for copies, and the floor of what is about the trait.
PRIVACY_CONTROLS = ("train_few",)
TRAIT_FLOORS = ("label_shuffled",)
ROWS_OF_REAL_PEOPLE = (*REFERENCE_ROWS, *PRIVACY_CONTROLS, *TRAIT_FLOORS)
TAKEN = {  # folders of a trait
    *(*get_args(BuiltIn), *ROWS_OF_REAL_PEOPLE),
    *("genotypes", "labels", "gwas", "clumps"),
}


def _is_free(name: str) -> str:
    if name in TAKEN:
        raise ValueError("the name is taken by a generator, a reference row or a folder of results")
    return name


class ExternalRelease(Section):
    """Synthetic people made elsewhere, scored beside the generators."""

    name: Annotated[
        str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]*$", max_length=40), AfterValidator(_is_free)
    ]
    """Name in folders, tables and figures: letters, digits and underscores."""

    release: str
    """Prefix or file of one PLINK, VCF, BCF or BGEN fileset, as genotypes.path."""

    labels: str | None = None
    """Table (TSV) with IID, the trait and the conditions; null: from the .psam of the release."""


def _which(value: object) -> str:
    return "built_in" if isinstance(value, str) else "external"


Generator = Annotated[
    Annotated[BuiltIn, Tag("built_in")] | Annotated[ExternalRelease, Tag("external")],
    Discriminator(_which),
]
