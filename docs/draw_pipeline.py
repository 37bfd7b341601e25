"""Draw docs/pipeline.svg, the picture of the workflow in the README.

python docs/draw_pipeline.py > docs/pipeline.svg
"""

from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 1060, 650
HEAD = f"""\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img"
  aria-labelledby="title" font-family="Helvetica, Arial, sans-serif" text-anchor="middle">
<title id="title">The genosynth workflow: cohort, panel, generators, evaluation and report</title>
<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8"
  orient="auto-start-reverse"><path d="M0 0L8 4L0 8z" fill="#5b6573"/></marker></defs>
<style>
  .band {{ fill: #f4f6f8 }}  .stage {{ font-size: 14px; font-weight: bold; fill: #5b6573 }}
  .name {{ font-size: 15px; font-weight: bold; fill: #1d2733 }}
  .note {{ font-size: 12px; fill: #465160 }}
  .real {{ fill: #dcebf9; stroke: #2f74b5 }}  .step {{ fill: #fff; stroke: #8b95a3 }}
  .synthetic {{ fill: #fdeed8; stroke: #c97b12 }}  .result {{ fill: #e2f3e4; stroke: #38884a }}
  .reference {{ fill: #fff; stroke: #2f74b5; stroke-dasharray: 5 4 }}
  .arrow {{ fill: none; stroke: #5b6573; stroke-width: 1.6; marker-end: url(#tip) }}
  .line {{ fill: none; stroke: #5b6573; stroke-width: 1.6 }}
</style>
<rect width="{WIDTH}" height="{HEIGHT}" rx="10" fill="#fff"/>"""


@dataclass(frozen=True)
class Box:
    """A rounded box around its centre, with a name and perhaps lines of notes."""

    x: float
    y: float
    width: float
    kind: str
    name: str
    notes: tuple[str, ...] = ()
    height: float = 62

    @property
    def top(self) -> float:
        """Ordinate of the upper edge."""
        return self.y - self.height / 2

    @property
    def bottom(self) -> float:
        """Ordinate of the lower edge."""
        return self.y + self.height / 2

    @property
    def left(self) -> float:
        """Abscissa of the left edge."""
        return self.x - self.width / 2

    @property
    def right(self) -> float:
        """Abscissa of the right edge."""
        return self.x + self.width / 2

    def svg(self) -> str:
        """Draw the box and its words."""
        shape = (
            f'<rect x="{self.left}" y="{self.top}" width="{self.width}" height="{self.height}" '
            f'rx="7" class="{self.kind}" stroke-width="1.5"/>'
        )
        first = self.y + 5 - 8.5 * len(self.notes)
        lines = [text(self.x, first, self.name, "name")]
        lines += [
            text(self.x, first + 17 * number, note, "note")
            for number, note in enumerate(self.notes, start=1)
        ]
        return "\n".join([shape, *lines])


def text(x: float, y: float, words: str, kind: str, more: str = "") -> str:
    """Write words at a point."""
    return f'<text x="{x}" y="{y}" class="{kind}"{more}>{escape(words)}</text>'


def band(y: float, height: float, stage: str) -> str:
    """A grey stripe with the name of its stage."""
    middle = y + height / 2
    stripe = f'<rect x="12" y="{y}" width="{WIDTH - 24}" height="{height}" rx="8" class="band"/>'
    turned = f' transform="rotate(-90 34 {middle})"'
    return stripe + text(34, middle + 5, stage, "stage", turned)


def path(*points: tuple[float, float], kind: str = "arrow") -> str:
    """Draw straight lines from point to point, by default with a tip."""
    steps = " L".join(f"{x} {y}" for x, y in points)
    return f'<path d="M{steps}" class="{kind}"/>'


def across(start: Box, end: Box) -> str:
    """Draw an arrow to the right, from box to box."""
    return path((start.right, start.y), (end.left - 2, end.y))


def down(start: Box, end: Box, x: float) -> str:
    """Draw an arrow downwards, from box to box."""
    return path((x, start.bottom), (x, end.top - 2))


GENOTYPES = Box(146, 62, 182, "real", "Genotypes", ("PLINK · VCF · BCF · BGEN",))
PHENOTYPES = Box(146, 136, 182, "real", "Phenotypes", ("traits, conditions",))
QUALITY = Box(
    370, 99, 180, "step", "Quality control", ("missingness, frequency,", "HWE, relatives"), 76
)
SPLIT = Box(590, 99, 160, "step", "Split, once", ("families together,", "traits balanced"), 76)
SPARE = Box(865, 47, 270, "real", "reference", ("what an attacker owns",), 44)
TEST = Box(865, 99, 270, "real", "test", ("never trained on",), 44)
TRAIN = Box(865, 151, 270, "real", "train", ("fits everything",), 44)

GWAS = Box(165, 262, 220, "step", "GWAS", ("or external summary statistics",))
CLUMPING = Box(400, 262, 170, "step", "Clumping", ("or a list, region, all",))
PANEL = Box(610, 262, 170, "step", "Panel", ("variants of a trait",))
COUNTS = Box(865, 262, 270, "real", "Panel genotypes, labels", ("all parts",))

DIFFUSION = Box(156, 398, 202, "step", "latent_diffusion", ("VAE and latent flow",))
COPULA = Box(375, 398, 202, "step", "copula", ("frequencies and LD",))
INDEPENDENT = Box(594, 398, 202, "step", "independent", ("frequencies alone",))
SYNTHETIC = Box(375, 484, 640, "synthetic", "Synthetic people", ("drawn for the same labels",), 48)
REFERENCES = Box(
    865,
    437,
    270,
    "reference",
    "Reference rows",
    ("real_train", "real_holdout: the ceiling", "train_copy: a generator that leaks"),
    142,
)

RELEASE = Box(
    156, 592, 202, "result", "Release", ("pgen · pvar · psam · vcf", "README, provenance"), 76
)
SCORES = Box(
    537,
    592,
    420,
    "step",
    "Scores",
    ("fidelity · association · utility · privacy", "every row by the same code"),
    76,
)
REPORT = Box(
    900, 592, 200, "result", "Report", ("one page: every score", "with floor and ceiling"), 76
)

GENERATORS = (DIFFUSION, COPULA, INDEPENDENT)
PARTS = (SPARE, TEST, TRAIN)
BOXES = (GENOTYPES, PHENOTYPES, QUALITY, SPLIT, *PARTS, GWAS, CLUMPING, PANEL, COUNTS)
BOXES += (*GENERATORS, REFERENCES, SYNTHETIC, RELEASE, SCORES, REPORT)
BANDS = ((12, 174, "cohort"), (218, 88, "panel"), (352, 170, "generators"), (542, 100, "results"))


def cohort_arrows() -> list[str]:
    """Inputs to parts, parts to the panel."""
    fork, join = 698, 1026
    into_quality = [
        path((box.right, y), (QUALITY.left - 2, y))
        for box, y in ((GENOTYPES, 80), (PHENOTYPES, 118))
    ]
    to_parts = [
        path((SPLIT.right, SPLIT.y), (fork, SPLIT.y), kind="line"),
        path((fork, SPARE.y), (fork, TRAIN.y), kind="line"),
        *(path((fork, part.y), (part.left - 2, part.y)) for part in PARTS),
    ]
    gather = [path((part.right, part.y), (join, part.y), kind="line") for part in PARTS]
    gather += [path((join, SPARE.y), (join, COUNTS.y), (COUNTS.right + 2, COUNTS.y))]
    gutter = 202
    to_gwas = [
        path((TRAIN.x, TRAIN.bottom), (TRAIN.x, gutter), (GWAS.x, gutter), (GWAS.x, GWAS.top - 2)),
        text(515, gutter - 5, "train people only", "note"),
    ]
    return [*into_quality, across(QUALITY, SPLIT), *to_parts, *gather, *to_gwas]


def model_arrows() -> list[str]:
    """Panel to generators and reference rows, generators to synthetic people."""
    bus, source = 336, COUNTS.left + 40
    fit = [path((source, COUNTS.bottom), (source, bus), (DIFFUSION.x, bus), kind="line")]
    fit += [path((each.x, bus), (each.x, each.top - 2)) for each in GENERATORS]
    beside = [
        text(485, bus - 5, "train people only", "note"),
        down(COUNTS, REFERENCES, COUNTS.x + 40),
        text(COUNTS.x + 48, bus - 5, "train and test", "note", ' style="text-anchor: start"'),
    ]
    draw = [down(each, SYNTHETIC, each.x) for each in GENERATORS]
    return [*fit, *beside, *draw]


def result_arrows() -> list[str]:
    """Synthetic people and reference rows to what is read."""
    return [
        down(SYNTHETIC, RELEASE, RELEASE.x),
        down(SYNTHETIC, SCORES, 485),
        path(
            (REFERENCES.left + 20, REFERENCES.bottom),
            (REFERENCES.left + 20, 530),
            (700, 530),
            (700, SCORES.top - 2),
        ),
        across(SCORES, REPORT),
    ]


def picture() -> str:
    """Text of the SVG file."""
    parts = [HEAD, *(band(*each) for each in BANDS)]
    parts += [across(GWAS, CLUMPING), across(CLUMPING, PANEL), across(PANEL, COUNTS)]
    parts += [*cohort_arrows(), *model_arrows(), *result_arrows(), *(box.svg() for box in BOXES)]
    return "\n".join([*parts, "</svg>\n"])


if __name__ == "__main__":
    print(picture(), end="")
