"""The latent diffusion model."""

from genosynth.settings.section import Count, Fraction, Positive, Section


class DiffusionSettings(Section):
    """The latent diffusion model: flow matching with label dropout for guidance."""

    width: Count = 256
    """Hidden units."""

    n_blocks: Count = 3
    """Residual blocks."""

    label_dropout: Fraction = 0.15
    """Fraction of known labels hidden in training, each label on its own."""

    learning_rate: Positive = 1e-3
    """Peak learning rate of AdamW."""

    weight_decay: float = 1e-3
    """AdamW decay."""

    batch_size: Count = 512
    """People in a step."""

    n_steps: Count = 600
    """Training steps at most."""

    validate_every: Count = 100
    """Steps between validations on fixed noise."""

    patience: Count = 5
    """Validations without improvement before training stops."""

    ema_decay: Fraction = 0.999
    """Decay of the average of weights, reached after a warm-up."""

    validation_fraction: Fraction = 0.05
    """Share of train kept aside to choose the stopping step; those of the VAE when equal."""
