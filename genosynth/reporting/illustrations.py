"""Figures with their captions: which are drawn for a cohort and a trait, and what they show."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import pandas as pd
from matplotlib.figure import Figure

from genosynth.reporting.cohort_figures import draw_cohort_components, draw_curves
from genosynth.reporting.comparison_figures import (
    draw_allele_frequencies,
    draw_attack,
    draw_calibration,
    draw_classes,
    draw_components,
    draw_effects,
    draw_exposure,
    draw_groups,
    draw_ld_block,
    draw_ld_decay,
    draw_nearest,
    draw_roc,
)
from genosynth.reporting.drawing import (
    HOLDOUT_LOOK,
    LEAKING_LOOK,
    TRAIN_COLOUR,
    Look,
    add_note,
    look_of_each,
    to_svg,
)
from genosynth.reporting.gwas_figures import draw_manhattan, draw_miami, draw_quantiles
from genosynth.reporting.results import CohortResults, TraitResults
from genosynth.reporting.verdicts import LEAKING_ROW, REAL_ROW
from genosynth.reporting.wording import (
    ATTACK_NAMES,
    format_range,
    format_seconds,
    name_source,
)
from genosynth.settings.generators import REFERENCE_ROWS

TRAIN_ROW = "real_train"
_REAL_LOOKS = {TRAIN_ROW: Look(TRAIN_COLOUR), REAL_ROW: HOLDOUT_LOOK}
_CONTROL_LOOKS = {LEAKING_ROW: LEAKING_LOOK, REAL_ROW: HOLDOUT_LOOK}
_LOSS_UNITS = {
    "vae": "nats a person",
    "units": "nats a person",
    "denoiser": "squared error of velocity",
}


@dataclass(frozen=True)
class Panel:
    """One drawing, and whom it is about.

    look: of whom it is about, if that is one source only.
    name: unique within the page; alt: what a reader who cannot see it should know.
    """

    title: str
    look: Look | None
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
        add_note(figure, f"n = {n_people:,} real people; at most 4,000 are shown, as counted above")
        panels = [Panel("", None, figure, name="cohort-components", alt=alt)]
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
        utility=[
            _roc(results, generators),
            _calibration(results, generators),
            _classes(results, generators),
            _groups(results, generators),
        ],
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
    add_note(figure, f"{len(gwas):,} variants{people} of the training part")
    panel = Panel("", None, figure, name=f"{results.name}-manhattan", alt=alt)
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
    note: str = "",
) -> list[Panel]:
    """One panel for each generator, or row of real people, that has this figure data."""
    looks = look_of_each(generators) | _REAL_LOOKS
    panels = []
    for generator, table in results.evidence_of(data, generators).items():
        figure = draw(table, colour=looks[generator].colour)
        panels.append(
            Panel(
                name_source(generator),
                looks[generator],
                add_note(figure, f"{_counts(results, [generator])}{note}"),
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
    note: str = "",
) -> list[Panel]:
    """One panel in which every generator is a curve."""
    tables = results.evidence_of(data, generators)
    if not tables:
        return []
    figure = draw(tables, looks=look_of_each(generators) | _CONTROL_LOOKS)
    add_note(figure, f"{_counts(results, generators)}{note}")
    return [Panel("", None, figure, name=f"{results.name}-{data}", alt=alt)]


def _counts(results: TraitResults, sources: list[str]) -> str:
    return f"{len(results.panel):,} variants; {_people(results, sources)}"


def _people(results: TraitResults, sources: list[str]) -> str:
    """Count people of each kind; rows of real people are none of their own."""
    n_of = results.samples["part"].value_counts()
    made = [
        len(results.external.get(name, results.synthetic_labels))
        for name in sources
        if name not in REFERENCE_ROWS
    ]
    synthetic = f", {format_range(made)} synthetic" if made else ""
    n_train, n_test = n_of.get("train", 0), n_of.get("test", 0)
    return f"n = {n_train:,} train, {n_test:,} held-out{synthetic} people"


def _allele_frequencies(results: TraitResults, generators: list[str]) -> Illustration:
    n_of = results.samples["part"].value_counts()
    return Illustration(
        "allele-frequencies",
        "Allele frequencies",
        f"One point for each of {len(results.panel):,} variants. Colour: synthetic against real "
        "held-out people. Grey: real training against the same held-out people, the scatter of "
        "chance alone. Below: the difference, which the diagonal hides; shaded, where 95 % of the "
        f"grey points lie if only chance makes them. {_people(results, generators)}.",
        _small_multiples(
            results,
            generators,
            data="allele_frequencies",
            draw=partial(
                draw_allele_frequencies,
                n_train=int(n_of.get("train", 1)),
                n_holdout=int(n_of.get("test", 1)),
            ),
            note=". Shaded: 95 % of chance between train and held-out",
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
        f"bias 1/(n−1). {_people(results, generators)}.",
        _overlay(
            results,
            generators,
            data="ld_decay",
            draw=draw_ld_decay,
            alt="Line chart of mean r² against distance for real people and every generator.",
        ),
    )


def _ld_block(results: TraitResults, generators: list[str]) -> Illustration:
    looks = look_of_each(generators) | _REAL_LOOKS
    tables = results.evidence_of("ld_block", [REAL_ROW, *generators])
    drawn = [(TRAIN_ROW, table, "real") for table in [*tables.values()][:1]]
    drawn += [(name, table, "synthetic") for name, table in tables.items()]
    n_variants = len({*drawn[0][1]["i"], *drawn[0][1]["j"]}) if drawn else 0
    panels = [
        Panel(
            name_source(name),
            looks.get(name),
            add_note(
                draw_ld_block(table, column=column),
                f"{n_variants} variants; {_people(results, [name])}",
            ),
            name=f"{results.name}-{name}-ld_block",
            alt=f"Heat map of correlations between {n_variants} neighbouring variants, "
            f"{name_source(name)} people.",
        )
        for name, table, column in drawn
    ]
    return Illustration(
        "ld-block",
        "Correlations in the densest stretch",
        f"Correlation r of {n_variants} neighbouring variants with each other, from −1 (blue) over "
        "0 (white) to 1 (red), each in the order of the genome. A faithful generator repeats the "
        "pattern of real training people as real held-out people do. "
        f"{_people(results, generators)}.",
        panels,
    )


def _components(results: TraitResults, generators: list[str]) -> Illustration:
    return Illustration(
        "components",
        "Ancestry of synthetic people",
        "Real held-out and synthetic people on the first two principal components of the panel, "
        "fitted to training people; both sets are projected. First, for comparison: real training "
        f"people instead of synthetic ones. {_people(results, generators)}, of whom at most 1,500 "
        "of a kind are shown.",
        [
            *_small_multiples(
                results,
                [TRAIN_ROW],
                data="components",
                draw=partial(draw_components, other="real train"),
                alt="Scatter plot of {n} real held-out and {generator} people on two principal "
                "components: what a perfect generator shows.",
            ),
            *_small_multiples(
                results,
                generators,
                data="components",
                draw=draw_components,
                alt="Scatter plot of {n} real held-out and {generator} people on two principal "
                "components.",
            ),
        ],
    )


def _effects(results: TraitResults, generators: list[str]) -> Illustration:
    return Illustration(
        "effects",
        "Effects on the trait",
        f"Standardised effect of each of {len(results.panel):,} variants against its effect in "
        "training people, with lines through the origin. Effects in the panel were chosen for "
        "being large in training people, so held-out people show them smaller (black): the "
        f"winner's curse, which a faithful generator inherits. {_people(results, generators)}.",
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
        "covariates. Upwards: real training people. Downwards: first real held-out people, which "
        "is what a scan of other people finds, who are fewer; then synthetic people, whose "
        "p-values repeat those of train and are no evidence of their own. "
        f"Dashed: genome-wide significance. {_people(results, generators)}.",
        [
            *_small_multiples(
                results,
                [REAL_ROW],
                data="gwas",
                draw=partial(draw_miami, below="real held-out people"),
                alt="Miami plot of {n} variants, real training people above {generator} people.",
            ),
            *_small_multiples(
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
        f"are fewer, too. {_people(results, generators)}.",
        _overlay(
            results,
            generators,
            data="gwas",
            draw=draw_quantiles,
            note=". Shaded: 95 % of chance at each rank",
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
    return _of_binary_traits(figure, results)


def _of_binary_traits(figure: Illustration, results: TraitResults) -> Illustration:
    """Say of a quantitative trait why there is no figure."""
    if results.trait is not None and results.trait.kind == "quantitative":
        return replace(figure, absent="No figure: it is for binary traits.")
    return figure


def _calibration(results: TraitResults, generators: list[str]) -> Illustration:
    n_test = int((results.samples["part"] == "test").sum())
    figure = Illustration(
        "calibration",
        "Foretold and found",
        f"The same {n_test:,} real held-out people in ten equal groups by the risk that the ridge "
        "logistic model foretells them, and the share of cases that each group has, with 95 % "
        "binomial intervals. Black: trained on real people. Colour: trained on synthetic people. "
        "On the dashed line risks are right; a flatter curve is too sure.",
        _small_multiples(
            results,
            generators,
            data="calibration",
            draw=draw_calibration,
            alt="Calibration curves of models trained on real and on {generator} people.",
            note=". Lines: 95 % intervals",
        ),
    )
    return _of_binary_traits(figure, results)


def _classes(results: TraitResults, generators: list[str]) -> Illustration:
    n_test = int((results.samples["part"] == "test").sum())
    figure = Illustration(
        "classes",
        "Prediction of each class",
        f"The same {n_test:,} real held-out people. Whose risk is above the share of cases among "
        "the people learnt from is called a case. Sensitivity: those called right among the class "
        "(its people in brackets). Precision: those called right among all called so (in brackets "
        "by the model of real people). Black: trained on real people. 95 % binomial intervals.",
        _overlay(
            results,
            generators,
            data="utility_classes",
            draw=draw_classes,
            alt="Sensitivity and precision for cases and controls of models trained on real "
            "people and on those of every generator.",
            note=". In brackets: people of the row. Lines: 95 % intervals",
        ),
    )
    return _of_binary_traits(figure, results)


def _groups(results: TraitResults, generators: list[str]) -> Illustration:
    is_binary = results.trait is not None and results.trait.kind == "binary"
    model, measure = ("logistic", "AUC") if is_binary else ("linear", "r²")
    n_test = int((results.samples["part"] == "test").sum())
    return Illustration(
        "groups",
        "Prediction within groups",
        f"Gap in {measure} of the ridge {model} model within each level of each condition, with "
        f"95 % intervals. The same {n_test:,} held-out people as above; their number in brackets. "
        "Levels with fewer than 10 cases or controls are left out. Black, for comparison: real "
        "held-out people in the place of synthetic ones, half of them learnt from and half tested.",
        _overlay(
            results,
            [*generators, REAL_ROW],
            data="utility_groups",
            draw=draw_groups,
            note=". In brackets: held-out people tested. Lines: 95 % intervals",
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
        f"Pink: the leaking copy, which a search must catch. {_people(results, generators)}.",
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
    looks = look_of_each(generators) | _CONTROL_LOOKS
    tables = results.evidence_of("membership_roc", [*generators, *_CONTROL_LOOKS])
    panels = [
        Panel(
            name,
            None,
            add_note(
                draw_attack(tables, attack=attack, looks=looks),
                f"Attack by {name}. {_counts(results, generators)}",
            ),
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
        "the rows and a reference panel of real people, never the model. Thin dashes: guessing. "
        "Thick dashes, at the likelihood ratio of allele frequencies: what theory expects of so "
        "many rows of a generator that remembers nobody. Black: real held-out people as the "
        "release. Pink: the leaking copy. A curve on the thin dashes is no proof of privacy: other "
        f"attacks may do better. {_people(results, generators)}.",
        panels,
    )


def _exposure(results: TraitResults, generators: list[str]) -> Illustration:
    return Illustration(
        "exposure",
        "Who is exposed",
        "AUC of the likelihood ratio of allele frequencies within groups of attacked people, with "
        "95 % intervals; their number in brackets. A mean over everybody hides a few who are "
        "found: the tenth with most rare alleles, the tenth farthest from any person of the "
        "reference part, people with relatives in their part, people of a rare ancestry. Too few: "
        "fewer than 30 training or 30 held-out people. Grey marks: what theory expects where "
        "nobody is remembered. Black: real held-out people as the release. "
        f"{_people(results, generators)}.",
        _overlay(
            results,
            [*generators, REAL_ROW],
            data="exposure",
            draw=draw_exposure,
            note=". In brackets: people attacked. Lines: 95 % intervals",
            alt="Success of a membership attack on every generator within groups of people.",
        ),
        absent="No groups: too few people were attacked.",
    )


def _of_training(results: TraitResults, generators: list[str]) -> list[Illustration]:
    """Loss curves of the generators that learn by steps."""
    looks = look_of_each(generators)
    n_train = int((results.samples["part"] == "train").sum())
    return [
        Illustration(
            f"curves-{generator}",
            f"Training of {name_source(generator)}",
            f"Loss on training people (grey) and on people kept aside within the {n_train:,} "
            "people of the training part (black); the marked step has the smallest validation "
            "loss. The first steps may run off the top.",
            [
                Panel(
                    f"{name_source(network)}{_duration(curve)}",
                    looks[generator],
                    add_note(
                        draw_curves(curve, unit=_LOSS_UNITS[network]),
                        f"{name_source(network)}: {n_train:,} training people, of whom some are "
                        "kept aside for validation",
                    ),
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
