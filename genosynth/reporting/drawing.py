"""How figures look, and how they become part of a page: deterministic, self-contained SVG."""

import io
import re
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

INK = "#1d2733"
MUTED = "#6b7683"
RULE = "#d5dae0"

# Okabe & Ito (2008), the eight colours that colour-blind readers tell apart; black is for real
# people, and yellow is left out because it fades on white.
GENERATOR_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#56b4e9", "#e69f00")
LEAKING_COLOUR = "#cc79a7"
HOLDOUT_COLOUR = INK
TRAIN_COLOUR = "#8b95a1"

# With the sixth generator colours come again, with another dash and mark.
_DASHES: tuple[Any, ...] = ("solid", (0, (4, 1.5)), (0, (1.2, 1.2)))
_MARKS = ("o", "s", "D")
_SHAPES = ("round", "square", "diamond")  # of the page's swatches: as the marks

_STYLE = {
    "svg.fonttype": "none",  # text stays text: small, searchable, in the page's own font
    "svg.hashsalt": "genosynth",  # or ids would differ from run to run
    "font.family": "sans-serif",
    "font.size": 9.5,
    "text.color": INK,
    "axes.edgecolor": MUTED,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 10,
    "axes.labelsize": 9.5,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.labelsize": 8.5,
    "ytick.labelsize": 8.5,
    "legend.frameon": False,
    "legend.fontsize": 9,
    "lines.linewidth": 1.6,
    "lines.solid_capstyle": "round",
    "axes.unicode_minus": True,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
}
_RASTER_DPI = 160  # of dense point clouds, embedded as PNG
_NOTE_SIZE = 7.5  # points
_LETTERS_PER_INCH = 17  # of a note
_FILE_DPI = 300  # of figures that leave the page
_NO_METADATA = {"Creator": None, "Date": None, "Format": None, "Type": None}
_NO_METADATA_OF = {".svg": _NO_METADATA, ".png": {"Software": None}}
_SUPERFLUOUS = (
    (r"<metadata>.*?</metadata>|<style.*?</style>|<!--.*?-->|<defs>\s*</defs>", ""),
    (r"xlink:href", "href"),  # HTML needs no namespaces
    (r" ?font-family: [^;]*;", ""),  # the page's font is inherited
    (r' transform="rotate\(-0 [^"]*"', ""),
    (r"\s*\n\s*", " "),
)


@contextmanager
def drawing_style() -> Iterator[None]:
    """Draw in the report's style, without a lasting change of matplotlib's settings."""
    with mpl.rc_context(_STYLE):  # type: ignore[arg-type]
        yield


@dataclass(frozen=True)
class Look:
    """How one source is told from the others, in figures and on the page.

    turn: how often the colour was given before.
    """

    colour: str
    turn: int = 0

    @property
    def line(self) -> dict[str, Any]:
        """Colour and dash of a curve."""
        return {"color": self.colour, "ls": _DASHES[self.turn]}

    @property
    def mark(self) -> str:
        """Matplotlib's letter for the points."""
        return _MARKS[self.turn]

    @property
    def shape(self) -> str:
        """What the swatch of the page is: the shape of the points."""
        return _SHAPES[self.turn]


HOLDOUT_LOOK = Look(HOLDOUT_COLOUR)
LEAKING_LOOK = Look(LEAKING_COLOUR)


def look_of_each(generators: list[str]) -> dict[str, Look]:
    """Give each generator one look for all figures, in the order of the config.

    Fifteen differ; further ones look like the first again.
    """
    looks = [Look(colour, turn) for turn in range(len(_DASHES)) for colour in GENERATOR_COLOURS]
    return {name: looks[position % len(looks)] for position, name in enumerate(generators)}


def new_figure(width: float, height: float) -> Figure:
    """Make an empty figure, in inches; one inch is about 80 pixels of the page."""
    return Figure(figsize=(width, height), dpi=_RASTER_DPI, layout="constrained")


def new_axes(width: float = 3.8, height: float = 3.1) -> tuple[Figure, Axes]:
    """Make a figure of one panel."""
    figure = new_figure(width, height)
    return figure, figure.add_subplot()


def name_colours(axes: Axes, colours: dict[str, str]) -> None:
    """Explain colours by a line of dots above the panel, where no point can lie."""
    for label, colour in colours.items():
        axes.scatter([], [], s=20, color=colour, label=label)
    axes.legend(
        loc="lower left",
        bbox_to_anchor=(0, 1),
        ncols=len(colours),
        handletextpad=0.1,
        columnspacing=1,
        borderpad=0,
        borderaxespad=0.4,
    )


def add_note(figure: Figure, text: str) -> Figure:
    """Write n and whatever else a figure needs to be read alone in small letters below it."""
    n_letters = int(_LETTERS_PER_INCH * figure.get_figwidth())
    lines = textwrap.fill(text, n_letters)
    figure.supxlabel(lines, x=0.01, ha="left", ma="left", color=MUTED, fontsize=_NOTE_SIZE)
    return figure


def to_svg(figure: Figure, *, name: str, alt: str) -> str:
    """Turn a figure into an SVG element that can stand in a page many times.

    name: prefix of every id, unique within the page.
    alt: what a reader who cannot see the figure should know.
    """
    text = io.StringIO()
    with drawing_style():
        # savefig would draw twice, first without output; the canvas does it in half the time.
        FigureCanvasSVG(figure).print_svg(text, metadata=_NO_METADATA)  # type: ignore[no-untyped-call]
    svg = text.getvalue()
    view_box = re.search(r'viewBox="[^"]*"', svg)
    assert view_box is not None, "matplotlib's SVG has a viewBox"
    body = svg[svg.index(">", svg.index("<svg")) + 1 :]
    head = f'<svg {view_box[0]} role="img" aria-label="{escape(alt)}">'
    return head + _slim(body, prefix=as_id(name))


def save_figure(figure: Figure, path: Path) -> None:
    """Write a figure that stands alone, on white, in the format of the file's ending."""
    with drawing_style():
        figure.savefig(
            path, dpi=_FILE_DPI, facecolor="white", metadata=_NO_METADATA_OF[path.suffix]
        )


def as_id(name: str) -> str:
    """Spell a name with letters that an id may have; different names stay different."""
    return re.sub(r"[^A-Za-z0-9-]", lambda match: f"_{ord(match[0]):x}", name)


def _slim(body: str, *, prefix: str) -> str:
    """Keep what draws; rename ids, which must differ between the figures of a page.

    Coordinates are cut to a hundredth of a point; numbers that are read as text are not.
    """
    for pattern, replacement in _SUPERFLUOUS:
        body = re.sub(pattern, replacement, body, flags=re.DOTALL)
    body = re.sub(r"<[^>]*>", lambda tag: re.sub(r"(\d\.\d\d)\d+", r"\1", tag[0]), body)
    used = set(re.findall(r'(?:href="#|url\(#)([^")]+)', body))
    body = re.sub(
        r' id="([^"]+)"',
        lambda match: f' id="{prefix}-{match[1]}"' if match[1] in used else "",
        body,
    )
    return re.sub(r'(href="#|url\(#)', rf"\g<1>{prefix}-", body)
