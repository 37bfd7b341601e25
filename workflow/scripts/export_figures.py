"""Rule export_figures: every figure of the report as SVG and PNG."""

from datetime import date

from genosynth.progress import log_to
from genosynth.reporting.figure_files import export_figures
from genosynth.reporting.report import compose_page
from genosynth.reporting.results import load_results
from genosynth.settings.config import read_config

with log_to(snakemake.log[0]):
    settings = read_config(snakemake.params.settings)
    results = load_results(snakemake.params.folder, settings)
    page = compose_page(results, settings=settings, made_on=date.today())
    export_figures(page, snakemake.output[0])
