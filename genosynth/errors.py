"""Errors a user can act on, ordered by who must act.

GenosynthError
├── ConfigError         the config file says something impossible
├── CohortError         genotypes, phenotypes or covariates are not what they should be
├── SelectionError      summary statistics, clumping or a variant list leave no usable panel
├── ArtifactMismatch    two results do not belong together, or one of them is damaged
├── TrainingDiverged    a loss became infinite or not a number
├── DeviceUnavailable   a GPU was asked for and there is none
├── ProcessLost         one of the processes that share a job has died
└── WriteFailed         a result could not be written, e.g. the disk is full

A message gives the value, the file and the remedy.
"""


class GenosynthError(Exception):
    """Base of every error that is the user's to mend, shown without a traceback."""


class ConfigError(GenosynthError):
    """The config file says something impossible."""


class CohortError(GenosynthError):
    """Genotypes, phenotypes or covariates are not what they should be."""


class SelectionError(GenosynthError):
    """Summary statistics, clumping or a variant list leave no usable panel."""


class ArtifactMismatch(GenosynthError):
    """Two results do not belong together, or one of them is damaged."""


class TrainingDiverged(GenosynthError):
    """A loss became infinite or not a number."""


class DeviceUnavailable(GenosynthError):
    """A GPU was asked for and there is none."""


class ProcessLost(GenosynthError):
    """One of the processes that share a job has died."""


class WriteFailed(GenosynthError):
    """A result could not be written."""
