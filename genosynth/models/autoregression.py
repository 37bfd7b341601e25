"""Autoregressive decoder head: each genotype given those before it on its chromosome.

In training, people are the last axis: (n_variants, ·, n). Each product over people is then a plain
matrix product on memory as it lies, and a window of neighbours is a view, not a copy.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

N_CLASSES = 3  # 0, 1 or 2 copies of the ALT allele
BLOCK = 64  # variants whose states are one matrix product; cost per variant grows with it


class GenotypeFeatures(nn.Module):
    """Heterozygote and homozygote indicators, centred; a missing call is zero, the mean.

    Linear functions of these two are all functions of one genotype.
    """

    frequencies: Tensor

    def __init__(self, genotype_frequencies: Tensor) -> None:
        """Keep the frequencies of 1 and 2 copies: (n_variants, 2)."""
        super().__init__()
        self.register_buffer("frequencies", genotype_frequencies)

    def forward(self, counts: Tensor) -> Tensor:
        """Turn int8 counts (n, n_variants) into features (n_variants, 2, n)."""
        counts = counts.T
        indicators = torch.stack((counts == 1, counts == 2), dim=1).to(self.frequencies.dtype)
        return (indicators - self.frequencies[:, :, None]) * (counts >= 0)[:, None]

    def of_variant(self, drawn: Tensor, variant: int) -> Tensor:
        """Features of one variant: (n,) → (n, 2)."""
        indicators = torch.stack((drawn == 1, drawn == 2), dim=1).to(self.frequencies.dtype)
        return indicators - self.frequencies[variant]


@dataclass(frozen=True)
class Block:
    """Neighbouring variants on one chromosome."""

    first: int
    size: int
    chromosome: int
    starts_chromosome: bool

    @property
    def variants(self) -> slice:
        """Rows of this block in per-variant tensors."""
        return slice(self.first, self.first + self.size)


# Uria, Côté, Gregor, Murray & Larochelle 2016 (NADE), equations 2-3, with a band of direct weights:
#   state_j = start + Σ_{i<j} W_i φ(g_i)         on one chromosome
#   logits_j = base_j + U_j tanh(state_j) + Σ_{k≤K} A_jk φ(g_{j−k})
class NeuralAutoregression(nn.Module):
    """Logits of each genotype from its predecessors on the same chromosome."""

    in_band: Tensor
    earlier: Tensor

    def __init__(
        self, chromosome_sizes: tuple[int, ...], *, n_hidden: int, n_neighbours: int
    ) -> None:
        """Build a head for variants in genomic order, `chromosome_sizes` of them on each."""
        super().__init__()
        n_variants = sum(chromosome_sizes)
        self.chromosome_sizes = chromosome_sizes
        self.n_hidden = n_hidden
        self.n_neighbours = n_neighbours
        self.absorb = nn.Parameter(torch.randn(n_variants, 2, n_hidden) / n_hidden**0.5)
        self.emit = nn.Parameter(torch.zeros(n_variants, N_CLASSES, n_hidden))
        self.band = nn.Parameter(torch.zeros(n_variants, N_CLASSES, n_neighbours, 2))
        in_band = band_mask(chromosome_sizes, n_neighbours)[:, None, :, None]
        self.register_buffer("in_band", in_band, persistent=False)
        earlier = torch.ones(BLOCK, BLOCK).tril(-1)
        self.register_buffer("earlier", earlier, persistent=False)

    def forward(self, base: Tensor, starts: Tensor, features: Tensor) -> Tensor:
        """Logits of all genotypes at once, predecessors known (teacher forcing).

        base: (n_variants, 3, n); starts: (n_chromosomes, n_hidden, n); features:
        (n_variants, 2, n). Returns (n_variants, 3, n).
        """
        features = features.to(starts.dtype)
        absorb, emit = self.absorb.to(starts.dtype), self.emit.to(starts.dtype)
        emitted = []
        state = starts[0]
        for block in blocks(self.chromosome_sizes):
            if block.starts_chromosome:
                state = starts[block.chromosome]
            seen = features[block.variants].flatten(0, 1)  # (size * 2, n)
            states = state + self._within(absorb[block.variants], seen)
            emitted.append(torch.bmm(emit[block.variants], torch.tanh(states)))
            state = state + absorb[block.variants].flatten(0, 1).T @ seen
        return base + torch.cat(emitted) + self._banded(features)

    def _within(self, absorb: Tensor, seen: Tensor) -> Tensor:
        """What each variant of a block absorbs of those before it: (size, n_hidden, n)."""
        size, _, n_hidden = absorb.shape
        earlier = self.earlier[:size, None, :size, None].to(absorb.dtype)
        weights = absorb.permute(2, 0, 1) * earlier  # (size, n_hidden, size, 2)
        return (weights.reshape(size * n_hidden, -1) @ seen).view(size, n_hidden, -1)

    def _banded(self, features: Tensor) -> Tensor:
        """Direct weights on the nearest neighbours: (n_variants, 3, n)."""
        n_variants, _, n = features.shape
        padded = functional.pad(features, (0, 0, 0, 0, self.n_neighbours, 0)).contiguous()
        windows = padded.as_strided((n_variants, 2 * self.n_neighbours, n), (2 * n, n, 1))
        return torch.bmm(self._masked_band().flatten(2).to(features.dtype), windows)

    def _masked_band(self) -> Tensor:
        return self.band * self.in_band

    @torch.no_grad()
    def sample(
        self, base: Tensor, starts: Tensor, features: GenotypeFeatures, uniforms: Tensor
    ) -> Tensor:
        """Draw genotypes one variant after the other: int8 (n, n_variants).

        base: (n_variants, 3, n); starts: (n_chromosomes, n_hidden, n); uniforms (n, n_variants)
        in [0, 1) are the dice.
        """
        n = base.shape[2]
        counts = torch.empty((len(base), n), dtype=torch.int8, device=base.device)
        band = self._masked_band().flatten(2)
        window = base.new_zeros(2 * self.n_neighbours, n)  # nearest neighbour last
        variant = 0
        for size, start in zip(self.chromosome_sizes, starts, strict=True):
            state = start
            for _ in range(size):
                logits = base[variant] + self.emit[variant] @ torch.tanh(state)
                logits = logits + band[variant] @ window
                cumulative = logits.softmax(dim=0).cumsum(dim=0)[:-1]
                drawn = (uniforms[:, variant] >= cumulative).sum(dim=0)
                counts[variant] = drawn
                phi = features.of_variant(drawn, variant).T
                state = torch.addmm(state, self.absorb[variant].T, phi)
                window = torch.cat((window[2:], phi))
                variant += 1
        return counts.T


def blocks(chromosome_sizes: tuple[int, ...]) -> Iterator[Block]:
    """Cut chromosomes into blocks of at most `BLOCK` variants."""
    first = 0
    for chromosome, size in enumerate(chromosome_sizes):
        for start in range(0, size, BLOCK):
            yield Block(first + start, min(BLOCK, size - start), chromosome, start == 0)
        first += size


def band_mask(chromosome_sizes: tuple[int, ...], n_neighbours: int) -> Tensor:
    """1 where the k-th neighbour before a variant lies on its chromosome: (n_variants, K)."""
    rank = torch.cat([torch.arange(size) for size in chromosome_sizes])
    distance = torch.arange(n_neighbours, 0, -1)  # nearest last, as in the windows
    return (distance <= rank[:, None]).float()
