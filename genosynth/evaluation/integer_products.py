"""Inner products of people as rows of small integers: exact, and ten times as fast as of floats.

Processors multiply bytes by the dozen (VNNI, AMX), and sums over a panel stay exact in 32 bits.
"""

import numpy as np
import torch
from numpy.typing import NDArray

Bytes = NDArray[np.int8]  # (n_people, n_columns)


def integer_products(left: Bytes, right: Bytes) -> NDArray[np.int32]:
    """Inner products (n_left, n_right) of each left row with each right row."""
    if 0 in (*left.shape, *right.shape):
        return np.zeros((len(left), len(right)), np.int32)
    product: NDArray[np.int32] = torch._int_mm(
        torch.from_numpy(left), torch.from_numpy(right).T
    ).numpy()
    return product
