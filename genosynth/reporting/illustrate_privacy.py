"""Figures of a trait: are training people found in the release?"""

from genosynth.reporting.comparison_figures import draw_attack, draw_exposure, draw_nearest
from genosynth.reporting.drawing import add_note, look_of_each
from genosynth.reporting.illustration import (
    CONTROL_LOOKS,
    Illustration,
    Panel,
    counts,
    overlay,
    people,
)
from genosynth.reporting.results import TraitResults
from genosynth.reporting.verdicts import LEAKING_ROW, REAL_ROW
from genosynth.reporting.wording import ATTACK_NAMES


def illustrate_privacy(results: TraitResults, generators: list[str]) -> list[Illustration]:
    """Draw them in the order of the page."""
    return [
        _nearest(results, generators),
        _attacks(results, generators),
        _exposure(results, generators),
    ]


def _nearest(results: TraitResults, generators: list[str]) -> Illustration:
    return Illustration(
        "nearest",
        "Distance to the nearest training person",
        "Share of differing genotypes between a person and the nearest training person. Grey: "
        "real held-out people, who are strangers to them. Curves left of the grey are too near. "
        f"Pink: the leaking copy, which a search must catch. {people(results, generators)}.",
        overlay(
            results,
            [*generators, LEAKING_ROW],
            data="nearest",
            draw=draw_nearest,
            alt="Histogram of distances to the nearest training person, for held-out people, every "
            "generator and a leaking copy.",
        ),
    )


def _attacks(results: TraitResults, generators: list[str]) -> Illustration:
    looks = look_of_each(generators) | CONTROL_LOOKS
    tables = results.evidence_of("membership_roc", [*generators, *CONTROL_LOOKS])
    panels = [
        Panel(
            name,
            None,
            add_note(
                draw_attack(tables, attack=attack, looks=looks),
                f"Attack by {name}. {counts(results, generators)}",
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
        f"attacks may do better. {people(results, generators)}.",
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
        f"{people(results, generators)}.",
        overlay(
            results,
            [*generators, REAL_ROW],
            data="exposure",
            draw=draw_exposure,
            note=". In brackets: people attacked. Lines: 95 % intervals",
            alt="Success of a membership attack on every generator within groups of people.",
        ),
        absent="No groups: too few people were attacked.",
    )
