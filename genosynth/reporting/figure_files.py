"""Every figure of the report as files for papers and slides: SVG and PNG."""

import logging
from collections.abc import Iterator
from pathlib import Path

from genosynth.files import whole
from genosynth.reporting.drawing import save_figure
from genosynth.reporting.illustration import Illustration, Panel
from genosynth.reporting.report import Page

logger = logging.getLogger(__name__)


def export_figures(page: Page, folder: str | Path) -> None:
    """Write NAME.svg and NAME.png for each panel of the page, all or nothing."""
    panels = [panel for illustration in illustrations_of(page) for panel in illustration.panels]
    with whole(folder) as temporary:
        temporary.mkdir()
        for panel in panels:
            _export(panel, temporary)
    logger.info("wrote %d figures, each as SVG and as PNG", len(panels))


def illustrations_of(page: Page) -> Iterator[Illustration]:
    """All figures in the order of the page."""
    yield page.cohort_illustration
    for chapter in page.chapters:
        yield from chapter.illustrations.panel
        for section in chapter.sections:
            yield from section.illustrations
        for advice in chapter.advice:
            yield advice.illustration
        for sweep in chapter.sweeps:
            yield from sweep.illustrations
        yield from chapter.illustrations.training


def _export(panel: Panel, folder: Path) -> None:
    for suffix in ("svg", "png"):
        save_figure(panel.figure, folder / f"{panel.name}.{suffix}")
