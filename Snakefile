# genosynth: from PLINK files to a released synthetic cohort.
# One file of workflow/rules/ for each stage, in the order of the method.

from genosynth.fingerprint import fingerprint
from genosynth.seeds import derive_seed
from genosynth.settings.config import NO_TRAIT, read_config
from genosynth.settings.generators import (
    PRIVACY_CONTROLS,
    REFERENCE_ROWS,
    ROWS_OF_REAL_PEOPLE,
    TRAIT_FLOORS,
)


configfile: f"{workflow.basedir}/config/config.yaml"


container: "genosynth.sif"  # what --sdm apptainer runs jobs in (docs/cluster.md); ignored without


settings = read_config(config)


include: "workflow/rules/common.smk"
include: "workflow/rules/inputs.smk"
include: "workflow/rules/choices.smk"
include: "workflow/rules/generators.smk"


wildcard_constraints:
    cohort=settings.cohort,
    trait=one_of(settings.trait_names),
    chrom=r"\d+|all",
    generator=one_of([*settings.generator_names, *ROWS_OF_REAL_PEOPLE]),
    repeat=r"\d+",


include: "workflow/rules/simulation.smk"
include: "workflow/rules/phenotypes.smk"
include: "workflow/rules/cohort.smk"
include: "workflow/rules/summary_statistics.smk"
include: "workflow/rules/selection.smk"
include: "workflow/rules/training.smk"
include: "workflow/rules/classical.smk"
include: "workflow/rules/sampling.smk"
include: "workflow/rules/release.smk"
include: "workflow/rules/likelihood.smk"
include: "workflow/rules/external.smk"
include: "workflow/rules/polygenic_scores.smk"
include: "workflow/rules/evaluation.smk"
include: "workflow/rules/evaluation_gwas.smk"
include: "workflow/rules/reporting.smk"
include: "workflow/rules/stages.smk"


rule all:
    """The whole job: releases of every generator, their scores and the report."""
    default_target: True
    input:
        rules.sample.input,
        rules.report.input,
        rules.timings.input,
