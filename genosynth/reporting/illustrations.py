"""Figures with their captions: which are drawn for a cohort and a trait, and what they show."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import pandas as pd
from matplotlib.figure import Figure

from genosynth.reporting.cohort_figures import draw_cohort_components, draw_curves
from genosynth.reporting.comparison_figures import (
    draw_allele_frequencies,
    draw_attack,
    draw_components,
    draw_effects,
    draw_exposure,
    draw_groups,
    draw_ld_block,
    draw_ld_decay,
    draw_nearest,
    draw_roc,
)
from genosynth.reporting.drawing import HOLDOUT_COLOUR, LEAKING_COLOUR, colour_generators, to_svg
from genosynth.reporting.gwas_figures import draw_manhattan, draw_miami, draw_quantiles
from genosynth.reporting.results import CohortResults, TraitResults
from genosynth.reporting.verdicts import LEAKING_ROW, REAL_ROW
from genosynth.reporting.wording import ATTACK_NAMES, format_seconds, name_source


@dataclass(frozen=True)
class Panel:
    """One drawing, and whom it is about.

    name: unique within the page; alt: what a reader who cannot see it should know.
    """

    title: str
    colour: str
    figure: Figure
    name: str
    alt: str

    @property
    def svg(self) -> str:
        """The drawing as an element of the page."""
        return to_svg(self.figure, name=self.name, alt=self.alt)


@dataclass(frozen=True)
class Illustration:
    """Panels that belong together under one caption.

    absent: why there is no panel, where there is none.
    """

    key: str
    title: str
    caption: str
    panels: list[Panel]
    is_wide: bool = False
    absent: str = "No figure: there are no data for it."


@dataclass(frozen=True)
class TraitIllustrations:
    """Figures of one trait, by section of its chapter."""

    panel: list[Illustration]
    fidelity: list[Illustration]
    association: list[Illustration]
    utility: list[Illustration]
    privacy: list[Illustration]
    training: list[Illustration]


def illustrate_cohort(results: CohortResults) -> Illustration:
    """Show the ancestry of the whole cohort and its three parts."""
    n_people = len(results.split)
    panels = []
    if "PC2" in results.pca.columns:
        alt = f"Scatter plot of {n_people:,} people on two principal components, coloured by part."
        figure = draw_cohort_components(results.pca, results.split)
        panels = [Panel("", "", figure, name="cohort-components", alt=alt)]
    return Illustration(
        "cohort-components",
        "Ancestry of the cohort",
        f"First two principal components of {n_people:,} real people. Components are fitted to "
        "training people, everybody is projected. The three parts should cover each other.",
        panels,
    )


def illustrate_trait(results: TraitResults, generators: list[str]) -> TraitIllustrations:
    """Draw every figure of one trait for which there is data."""
    return TraitIllustrations(
        panel=_of_panel(results),
        fidelity=[
            _allele_frequencies(results, generators),
            _ld_decay(results, generators),
            _ld_block(results, generators),
            _components(results, generators),
        ],
        association=[
            _effects(results, generators),
            _miami(results, generators),
            _quantiles(results, generators),
        ],
        utility=[_roc(results, generators), _groups(results, generators)],
        privacy=[
            _nearest(results, generators),
            _attacks(results, generators),
            _exposure(results, generators),
        ],
        training=_of_training(results, generators),
    )


def _of_panel(results: TraitResults) -> list[Illustration]:
    if results.gwas is None:
        return []
    gwas = results.gwas.dropna(subset="p_value")
    n_people = gwas["n"].max()  # some external statistics do not say
    people = "" if pd.isna(n_people) else f", at most {n_people:,.0f} people"
    figure = draw_manhattan(gwas, results.panel)
    alt = (
        f"Manhattan plot of {len(gwas):,} variants; strongest p-value {gwas['p_value'].min():.1g}."
    )
    panel = Panel("", "", figure, name=f"{results.name}-manhattan", alt=alt)
    return [
        Illustration(
            "manhattan",
            "Association scan and panel",
            f"{len(gwas):,} variants{people}. Variants of the panel, the "
            "ones that are synthesised, are orange. Dashed: genome-wide significance.",
            [panel],
            is_wide=True,
        )
    ]


def _small_multiples(
    results: TraitResults,
    generators: list[str],
    *,
    data: str,
    draw: Callable[..., Figure],
    alt: str,
) -> list[Panel]:
    """One panel for each generator that has this figure data."""
    colours = colour_generators(generators)
    panels = []
    for generator, table in results.evidence_of(data, generators).items():
        figure = draw(table, colour=colours[generator])
        panels.append(
            Panel(
                name_source(generator),
                colours[generator],
                figure,
                name=f"{results.name}-{generator}-{data}",
                alt=alt.format(n=f"{len(table):,}", generator=name_source(generator)),
            )
        )
    return panels


def _overlay(
    results: TraitResults,
    generators: list[str],
    *,
    data: str,
    draw: Callable[..., Figure],
    alt: str,
) -> list[Panel]:
    """One panel in which every generator is a curve."""
    controls = {LEAKING_ROW: LEAKING_COLOUR, REAL_ROW: HOLDOUT_COLOUR}
    colours = colour_generators(generators) | controls
    tables = results.evidence_of(data, generators)
    if not tables:
        return []
    figure = draw(tables, colours=colours)
    return [Panel("", "", figure, name=f"{results.name}-{data}", alt=alt)]


def _people(results: TraitResults) -> str:
    n_of = results.samples["part"].value_counts()
    return (
        f"n = {n_of.get('train', 0):,} train, {n_of.get('test', 0):,} held-out, "
        f"{len(results.synthetic_labels):,} synthetic people"
    )


def _allele_frequencies(results: TraitResults, generators: list[str]) -> Illustration:
    return Illustration(
        "allele-frequencies",
        "Allele frequencies",
        f"One point for each of {len(results.panel):,} variants. Colour: synthetic against real "
        "held-out people. Grey: real training against the same held-out people, the scatter of "
        f"chance alone. Below: the difference, which the diagonal hides. {_people(results)}.",
        _small_multiples(
            results,
            generators,
            data="allele_frequencies",
            draw=draw_allele_frequencies,
            alt="Scatter plot of the ALT frequencies of {n} variants, {generator} against real "
            "held-out people, with the differences below.",
        ),
    )


def _ld_decay(results: TraitResults, generators: list[str]) -> Illustration:
    tables = results.evidence_of("ld_decay", generators)
    n_pairs = max((int(table["n_pairs"].sum()) for table in tables.values()), default=0)
    return Illustration(
        "ld-decay",
        "Decay of linkage disequilibrium",
        f"Mean r² of {n_pairs:,} pairs of variants on one chromosome by their distance, less the "
        f"bias 1/(n−1). {_people(results)}.",
        _overlay(
            results,
            generators,
            data="ld_decay",
            draw=draw_ld_decay,
            alt="Line chart of mean r² against distance for real people and every generator.",
        ),
    )


def _ld_block(results: TraitResults, generators: list[str]) -> Illustration:
    colours = colour_generators(generators)
    panels: list[Panel] = []
    tables = results.evidence_of("ld_block", generators)
    n_variants = 0
    for generator, table in tables.items():
        n_variants = int(table[["i", "j"]].max().max() - table[["i", "j"]].min().min() + 1)
        for column in ["synthetic"] if panels else ["real", "synthetic"]:
            who = "real people" if column == "real" else name_source(generator)
            panels.append(
                Panel(
                    who,
                    "" if column == "real" else colours[generator],
                    draw_ld_block(table, column=column),
                    name=f"{results.name}-{generator}-ld-{column}",
                    alt=f"Heat map of correlations between {n_variants} neighbouring variants, "
                    f"{who}.",
                )
            )
    return Illustration(
        "ld-block",
        "Correlations in the densest stretch",
        f"Correlation r of {n_variants} neighbouring variants with each other, from −1 (blue) over "
        "0 (white) to 1 (red), each in the order of the genome. A faithful generator repeats the "
        f"pattern of real people. {_people(results)}.",
        panels,
    )


def _components(results: TraitResults, generators: list[str]) -> Illustration:
    return Illustration(
        "components",
        "Ancestry of synthetic people",
        "Real held-out and synthetic people on the first two principal components of the panel, "
        "fitted to training people; both sets are projected.",
        _small_multiples(
            results,
            generators,
            data="components",
            draw=draw_components,
            alt="Scatter plot of {n} real held-out and {generator} people on two principal "
            "components.",
        ),
    )


def _effects(results: TraitResults, generators: list[str]) -> Illustration:
    return Illustration(
        "effects",
        "Effects on the trait",
        f"Standardised effect of each of {len(results.panel):,} variants against its effect in "
        "training people, with lines through the origin. Effects in the panel were chosen for "
        "being large in training people, so held-out people show them smaller (black): the "
        f"winner's curse, which a faithful generator inherits. {_people(results)}.",
        _small_multiples(
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
        "covariates. Upwards: real training people. "
        "Downwards: synthetic people, whose p-values repeat those of train and are no evidence of "
        f"their own. Dashed: genome-wide significance. {_people(results)}.",
        _small_multiples(
            results,
            generators,
            data="gwas",
            draw=draw_miami,
            alt="Miami plot of {n} variants, real training people above {generator} people.",
        ),
        is_wide=True,
    )


def _quantiles(results: TraitResults, generators: list[str]) -> Illustration:
    return Illustration(
        "quantiles",
        "P-values of the scan in order",
        "Quantile–quantile plot of the same scans. Dashed: chance. The panel was chosen for small "
        "p-values in training people, so that theirs lie above those of the held-out people, who "
        f"are fewer, too. {_people(results)}.",
        _overlay(
            results,
            generators,
            data="gwas",
            draw=draw_quantiles,
            alt="Quantile–quantile plot of p-values in real and in synthetic people.",
        ),
    )


def _roc(results: TraitResults, generators: list[str]) -> Illustration:
    n_test = int((results.samples["part"] == "test").sum())
    panels = _overlay(
        results,
        generators,
        data="roc",
        draw=draw_roc,
        alt="ROC curves of models trained on real and on synthetic people.",
    )
    caption = (
        f"Ridge logistic regression on the panel, tested on the same {n_test:,} real held-out "
        "people. Black: trained on real people (TRTR). Colour: trained on synthetic people (TSTR)."
    )
    figure = Illustration("roc", "Trained on synthetic, tested on real", caption, panels)
    if results.trait is not None and results.trait.kind == "quantitative":
        return replace(figure, absent="No ROC curve: it is for binary traits.")
    return figure


def _groups(results: TraitResults, generators: list[str]) -> Illustration:
    is_binary = results.trait is not None and results.trait.kind == "binary"
    model, measure = ("logistic", "AUC") if is_binary else ("linear", "r²")
    n_test = int((results.samples["part"] == "test").sum())
    return Illustration(
        "groups",
        "Prediction within groups",
        f"Gap in {measure} of the ridge {model} model within each level of each condition, with "
        f"95 % intervals. The same {n_test:,} held-out people as above; their number in brackets. "
        "Levels with fewer than 10 cases or controls are left out.",
        _overlay(
            results,
            generators,
            data="utility_groups",
            draw=draw_groups,
            alt="Gap in prediction of every generator within each level of each condition.",
        ),
        absent="No groups: no condition has a level with enough held-out people.",
    )


def _nearest(results: TraitResults, generators: list[str]) -> Illustration:
    return Illustration(
        "nearest",
        "Distance to the nearest training person",
        "Share of differing genotypes between a person and the nearest training person. Grey: "
        "real held-out people, who are strangers to them. Curves left of the grey are too near. "
        f"Pink: the leaking copy, which a search must catch. {_people(results)}.",
        _overlay(
            results,
            [*generators, LEAKING_ROW],
            data="nearest",
            draw=draw_nearest,
            alt="Histogram of distances to the nearest training person, for held-out people, every "
            "generator and a leaking copy.",
        ),
    )


def _attacks(results: TraitResults, generators: list[str]) -> Illustration:
    controls = {LEAKING_ROW: LEAKING_COLOUR, REAL_ROW: HOLDOUT_COLOUR}
    colours = colour_generators(generators) | controls
    tables = results.evidence_of("membership_roc", [*generators, *controls])
    panels = [
        Panel(
            name,
            "",
            draw_attack(tables, attack=attack, colours=colours),
            name=f"{results.name}-{attack}",
            alt=f"ROC curves on logarithmic axes of the attack by {name}, for every generator, "
            "a leaking copy and real held-out people.",
        )
        for attack, name in ATTACK_NAMES.items()
        if tables
    ]
    return Illustration(
        "attacks",
        "Membership attacks on the released rows",
        "Training people found against held-out people wrongly accused, for five attacks that see "
        "the rows and a reference panel of real people, never the model. Dashed: guessing. Black: "
        "real held-out people as the release. Pink: the leaking copy. A curve on the dashed line "
        f"is no proof of privacy: other attacks may do better. {_people(results)}.",
        panels,
    )


def _exposure(results: TraitResults, generators: list[str]) -> Illustration:
    return Illustration(
        "exposure",
        "Who is exposed",
        "AUC of the likelihood ratio of allele frequencies within groups of attacked people, with "
        "95 % intervals; their number in brackets. A mean over everybody hides a few who are "
        "found: the tenth with most rare alleles, people of a rare ancestry. Black: real held-out "
        "people as the release.",
        _overlay(
            results,
            [*generators, REAL_ROW],
            data="exposure",
            draw=draw_exposure,
            alt="Success of a membership attack on every generator within groups of people.",
        ),
        absent="No groups: too few people were attacked.",
    )


def _of_training(results: TraitResults, generators: list[str]) -> list[Illustration]:
    """Loss curves of the generators that learn by steps."""
    colours = colour_generators(generators)
    return [
        Illustration(
            f"curves-{generator}",
            f"Training of {name_source(generator)}",
            "Loss on training people (grey) and on people kept aside within the training part "
            "(black); the marked step has the smallest validation loss. The first steps may run "
            "off the top.",
            [
                Panel(
                    f"{name_source(network)}{_duration(curve)}",
                    colours[generator],
                    draw_curves(curve),
                    name=f"{results.name}-{generator}-{network}",
                    alt=f"Training and validation loss of the {network} by step.",
                )
                for network, curve in results.curves[generator].items()
            ],
        )
        for generator in generators
        if results.curves.get(generator)
    ]


def _duration(curve: pd.DataFrame) -> str:
    return f", {format_seconds(float(curve['seconds'].max()))}" if len(curve) else ""
