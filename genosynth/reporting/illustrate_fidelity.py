"""Figures of a trait: do synthetic people look like real ones?"""

from functools import partial

from genosynth.reporting.comparison_figures import (
    draw_allele_frequencies,
    draw_components,
    draw_ld_block,
    draw_ld_decay,
)
from genosynth.reporting.drawing import add_note, look_of_each
from genosynth.reporting.illustration import (
    REAL_LOOKS,
    TRAIN_ROW,
    Illustration,
    Panel,
    overlay,
    people,
    small_multiples,
)
from genosynth.reporting.results import TraitResults
from genosynth.reporting.verdicts import REAL_ROW
from genosynth.reporting.wording import name_source


def illustrate_fidelity(results: TraitResults, generators: list[str]) -> list[Illustration]:
    """Draw them in the order of the page."""
    return [
        _allele_frequencies(results, generators),
        _ld_decay(results, generators),
        _ld_block(results, generators),
        _components(results, generators),
    ]


def _allele_frequencies(results: TraitResults, generators: list[str]) -> Illustration:
    return Illustration(
        "allele-frequencies",
        "Allele frequencies",
        f"One point for each of {len(results.panel):,} variants. Colour: synthetic against real "
        "held-out people. Grey: real training against the same held-out people, the scatter of "
        "chance alone. Below: the difference, which the diagonal hides; shaded, where 95 % of the "
        f"grey points lie if only chance makes them. {people(results, generators)}.",
        small_multiples(
            results,
            generators,
            data="allele_frequencies",
            draw=partial(
                draw_allele_frequencies,
                n_train=max(results.n_people("train"), 1),
                n_holdout=max(results.n_people("test"), 1),
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
        f"bias 1/(n−1). {people(results, generators)}.",
        overlay(
            results,
            generators,
            data="ld_decay",
            draw=draw_ld_decay,
            alt="Line chart of mean r² against distance for real people and every generator.",
        ),
    )


def _ld_block(results: TraitResults, generators: list[str]) -> Illustration:
    looks = look_of_each(generators) | REAL_LOOKS
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
                f"{n_variants} variants; {people(results, [name])}",
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
        f"{people(results, generators)}.",
        panels,
    )


def _components(results: TraitResults, generators: list[str]) -> Illustration:
    return Illustration(
        "components",
        "Ancestry of synthetic people",
        "Real held-out and synthetic people on the first two principal components of the panel, "
        "fitted to training people; both sets are projected. First, for comparison: real training "
        f"people instead of synthetic ones. {people(results, generators)}, of whom at most 1,500 "
        "of a kind are shown.",
        [
            *small_multiples(
                results,
                [TRAIN_ROW],
                data="components",
                draw=partial(draw_components, other="real train"),
                alt="Scatter plot of {n} real held-out and {generator} people on two principal "
                "components: what a perfect generator shows.",
            ),
            *small_multiples(
                results,
                generators,
                data="components",
                draw=draw_components,
                alt="Scatter plot of {n} real held-out and {generator} people on two principal "
                "components.",
            ),
        ],
    )
