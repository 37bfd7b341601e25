"""The genotype VAE."""

from genosynth.settings.section import Count, Fraction, Positive, Section


class VaeSettings(Section):
    """The genotype VAE: encoder, latents, and an autoregressive decoder within chromosomes."""

    n_latent: Count = 16
    """Latents of a person: what spans chromosomes (ancestry, the trait)."""

    width: Count = 256
    """Hidden units of encoder and decoder."""

    n_hidden: Count = 64
    """Hidden units of the autoregressive head: what spans a chromosome."""

    n_neighbours: Count = 32
    """Preceding variants the linear part of the head looks at."""

    kl_weight: Positive = 0.3
    """Weight of the KL term; below 1, because the latent diffusion model is the prior."""

    label_dropout: Fraction = 0.1
    """Fraction of known labels hidden in training, each label on its own."""

    weight_decay: float = 0.1
    """AdamW decay of all weights but label effects and biases."""

    learning_rate: Positive = 2e-3
    """Peak learning rate of AdamW."""

    batch_size: Count = 256
    """People in a step at most; of a small cohort a thirtieth, so that it gets enough steps."""

    max_epochs: Count = 16
    """Passes over the training people at most, and validations in all."""

    min_steps: Count = 480
    """Steps planned at least: sixteen passes over a thousand people would teach little."""

    patience: Count = 4
    """Validations without a better loss before training stops."""

    validation_fraction: Fraction = 0.05
    """Share of train kept aside to choose the stopping epoch."""

    ema_decay: Fraction = 0.999
    """Decay of the average of weights, reached after a warm-up."""
