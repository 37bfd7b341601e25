"""Rule simulate_cohort: make the demo cohort as PLINK files, with its phenotypes and truth."""

from genosynth.data.simulate import save_cohort, simulate_cohort
from genosynth.progress import log_to
from genosynth.settings.simulation import SimulationSettings

with log_to(snakemake.log[0]):
    cohort = simulate_cohort(
        SimulationSettings.model_validate(snakemake.params.settings),
        seed=snakemake.params.seed,
        n_processes=snakemake.threads,
    )
    save_cohort(
        cohort,
        bed=snakemake.output.bed,
        bim=snakemake.output.bim,
        fam=snakemake.output.fam,
        phenotypes=snakemake.output.phenotypes,
        truth=snakemake.output.truth,
    )
