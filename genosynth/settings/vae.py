"""The genotype VAE."""

from typing import Annotated, Literal

from pydantic import Field

from genosynth.settings.section import Count, Fraction, Positive, Section


class VaeSettings(Section):
    """The genotype VAE: encoder, latents, and a decoder that goes along haplotypes."""

    n_latent: Count = 8
    """Latents of a person: what spans chromosomes (ancestry that no condition tells)."""

    width: Count = 256
    """Hidden units of the encoder."""

    n_neighbours: Count = 64
    """Preceding variants of its haplotype that an allele depends on directly."""

    ridge: Positive = 0.3
    """Ridge penalty of each of these dependences, in haplotypes, beside a heavy-tailed prior."""

    n_units: Annotated[int, Field(ge=0)] = 16
    """Hidden units of each variant: what its nearest 32 predecessors say together."""

    unit_rounds: Count = 30
    """Rounds at most in which these units are taught, three passes over the people each."""

    effects: Literal["observed", "expected"] = "observed"
    """Effects of the trait: as in train, or expected in new people, less the winner's curse."""

    kl_weight: Positive = 0.5
    """Weight of the KL term; below 1, because the latent diffusion model is the prior."""

    label_dropout: Fraction = 0.1
    """Fraction of known labels hidden in training, each label on its own."""

    weight_decay: float = 0.1
    """AdamW decay of the networks; effects of labels and latents are free of it."""

    learning_rate: Positive = 3e-3
    """Peak learning rate of AdamW."""

    batch_size: Count = 256
    """People in a step."""

    max_epochs: Count = 8
    """Passes over the training people, and validations; fewer where training stops early."""

    min_steps: Count = 240
    """Steps planned at least: eight passes over a thousand people would teach little."""

    patience: Count = 4
    """Validations without a better loss before training stops."""

    validation_fraction: Fraction = 0.05
    """Share of train kept aside to choose the stopping epoch."""

    ema_decay: Fraction = 0.999
    """Decay of the average of weights, reached after a warm-up."""
