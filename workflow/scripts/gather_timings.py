"""Rule gather_timings: what the jobs of each rule took, in one table."""

from genosynth.files import write_table
from genosynth.progress import log_to
from genosynth.reporting.timings import load_timings

with log_to(snakemake.log[0]):
    timings = load_timings(snakemake.params.folder)
    write_table(timings, snakemake.output[0])
