"""Figures of a trait: can a model learn from synthetic people?"""

from dataclasses import replace

from genosynth.reporting.comparison_figures import (
    draw_calibration,
    draw_classes,
    draw_groups,
    draw_roc,
)
from genosynth.reporting.illustration import Illustration, overlay, small_multiples
from genosynth.reporting.results import TraitResults
from genosynth.reporting.verdicts import REAL_ROW


def illustrate_utility(results: TraitResults, generators: list[str]) -> list[Illustration]:
    """Draw them in the order of the page."""
    return [
        _roc(results, generators),
        _calibration(results, generators),
        _classes(results, generators),
        _groups(results, generators),
    ]


def _roc(results: TraitResults, generators: list[str]) -> Illustration:
    n_test = results.n_people("test")
    panels = overlay(
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
    n_test = results.n_people("test")
    figure = Illustration(
        "calibration",
        "Foretold and found",
        f"The same {n_test:,} real held-out people in ten equal groups by the risk that the ridge "
        "logistic model foretells them, and the share of cases that each group has, with 95 % "
        "binomial intervals. Black: trained on real people. Colour: trained on synthetic people. "
        "On the dashed line risks are right; a flatter curve is too sure.",
        small_multiples(
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
    n_test = results.n_people("test")
    figure = Illustration(
        "classes",
        "Prediction of each class",
        f"The same {n_test:,} real held-out people. Whose risk is above the share of cases among "
        "the people learnt from is called a case. Sensitivity: those called right among the class "
        "(its people in brackets). Precision: those called right among all called so (in brackets "
        "by the model of real people). Black: trained on real people. 95 % binomial intervals.",
        overlay(
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
    n_test = results.n_people("test")
    return Illustration(
        "groups",
        "Prediction within groups",
        f"Gap in {measure} of the ridge {model} model within each level of each condition, with "
        f"95 % intervals. The same {n_test:,} held-out people as above; their number in brackets. "
        "Levels with fewer than 10 cases or controls are left out. Black, for comparison: real "
        "held-out people in the place of synthetic ones, half of them learnt from and half tested.",
        overlay(
            results,
            [*generators, REAL_ROW],
            data="utility_groups",
            draw=draw_groups,
            note=". In brackets: held-out people tested. Lines: 95 % intervals",
            alt="Gap in prediction of every generator within each level of each condition.",
        ),
        absent="No groups: no condition has a level with enough held-out people.",
    )
