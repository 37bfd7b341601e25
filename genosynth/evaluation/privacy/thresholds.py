"""How many are caught at a threshold that few strangers reach. Nothing is interpolated."""

import numpy as np
from numpy.typing import NDArray

FALSE_ALARMS = 0.01  # share of strangers who may be accused

Values = NDArray[np.float64]


def n_allowed(n_strangers: int, false_alarms: float) -> int:
    """Strangers who may be accused.

    >>> n_allowed(250, 0.01), n_allowed(99, 0.01)
    (2, 0)
    """
    return int(false_alarms * n_strangers + 1e-9)  # 0.29 × 100 is 28.999…


def n_caught(suspects: Values, strangers: Values, *, false_alarms: float = FALSE_ALARMS) -> int:
    """Suspects at or above the lowest threshold that no more than the allowed strangers reach.

    >>> n_caught(np.array([1.0, 3.0, 5.0]), np.array([0.0, 3.0, 2.0, 9.0]), false_alarms=0.25)
    1
    """
    allowed = n_allowed(len(strangers), false_alarms)
    if allowed >= len(strangers):
        return len(suspects)
    # just above the first stranger who must not be accused, ties with whom go free
    return int((suspects > np.sort(strangers)[len(strangers) - 1 - allowed]).sum())
