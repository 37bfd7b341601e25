"""Which variants are synthesised."""

from typing import Literal, Self

from pydantic import Field, model_validator

from genosynth.settings.section import Count, Fraction, Positive, Section


class SelectionSettings(Section):
    """Which variants are synthesised: the panel of each trait."""

    method: Literal["gwas", "list", "prune", "region", "all"] = "gwas"
    """gwas: clumped, strongest first; list: named; prune: LD-pruned; region; all: after QC."""

    p_value: Fraction = 1.0
    """gwas: highest p-value of a clump's index variant."""

    r2: Fraction = 0.1
    """gwas, prune: highest r² between two panel variants within the window."""

    window_kb: Positive = 250
    """gwas, prune: window within which r² counts."""

    size: Count | None = 1024
    """Largest number of variants: strongest first (gwas) or evenly thinned; null: no limit."""

    variants: str | None = None
    """list: file with one variant id per line."""

    region: str | None = Field(None, pattern=r"^\d+(:\d+-\d+)?$")
    """region: chromosome, or chromosome:start-end in base pairs."""

    @model_validator(mode="after")
    def _method_has_what_it_needs(self) -> Self:
        if self.method == "list" and self.variants is None:
            raise ValueError("method list needs selection.variants: a file of variant ids")
        if self.method == "region" and self.region is None:
            raise ValueError("method region needs selection.region: chromosome:start-end")
        return self
