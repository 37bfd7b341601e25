"""How the cohort is divided, once, for every stage."""

from typing import Self

from pydantic import Field, model_validator

from genosynth.settings.section import Fraction, Section


class SplitSettings(Section):
    """How the cohort is divided, once, for every stage."""

    train: Fraction = 0.7
    """Fraction of people that fit everything: GWAS, frequencies, generators."""

    test: Fraction = 0.2
    """Fraction held out for utility and as non-members."""

    reference: Fraction = 0.1
    """Fraction that an attacker owns; nothing else sees it."""

    kinship: float = Field(0.0884, gt=0, lt=0.5)
    """KING kinship above which two people belong to one family and stay on one side."""

    @model_validator(mode="after")
    def _fractions_sum_to_one(self) -> Self:
        total = self.train + self.test + self.reference
        if abs(total - 1) > 1e-6:
            raise ValueError(f"train, test and reference must sum to 1, not {total:g}")
        return self
