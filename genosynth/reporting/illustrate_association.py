"""Figures of a trait: do variants act on it as in real people?"""

from functools import partial

from genosynth.reporting.comparison_figures import draw_effects
from genosynth.reporting.gwas_figures import draw_miami, draw_quantiles
from genosynth.reporting.illustration import Illustration, overlay, people, small_multiples
from genosynth.reporting.results import TraitResults
from genosynth.reporting.verdicts import REAL_ROW


def illustrate_association(results: TraitResults, generators: list[str]) -> list[Illustration]:
    """Draw them in the order of the page."""
    return [
        _effects(results, generators),
        _miami(results, generators),
        _quantiles(results, generators),
    ]


def _effects(results: TraitResults, generators: list[str]) -> Illustration:
    return Illustration(
        "effects",
        "Effects on the trait",
        f"Standardised effect of each of {len(results.panel):,} variants against its effect in "
        "training people, with lines through the origin. Effects in the panel were chosen for "
        "being large in training people, so held-out people show them smaller (black): the "
        f"winner's curse, which a faithful generator inherits. {people(results, generators)}.",
        small_multiples(
            results,
            generators,
            data="effects",
            draw=draw_effects,
            alt="Scatter plot of the effects of {n} variants, {generator} against real training "
            "people, with fitted slopes.",
        ),
    )


def _miami(results: TraitResults, generators: list[str]) -> Illustration:
    return Illustration(
        "miami",
        "The scan again, real above synthetic",
        f"plink2 --glm of the {len(results.panel):,} variants of the panel, the conditions being "
        "covariates. Upwards: real training people. Downwards: first real held-out people, which "
        "is what a scan of other people finds, who are fewer; then synthetic people, whose "
        "p-values repeat those of train and are no evidence of their own. "
        f"Dashed: genome-wide significance. {people(results, generators)}.",
        [
            *small_multiples(
                results,
                [REAL_ROW],
                data="gwas",
                draw=partial(draw_miami, below="real held-out people"),
                alt="Miami plot of {n} variants, real training people above {generator} people.",
            ),
            *small_multiples(
                results,
                generators,
                data="gwas",
                draw=draw_miami,
                alt="Miami plot of {n} variants, real training people above {generator} people.",
            ),
        ],
        is_wide=True,
    )


def _quantiles(results: TraitResults, generators: list[str]) -> Illustration:
    return Illustration(
        "quantiles",
        "P-values of the scan in order",
        "Quantile–quantile plot of the same scans. Dashed: chance; shaded, where 95 % of "
        "independent variants lie at each rank. The panel was chosen for small "
        "p-values in training people, so that theirs lie above those of the held-out people, who "
        f"are fewer, too. {people(results, generators)}.",
        overlay(
            results,
            generators,
            data="gwas",
            draw=draw_quantiles,
            note=". Shaded: 95 % of chance at each rank",
            alt="Quantile–quantile plot of p-values in real and in synthetic people.",
        ),
    )
