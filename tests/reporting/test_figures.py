import re
from dataclasses import replace
from datetime import date
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from matplotlib.text import Text

from genosynth.reporting.cohort_figures import draw_curves
from genosynth.reporting.comparison_figures import (
    chance_difference,
    draw_attack,
    draw_effects,
    draw_exposure,
    draw_groups,
    draw_ld_block,
    draw_ld_decay,
    draw_nearest,
)
from genosynth.reporting.drawing import GENERATOR_COLOURS, Look, look_of_each, new_axes, to_svg
from genosynth.reporting.figure_files import export_figures, illustrations_of
from genosynth.reporting.gwas_figures import draw_manhattan, uniform_order_statistics
from genosynth.reporting.report import compose_page
from tests.reporting.stand_in import GENERATORS

COUNTED = re.compile(r"\d[\d,]* ((real|training|held-out) )*(people|variants|pairs)|n = \d")
OKABE_ITO = {"#000000", "#e69f00", "#56b4e9", "#009e73"} | {
    *("#f0e442", "#0072b2", "#d55e00", "#cc79a7")
}


@pytest.fixture(scope="module")
def composed(results, settings):
    """The whole page before it is written."""
    return compose_page(results, settings=settings, made_on=date(2026, 1, 5))


@pytest.fixture(scope="module")
def drawn(composed):
    """Figures of each trait, by section."""
    return [chapter.illustrations for chapter in composed.chapters]


@pytest.fixture(scope="module")
def illustrations(composed):
    """All figures as one list for each trait."""
    return [
        [*illustrations_of(replace(composed, chapters=[chapter]))] for chapter in composed.chapters
    ]


@pytest.mark.parametrize("trait", [0, 1])
def test_every_figure__draws_something_with_named_axes(illustrations, trait):
    for illustration in illustrations[trait]:
        if illustration.key in ("roc", "calibration", "classes") and trait == 1:
            assert not illustration.panels
            assert "binary" in illustration.absent
            continue
        assert illustration.panels, illustration.key
        for panel in illustration.panels:
            assert len(re.findall(r"<(?:path|use|image)\b", panel.svg)) > 3
            assert len(re.findall(r"<text\b", panel.svg)) >= 3


def test_every_caption__says_n(illustrations):
    for illustration in illustrations[0]:
        assert COUNTED.search(illustration.caption), illustration.key


@pytest.mark.parametrize("trait", [0, 1])
def test_every_figure__says_n_and_names_its_axes_without_the_page(illustrations, trait):
    for illustration in illustrations[trait]:
        for panel in illustration.panels:
            written = " ".join(text.get_text() for text in panel.figure.findobj(Text))
            assert COUNTED.search(written.replace("\n", " ")), panel.name
            assert panel.figure.axes[-1].get_xlabel(), panel.name  # that of shared axes is below
            for axes in panel.figure.axes:
                ticks = " ".join(label.get_text() for label in axes.get_yticklabels())
                has_words = re.search("[a-z]", ticks)
                is_heat_map = illustration.key == "ld-block"  # rows are variants, in order
                assert axes.get_ylabel() or has_words or is_heat_map, panel.name


def test_small_multiples__have_a_panel_for_each_generator_in_order(drawn):
    names = [name.replace("_", " ") for name in GENERATORS]
    frequencies, _, block, components = drawn[0].fidelity
    _, miami, _ = drawn[0].association
    assert [panel.title for panel in frequencies.panels] == names  # train and held-out in each
    assert [panel.title for panel in block.panels] == ["real train", "real held-out", *names]
    assert [panel.title for panel in components.panels] == ["real train", *names]
    assert [panel.title for panel in miami.panels] == ["real held-out", *names]


def test_groups__show_what_real_people_reach(drawn):
    groups = {figure.key: figure for figure in [*drawn[0].utility, *drawn[0].privacy]}
    for key in ("groups", "exposure"):
        (panel,) = groups[key].panels
        legend = {text.get_text() for text in panel.figure.legends[0].get_texts()}
        assert "real held-out" in legend


def test_looks__tell_eight_generators_apart_without_new_colours():
    looks = [*look_of_each([f"g{number}" for number in range(8)]).values()]
    told_by = (lambda look: str(look.line), lambda look: look.colour + look.mark)
    told_by += (lambda look: look.colour + look.shape,)
    for tell in told_by:
        assert len({tell(look) for look in looks}) == 8
    assert {look.colour for look in looks} == {*GENERATOR_COLOURS}
    assert {*GENERATOR_COLOURS} <= OKABE_ITO


def test_curves__of_eight_generators_look_different_where_they_are_drawn():
    decay = {"low_kb": [1.0, 10.0], "high_kb": [10.0, 99.0], "n_pairs": 20, "train": 0.5}
    table = pd.DataFrame(decay | {"holdout": 0.5, "synthetic": 0.4})
    names = [f"g{number}" for number in range(8)]
    axes = draw_ld_decay(dict.fromkeys(names, table), looks=look_of_each(names)).axes[0]
    lines = [line for line in axes.lines if line.get_label() in names]
    drawn = {(line.get_color(), str(line._dash_pattern), line.get_marker()) for line in lines}
    assert len(drawn) == len(lines) == 8


def test_band_of_frequencies__holds_95_percent_of_two_samples_of_one_population():
    rng = np.random.default_rng(1)
    frequency = rng.uniform(0.05, 0.95, 20_000)
    left, right = (rng.binomial(2 * n, frequency) / (2 * n) for n in (800, 250))
    inside = np.abs(left - right) < chance_difference(frequency, 800, 250)
    assert inside.mean() == pytest.approx(0.95, abs=0.005)


def test_band_of_quantiles__holds_95_percent_of_uniform_numbers_at_each_rank():
    numbers = np.sort(np.random.default_rng(2).random((4000, 40)), axis=1)
    middle, low, high = uniform_order_statistics(40)
    inside = ((numbers > low) & (numbers < high)).mean(axis=0)
    assert inside == pytest.approx(np.full(40, 0.95), abs=0.015)
    assert ((low < middle) & (middle < high)).all()


def test_svg__is_the_same_twice_and_carries_no_date(results):
    first, second = (
        to_svg(draw_manhattan(results.traits[0].gwas, results.traits[0].panel), name="m", alt="alt")
        for _ in range(2)
    )
    assert first == second
    assert "xmlns" not in first
    assert "<metadata" not in first
    assert "<style" not in first


def test_svg__prefixes_every_id_and_reference():
    figure, axes = new_axes()
    axes.plot([0, 1], [0, 1], "o")
    svg = to_svg(figure, name="here", alt='a "quoted" <alt>')
    ids = re.findall(r' id="([^"]+)"', svg)
    assert ids
    assert all(name.startswith("here-") for name in ids)
    assert set(re.findall(r'href="#([^"]+)"|url\(#([^)]+)\)', svg))
    assert 'aria-label="a &quot;quoted&quot; &lt;alt&gt;"' in svg


def test_svg__leaves_numbers_in_text_whole():
    figure, axes = new_axes()
    axes.plot([0, 1], [0, 1])
    axes.set_xlabel("0.12345")
    assert ">0.12345</text>" in to_svg(figure, name="n", alt="alt")


def test_manhattan__places_chromosomes_side_by_side_whatever_their_names():
    gwas = pd.DataFrame(
        {
            "chromosome": ["1", "1", "2", "10"],
            "position_bp": [5, 9_000_000, 1, 2_000_000],
            "id": list("abcd"),
            "p_value": [0.0, 1e-3, 0.5, 1.0],
        }
    )
    figure = draw_manhattan(gwas, gwas.iloc[:1])
    axes = figure.axes[0]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["1", "2", "10"]
    assert axes.get_ylim()[1] > 300  # a p-value that underflowed is drawn at the top


def test_ld_block__mirrors_one_triangle():
    table = pd.DataFrame({"i": [0, 0, 1], "j": [1, 2, 2], "real": [0.5, 0.1, -0.4]})
    image = draw_ld_block(table.assign(synthetic=0.0), column="real").axes[0].images[0]
    r = np.asarray(image.get_array())
    assert np.array_equal(r, r.T)
    assert np.array_equal(r.diagonal(), np.ones(3))


def test_effects__slope_is_through_the_origin():
    table = pd.DataFrame({"train": [1.0, -1.0, 2.0], "holdout": [0.5, -0.5, 1.0]})
    figure = draw_effects(table.assign(synthetic=2 * table["train"]), colour="#000000")
    texts = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert texts == ["synthetic, slope 2.00", "held-out, 0.50"]


def test_nearest__counts_shares_of_each_set():
    table = pd.DataFrame({"set": ["holdout", "synthetic"], "distance": [0.2, 0.0], "n": [10, 1000]})
    figure = draw_nearest({"copula": table}, looks=look_of_each(["copula"]))
    for patch in figure.axes[0].patches:
        assert patch.get_data().values.sum() == pytest.approx(1)


def test_attack__is_drawn_from_one_in_a_thousand_on_logarithmic_axes():
    table = pd.DataFrame({"attack": "mia_homer", "fpr": [0.001, 1.0], "tpr": [0.0, 1.0]})
    tables = {"copula": table.assign(attack="mia_nearest"), "real_holdout": table}
    axes = draw_attack(
        tables, attack="mia_homer", looks={"copula": Look("red"), "real_holdout": Look("black")}
    ).axes[0]
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")
    assert (axes.get_xlim(), axes.get_ylim()) == ((1e-3, 1), (1e-3, 1))
    drawn = {line.get_label(): line.get_xydata().tolist() for line in axes.lines}
    assert drawn["copula"] == []  # another attack
    assert drawn["real held-out"] == [[1, 1]]  # a share of nought has no logarithm


def test_attack__theory_is_drawn_in_its_own_panel_only():
    curve = pd.DataFrame({"fpr": [0.01, 1.0], "tpr": [0.03, 1.0]})
    attacks = ("mia_af_lrt", "mia_af_lrt_expected", "mia_homer")
    table = pd.concat([curve.assign(attack=attack) for attack in attacks])
    for attack, labels in (("mia_af_lrt", ["copula", "expected"]), ("mia_homer", ["copula"])):
        axes = draw_attack({"copula": table}, attack=attack, looks={"copula": Look("red")}).axes[0]
        assert axes.get_legend_handles_labels()[1] == labels


def test_exposure__marks_theory_and_names_groups_too_small():
    rows = [("everybody", 900, 0.55, 0.56), ("sex 2", 12, np.nan, 0.58)]
    table = pd.DataFrame(rows, columns=["group", "n", "auc", "expected_auc"])
    table = table.assign(kind="group", attack="mia_af_lrt", auc_low=0.5, auc_high=0.6)
    accused = table[:1].assign(kind="accused", group="first 20 accused")
    tables = {"copula": pd.concat([table, accused])}
    axes = draw_exposure(tables, looks={"copula": Look("red")}).axes[0]
    labels = [label.get_text() for label in axes.get_yticklabels()]
    assert labels == ["everybody (900)", "sex 2 (12, too few)"]
    (marks,) = (each for each in axes.collections if each.get_label() == "expected")
    assert [segment[0, 0] for segment in marks.get_segments()] == [0.56, 0.58]


def test_curves__mark_the_best_validation():
    curve = pd.DataFrame(
        {"step": [1, 2, 3], "train_loss": [3.0, 2.0, 1.0], "validation_loss": [3.0, np.nan, 2.5]}
    )
    axes = draw_curves(curve, unit="nats").axes[0]
    assert axes.lines[-1].get_xydata().tolist() == [[3, 2.5]]
    assert axes.get_legend_handles_labels()[1] == ["training", "validation, best 2.5"]


def test_groups__are_drawn_for_those_who_have_them():
    columns = ["condition", "level", "n", "gap", "gap_low", "gap_high"]
    rows = [("sex", "1", 1200, -0.01, -0.02, 0.0), ("town", "north", 80, 0.0, -0.1, 0.1)]
    everything = pd.DataFrame(rows, columns=columns)
    tables = {"elsewhere": everything[:1], "copula": everything}  # whose release has no town
    figure = draw_groups(tables, looks={"elsewhere": Look("red"), "copula": Look("blue")})
    (axes,) = figure.axes
    assert [label.get_text() for label in axes.get_yticklabels()] == [
        "sex 1 (1,200)",
        "town north (80)",
    ]
    points = [line.get_xdata().tolist() for line in axes.lines if line.get_marker() == "o"]
    assert points == [[-0.01], [-0.01, 0.0]]


def test_exported_figures__stand_alone_as_svg_and_png(composed, tmp_path):
    export_figures(composed, tmp_path / "figures")
    files = sorted(path.name for path in (tmp_path / "figures").iterdir())
    n_panels = sum(len(illustration.panels) for illustration in illustrations_of(composed))
    assert len(files) == 2 * n_panels
    assert {"disease-manhattan.svg", "height-copula-effects.png"} <= {*files}
    drawing = ElementTree.parse(tmp_path / "figures/disease-manhattan.svg").getroot()
    assert drawing.tag.endswith("svg")
    header = (tmp_path / "figures/disease-manhattan.png").read_bytes()[:24]
    assert header[:8] == b"\x89PNG\r\n\x1a\n"
    assert int.from_bytes(header[16:20], "big") > 3000  # twelve inches at 300 dots
