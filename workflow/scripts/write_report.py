"""Rule write_report: draw the figures, judge the generators and write the cohort's page."""

from datetime import date

from genosynth.progress import log_to
from genosynth.reporting.report import write_report
from genosynth.reporting.results import load_results
from genosynth.settings.config import read_config

with log_to(snakemake.log[0]):
    settings = read_config(snakemake.params.settings)
    write_report(
        load_results(snakemake.params.folder, settings),
        settings=settings,
        templates={"page": snakemake.input.page, "summary": snakemake.input.summary},
        paths={"page": snakemake.output.page, "summary": snakemake.output.summary},
        made_on=date.today(),
    )
