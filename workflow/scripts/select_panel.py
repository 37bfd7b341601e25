"""Rule select_panel: choose the variants that are synthesised for a trait."""

from genosynth.data.variants import read_cohort_variants
from genosynth.files import write_table
from genosynth.progress import log_to
from genosynth.selection.gwas import read_gwas
from genosynth.selection.panel import read_candidates, select_panel
from genosynth.settings.selection import SelectionSettings

with log_to(snakemake.log[0]):
    panel = select_panel(
        read_cohort_variants(snakemake.input.variants, snakemake.input.frequencies),
        read_gwas(snakemake.input.gwas),
        read_candidates(snakemake.input.candidates),
        settings=SelectionSettings.model_validate(snakemake.params.settings),
    )
    write_table(panel, snakemake.output[0])
