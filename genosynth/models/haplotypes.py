"""Alleles along a haplotype: each given what is known of the person, and those before it.

A genotype is the sum of two haplotypes, so Hardy-Weinberg proportions given labels and latents, and
linkage that excludes whole haplotypes, hold by construction. A model of genotypes would have to
learn both, pair by pair.

Inside the model people come last, (n_variants, 2, n): a window of neighbours is then a view, not a
copy. Phased people at rest are `haplotypes` (n, 2, n_variants), people first as everywhere.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

MISSING = -1  # an allele of a genotype without a call
EVERY = slice(None)
PAIRED = 2**0.5  # SD of the sum of two haplotypes whose SD is 1


# Log-odds of the ALT allele h_j, whose frequency is p_j and s_j² = p_j (1 − p_j):
#   s_j · logit_j = intercept_j + Σ_l effect_jl told_l + context_j + Σ_{k≤K} band_jk φ_{j−k}
#   φ_k = (h_k − p_k) / s_k
# told: the person's labels and latents; context: what a network makes of the latents beside it.
# On this scale a weight is about a partial correlation, whatever the frequencies, so that one
# ridge penalty and one learning rate suit rare and common variants.
class HaplotypeAutoregression(nn.Module):
    """Log-odds of each ALT allele, linear in what is told of the person and in earlier alleles."""

    frequencies: Tensor
    scale: Tensor
    in_band: Tensor

    def __init__(
        self,
        chromosome_sizes: tuple[int, ...],
        frequencies: Tensor,
        *,
        n_told: int,
        n_neighbours: int,
    ) -> None:
        """Start as independent draws of ALT alleles with `frequencies` (n_variants,)."""
        super().__init__()
        n_variants = sum(chromosome_sizes)
        self.chromosome_sizes = chromosome_sizes
        self.n_neighbours = n_neighbours
        scale = (frequencies * (1 - frequencies)).sqrt()
        self.register_buffer("frequencies", frequencies.clone())
        self.register_buffer("scale", scale)
        in_band = band_mask(chromosome_sizes, n_neighbours)
        self.register_buffer("in_band", in_band, persistent=False)
        self.intercepts = nn.Parameter(frequencies.logit() * scale)
        self.effects = nn.Parameter(torch.zeros(n_variants, n_told))
        self.band = nn.Parameter(torch.zeros(n_variants, n_neighbours))

    def base(self, told: Tensor) -> Tensor:
        """What intercepts and effects of told (n, n_told) say: (n_variants, n), in their scale."""
        base: Tensor = self.intercepts[:, None] + self.effects @ told.T
        return base

    def standardise(self, alleles: Tensor, variants: slice = EVERY) -> Tensor:
        """Alleles (n_variants, …) with mean 0 and variance 1; a missing one is the mean."""
        shape = (-1,) + (1,) * (alleles.ndim - 1)
        centred = alleles - self.frequencies[variants].view(shape)
        return centred / self.scale[variants].view(shape) * (alleles != MISSING)

    def log_odds(self, base: Tensor, alleles: Tensor) -> Tensor:
        """Log-odds of all alleles at once, predecessors known (teacher forcing).

        base: (n_variants, n), the same for both haplotypes; alleles: (n_variants, 2, n).
        """
        n_variants, _, n = alleles.shape
        seen = self.standardise(alleles).flatten(1)
        padded = functional.pad(seen, (0, 0, self.n_neighbours, 0)).contiguous()
        windows = padded.as_strided((n_variants, self.n_neighbours, 2 * n), (2 * n, 2 * n, 1))
        linked = torch.bmm(self.masked_band()[:, None], windows).view(n_variants, 2, n)
        return (base[:, None] + linked) / self.scale[:, None, None]

    def masked_band(self) -> Tensor:
        """Weights of the neighbours, zero across a chromosome's start."""
        return self.band * self.in_band

    @torch.no_grad()
    def sample(self, base: Tensor, dice: Tensor) -> Tensor:
        """Draw haplotypes allele by allele: int8 (n_variants, 2, n).

        base: (n_variants, n); dice: (n_variants, 2, n), uniform in [0, 1).
        """
        walk = Walk(self, n=base.shape[1], like=base)
        alleles = torch.empty(dice.shape, dtype=torch.int8, device=base.device)
        for variant, uniforms in enumerate(dice):
            alleles[variant] = uniforms < walk.probability(variant, base[variant])
            walk.append(variant, alleles[variant])
        return alleles


class Walk:
    """Two haplotypes of each of n people on their way along the variants."""

    def __init__(self, head: HaplotypeAutoregression, *, n: int, like: Tensor) -> None:
        """Start before the first variant."""
        self.head = head
        self.band = head.masked_band()
        self.window = like.new_zeros(head.n_neighbours, 2, n)  # standardised, nearest last

    def probability(self, variant: int, base: Tensor) -> Tensor:
        """Of the ALT allele on each haplotype: (2, n); base: (n,)."""
        linked = (self.band[variant] @ self.window.flatten(1)).view(2, -1)
        return ((base + linked) / self.head.scale[variant]).sigmoid()

    def append(self, variant: int, alleles: Tensor) -> None:
        """Go on with these alleles (2, n)."""
        seen = self.head.standardise(alleles[None], slice(variant, variant + 1))
        self.window = torch.cat((self.window[1:], seen))


def band_mask(chromosome_sizes: tuple[int, ...], n_neighbours: int) -> Tensor:
    """1 where the k-th neighbour before a variant lies on its chromosome: (n_variants, K)."""
    rank = torch.cat([torch.arange(size) for size in chromosome_sizes])
    distance = torch.arange(n_neighbours, 0, -1)  # nearest last, as in the windows
    return (distance <= rank[:, None]).float()
