"""Figures with their captions: which are drawn for a cohort and a trait, and what they show."""

from dataclasses import dataclass

import pandas as pd

from genosynth.reporting.cohort_figures import draw_cohort_components, draw_curves
from genosynth.reporting.drawing import add_note, look_of_each
from genosynth.reporting.gwas_figures import draw_manhattan
from genosynth.reporting.illustrate_association import illustrate_association
from genosynth.reporting.illustrate_fidelity import illustrate_fidelity
from genosynth.reporting.illustrate_privacy import illustrate_privacy
from genosynth.reporting.illustrate_utility import illustrate_utility
from genosynth.reporting.illustration import Illustration, Panel
from genosynth.reporting.results import CohortResults, TraitResults
from genosynth.reporting.wording import format_seconds, name_source

_LOSS_UNITS = {
    "vae": "nats a person",
    "units": "nats a person",
    "denoiser": "squared error of velocity",
}


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
        fidelity=illustrate_fidelity(results, generators),
        association=illustrate_association(results, generators),
        utility=illustrate_utility(results, generators),
        privacy=illustrate_privacy(results, generators),
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


def _of_training(results: TraitResults, generators: list[str]) -> list[Illustration]:
    """Loss curves of the generators that learn by steps."""
    looks = look_of_each(generators)
    n_train = results.n_people("train")
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
