import torch

from genosynth.models.banded import pad_band, take_band, windows_of_blocks


def test_pad_band__a_block_at_a_time_gives_what_one_variant_at_a_time_gives():
    """Each variant's weights meet the alleles just before it, zeros before the first."""
    n_variants, n_before, n = 11, 3, 5
    generator = torch.Generator().manual_seed(1)
    band = torch.randn(n_variants, n_before, generator=generator)
    seen = torch.randn(n_variants, n, generator=generator)
    padded = torch.cat((torch.zeros(n_before, n), seen))
    expected = torch.stack([band[j] @ padded[j : j + n_before] for j in range(n_variants)])
    for size in (1, 4, 16):
        windows = windows_of_blocks(seen, n_before=n_before, size=size)
        blocks = torch.split(band, size)
        found = [pad_band(each) @ window for each, window in zip(blocks, windows, strict=True)]
        torch.testing.assert_close(torch.cat(found), expected)


def test_pad_band__keeps_leading_axes():
    band = torch.arange(12.0).reshape(2, 3, 2)
    assert torch.equal(pad_band(band)[1], pad_band(band[1]))
    assert pad_band(band)[0].tolist() == [[0, 1, 0, 0], [0, 2, 3, 0], [0, 0, 4, 5]]


def test_take_band__takes_what_pad_band_laid_there():
    band = torch.randn(3, 4, 7)
    matrix = pad_band(band)
    elsewhere = matrix == 0
    torch.testing.assert_close(take_band(matrix + 9.0 * elsewhere), band)
