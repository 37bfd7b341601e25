"""How many synthetic people are drawn, with which labels."""

from typing import Literal

from genosynth.settings.section import Count, Fraction, Positive, Section


class SamplingSettings(Section):
    """How many synthetic people are drawn, with which labels."""

    size: Literal["matched"] | Count = "matched"
    """matched: as many as there are training people whose trait is known; or a number."""

    composition: Literal["matched", "balanced"] | dict[str, Fraction] = "matched"
    """matched: labels as in train; balanced: equal classes; or {trait: fraction of cases}."""

    guidance: Positive = 1.0
    """Classifier-free guidance: multiplies the trait's effects; 1 is the learnt distribution."""

    steps: Count = 8
    """Steps of the latent sampler (Heun: two evaluations each)."""

    repeats: Count = 1
    """Synthetic cohorts drawn and scored; the first is released."""

    vcf: bool = False
    """Write synthetic.vcf.gz beside the PLINK files."""
