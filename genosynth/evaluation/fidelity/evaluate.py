"""Fidelity of one synthetic cohort: every metric of the group and the tables of its figures."""

import logging

from genosynth.evaluation.comparison import Comparison, equal_sides, some_strangers
from genosynth.evaluation.estimates import Evaluation, ScoreSheet
from genosynth.evaluation.fidelity.allele_frequency import compare_frequencies, frequency_table
from genosynth.evaluation.fidelity.ancestry import compare_ancestry
from genosynth.evaluation.fidelity.classifier import compare_by_classifier
from genosynth.evaluation.fidelity.composition import compare_composition
from genosynth.evaluation.fidelity.conditions import compare_conditions
from genosynth.evaluation.fidelity.haplotypes import compare_haplotypes
from genosynth.evaluation.fidelity.hardy_weinberg import compare_hardy_weinberg
from genosynth.evaluation.fidelity.linkage import (
    block_table,
    compare_linkage,
    decay_table,
    measure_linkage,
)
from genosynth.evaluation.fidelity.neighbours import compare_neighbours
from genosynth.evaluation.fidelity.structure import (
    compare_structure,
    component_table,
    fit_components,
    unlinked_variants,
)
from genosynth.settings.evaluation import EvaluationSettings

logger = logging.getLogger(__name__)


def evaluate_fidelity(
    comparison: Comparison, *, settings: EvaluationSettings, seed: int, n_threads: int = 1
) -> Evaluation:
    """Measure how far synthetic genotypes look like the real ones."""
    sheet = ScoreSheet()
    sheet.enter(compare_frequencies(comparison, n_bootstrap=settings.n_bootstrap, seed=seed))
    linkage = measure_linkage(comparison)
    sheet.enter(compare_linkage(linkage, comparison, settings=settings, seed=seed))
    sheet.enter(compare_haplotypes(comparison))
    logger.info("compared frequencies and linkage with the training people")

    sides = equal_sides(comparison, n_max=settings.n_compared, seed=seed)
    sheet.enter(compare_hardy_weinberg(sides))
    unlinked = unlinked_variants(
        linkage.train.correlations(), linkage.kept, n_variants=len(comparison.train.variants)
    )
    components = fit_components(comparison.train, used=unlinked)
    sheet.enter(compare_structure(sides, components))
    sheet.enter(compare_neighbours(sides, seed=seed))
    sheet.enter(compare_composition(comparison))
    sheet.enter(compare_conditions(comparison, components, seed=seed))
    strangers = some_strangers(comparison, n_max=settings.n_compared, seed=seed)
    sheet.enter(compare_ancestry(sides, strangers, comparison.labels, components, seed=seed))
    logger.info("compared structure: %s people a side, held-out and synthetic", f"{sides.n:,}")
    told_apart = compare_by_classifier(
        sides,
        labels=comparison.labels,
        components_from=unlinked,
        seed=seed,
        n_threads=n_threads,
    )
    sheet.enter(told_apart)
    logger.info("scored fidelity: %d metrics", len(sheet.scores))
    return Evaluation(
        sheet.scores,
        {
            "allele_frequencies": frequency_table(comparison),
            "ld_decay": decay_table(linkage),
            "ld_block": block_table(linkage),
            "components": component_table(sides, components),
        },
    )
