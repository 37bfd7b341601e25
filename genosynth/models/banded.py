"""Products with a band of weights, block by block.

Each variant has weights for the K alleles before it. One product for each variant is slow, because
its matrices are narrow; one for all of them at once spills every cache. A block of neighbouring
variants shares one window of alleles, and a dense matrix with the band on its diagonal.
"""

from torch import Tensor
from torch.nn import functional


def pad_band(band: Tensor) -> Tensor:
    """Lay a band (…, n_block, K) on the diagonal of a matrix (…, n_block, K + n_block − 1).

    Row i is shifted by i, so that its last weight meets the allele just before variant i of the
    block.
    """
    n_block, n_before = band.shape[-2:]
    widened = functional.pad(band, (0, n_block)).flatten(-2)  # each row now ends one too late
    shape = (*band.shape[:-1], n_before + n_block - 1)
    return widened[..., :-n_block].reshape(shape)


def take_band(matrix: Tensor) -> Tensor:
    """Give the band (…, n_block, K) on the diagonal of a matrix (…, n_block, K + n_block − 1)."""
    n_block, width = matrix.shape[-2:]
    widened = functional.pad(matrix.flatten(-2), (0, n_block))
    rows = widened.view(*matrix.shape[:-1], width + 1)  # each now starts with its own first weight
    return rows[..., : width + 1 - n_block]


def windows_of_blocks(seen: Tensor, *, n_before: int, size: int) -> list[Tensor]:
    """What each block of at most `size` variants sees: views (n_before + n_block − 1, n).

    seen: (n_variants, n); before the first variant there are zeros.
    """
    padded = functional.pad(seen, (0, 0, n_before, 0))
    starts = range(0, len(seen), size)
    return [padded[start : min(start + size, len(seen)) + n_before - 1] for start in starts]
