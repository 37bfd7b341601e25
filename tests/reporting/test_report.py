import json
import re
from base64 import b64decode
from collections import Counter
from datetime import date
from html.parser import HTMLParser
from io import StringIO

import pandas as pd
import pytest

from genosynth.files import read_table, write_table
from genosynth.reporting.results import load_results
from genosynth.scores import metric_of
from tests.reporting.conftest import TEMPLATES, configure, write_page
from tests.reporting.stand_in import GENERATORS, write_stand_in
from tests.workflow.fake_snakemake import run_script

VOID = {"meta", "br", "wbr", "img", "link", "input", "hr"}


class Balanced(HTMLParser):
    """Checks that tags close in order and gathers attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []

    def handle_starttag(self, tag, attributes):
        self.attributes += [(tag, name, value or "") for name, value in attributes]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.attributes += [(tag, name, value or "") for name, value in attributes]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def parse(page: str) -> Balanced:
    parser = Balanced()
    parser.feed(page)
    assert not parser.open
    return parser


@pytest.fixture(params=["page", "traitless_page"])
def any_page(request) -> str:
    return request.getfixturevalue(request.param)


def test_page__shows_every_score_exactly_once_in_each_trait(page, folder):
    shown = Counter(re.findall(r'data-metric="([^"]+)"', page))
    scored = Counter()
    for trait in ("disease", "height"):
        scored.update(read_table(folder / trait / "scores.tsv")["metric"].unique())
    assert shown == scored


def test_page__explains_every_score_it_shows(page):
    for metric in set(re.findall(r'data-metric="([^"]+)"', page)):
        assert metric_of(metric).meaning.split(",")[0].replace("'", "&#39;") in page


def test_page__names_missing_scores(tmp_path, settings):
    folder = write_stand_in(tmp_path / "demo", traits={"disease": "binary"}, n_variants=30)
    scores = read_table(folder / "disease/scores.tsv")
    gone = (scores["metric"] == "dcr_ratio") & (scores["generator"] == "copula")
    scores = scores[~gone & (scores["metric"] != "nndr")]
    write_table(scores, folder / "disease/scores.tsv")
    page = write_page(folder, configure("demo", {"disease": "binary"}))
    row = page[page.index('data-metric="dcr_ratio"') :]
    assert row[: row.index("</tr>")].count("not measured") == 1
    assert re.search(r"Not measured in this run:.*<code>nndr</code>", page)


def test_page__asks_nothing_from_outside(any_page):
    assert "http://" not in any_page
    assert "https://" not in any_page
    assert "@import" not in any_page
    for tag, name, value in parse(any_page).attributes:
        if name in ("src", "href", "srcset", "data"):
            assert value.startswith(("#", "data:")), (tag, name, value[:60])


def test_page__carries_the_score_table_as_tsv_and_json(page, folder):
    links = re.findall(r'<a href="data:([^;]+);base64,([^"]+)" download="([^"]+)"', page)
    files = {name: b64decode(data).decode() for _, data, name in links}
    assert [*files] == [
        f"demo_{trait}_scores.{ending}"
        for trait in ("disease", "height")
        for ending in ("tsv", "json")
    ]
    scores = read_table(folder / "disease/scores.tsv")
    table = read_table(StringIO(files["demo_disease_scores.tsv"]))
    pd.testing.assert_frame_equal(table, scores)
    records = json.loads(files["demo_disease_scores.json"])
    assert scores["value"].isna().any()
    assert pd.DataFrame(records)["value"].isna().tolist() == scores["value"].isna().tolist()
    assert records[0] == scores.iloc[0].to_dict()


def test_page__links_each_finding_to_the_score_it_read(page):
    rows = dict(re.findall(r'<tr id="(score-[^"]+)" data-metric="([^"]+)"', page))
    links = re.findall(r'<a class="source" href="#([^"]+)"[^>]*>([^<]+)</a>', page)
    assert all(rows[target] == metric for target, metric in links)
    findings = re.findall(r"<li>(<svg class=\"symbol.*?)</li>", page)
    assert len(findings) > 50
    for finding in findings:
        assert finding.count('class="source"') == (0 if "was not measured" in finding else 1)
    of_traits = {target.split("-")[1] for target, _ in links}
    assert of_traits == {"1", "2"}


def test_page__has_unique_ids_and_no_dead_links(any_page):
    attributes = parse(any_page).attributes
    ids = [value for _, name, value in attributes if name == "id"]
    assert len(ids) == len(set(ids))
    links = {value[1:] for _, name, value in attributes if name == "href" and value[0] == "#"}
    links |= set(re.findall(r"url\(#([^)]+)\)", any_page))
    assert links <= set(ids)


def test_page__names_no_real_person(any_page):
    assert "REALPERSON" not in any_page


def test_page__never_claims_privacy(any_page):
    text = re.sub(r"<[^>]+>", " ", any_page)
    assert "not a proof of privacy" in text
    assert not re.search(r"\b(is|are) (fully |completely )?(private|anonymous|safe)\b", text)


def test_page__describes_every_drawing(any_page):
    drawings = re.findall(r"<svg viewBox[^>]*role=\"img\"[^>]*>", any_page)
    assert len(drawings) >= 10
    assert all(re.search(r'aria-label="[^"]{20,}"', drawing) for drawing in drawings)


def test_page__has_every_figure(page):
    headings = re.findall(r"<h4>([^<]+)</h4>", page)
    for_each_trait = Counter(headings)
    assert for_each_trait.pop("Ancestry of the cohort") == 1
    assert set(for_each_trait.values()) == {2}
    assert set(for_each_trait) == {
        "Association scan and panel",
        "Allele frequencies",
        "Decay of linkage disequilibrium",
        "Correlations in the densest stretch",
        "Ancestry of synthetic people",
        "Effects on the trait",
        "The scan again, real above synthetic",
        "P-values of the scan in order",
        "Trained on synthetic, tested on real",
        "Foretold and found",
        "Prediction of each class",
        "Prediction within groups",
        "Distance to the nearest training person",
        "Membership attacks on the released rows",
        "Who is exposed",
        "Who is exposed most",  # a list
        "What the size of a release gives away",
        "Expected success by size",  # a table
        "Guidance from 1 to 5",
        *("Guidance", "Steps", "Unknown labels"),  # tables
        "Training of latent diffusion",
    }


def test_summary__answers_for_every_generator_and_names_no_real_person(summary):
    for text in ("latent diffusion", "copula", "not a proof of privacy", "disease", "height"):
        assert text in summary
    assert "latent diffusion, most rare alleles, AUC 0.56" in summary
    assert "no more than 310 rows" in summary
    assert "REALPERSON" not in summary
    assert "<script" not in summary


def test_page__advises_on_size_and_calls_none_harmless(page):
    text = re.sub(r"<[^>]+>", " ", page[page.index("How large a release?") :])
    for found in ("no more than 310 rows", "no more than 41 such variants", "AUC 0.549"):
        assert found in text
    assert "none of these sizes keeps people from being found" in text


def test_page__says_who_is_exposed_most(page):
    text = page[page.index("Who is exposed most") :]
    assert "most rare alleles, AUC 0.56 (0.53–0.59), 48 people attacked by density" in text
    assert "Of the 20 people whom it accuses first 13 are training people" in text
    assert "by guessing 10.0" in text


def test_page__tells_what_guidance_costs(page, traitless_page):
    text = re.sub(r"<[^>]+>", " ", page[page.index("What guidance costs") :])
    for found in ("1.96 (1.89–2.03)", "real: 1.45", "0.0061", "59 %", "0.4000 SD"):
        assert found in text
    assert "What guidance costs" not in traitless_page
    assert "What steps cost" in traitless_page
    assert "Unknown labels" in traitless_page


def test_page__without_latent_diffusion_has_no_sweep(tmp_path):
    folder = write_stand_in(tmp_path / "demo", traits={"disease": "binary"}, n_variants=30)
    settings = configure("demo", {"disease": "binary"})
    classical = settings.model_copy(update={"generators": ["independent", "copula"]})
    assert "What guidance costs" not in write_page(folder, classical)


def test_results__of_earlier_summary_statistics_are_not_read(tmp_path):
    folder = write_stand_in(tmp_path / "demo", traits={"disease": "binary"}, n_variants=30)
    matching = pd.DataFrame({"what": ["matched"], "n": [30]})
    write_table(matching, folder / "disease/gwas_matching.tsv")
    settings = configure("demo", {"disease": "binary"})
    (trait,) = load_results(folder, settings).traits
    assert trait.matching is None


def test_page__without_trait_says_so(traitless_page):
    assert traitless_page.count("This run has no trait") == 2
    assert 'data-metric="ld_near_pearson"' in traitless_page
    assert "tstr_auc" not in re.sub(r'id="rules".*', "", traitless_page, flags=re.DOTALL)


def test_page__says_how_it_was_made(page):
    for text in ("PLINK v2.0.0-a.6.9", "numpy 2", "Root seed", "5 January 2026", "840 of 1,200"):
        assert text in page


def test_page__shows_the_default_generator_first(page):
    who = re.findall(r'<div class="who">(?:<i[^>]*></i>)?([^<]+)', page)
    assert who == [name.replace("_", " ") for name in GENERATORS] * 2


def test_page__tells_what_was_made_elsewhere(tmp_path):
    folder = write_stand_in(tmp_path / "demo", traits={"disease": "binary"}, n_variants=30)
    scores = read_table(folder / "disease/scores.tsv")
    write_table(scores.replace("copula", "peer_gan"), folder / "disease/scores.tsv")
    (folder / "disease/copula").rename(folder / "disease/peer_gan")
    people = pd.DataFrame({"iid": [f"syn{i}" for i in range(50)], "disease": 1})
    write_table(people, folder / "disease/peer_gan/synthetic/1/samples.tsv")
    release = {"name": "peer_gan", "release": "/home/peer/gan"}
    generators = ["latent_diffusion", "independent", release]
    page = write_page(folder, configure("demo", {"disease": "binary"}, generators=generators))
    assert "Two generators learnt" in page
    assert "peer gan was made elsewhere" in page
    assert "peer gan (50 people, compared without population)" in page
    assert re.search(r"peer gan<small>made elsewhere</small>", page)
    assert "/home/peer" not in page


def test_page__without_independent_people_says_that_there_is_no_floor(tmp_path, page):
    folder = write_stand_in(tmp_path / "demo", traits={"disease": "binary"}, n_variants=30)
    scores = read_table(folder / "disease/scores.tsv")
    scores = scores[~scores["generator"].isin(["latent_diffusion", "independent"])]
    is_leakage = scores["metric"].map(lambda name: metric_of(name).group == "privacy")
    scores["floor"] = scores["floor"].where(is_leakage)
    write_table(scores.replace("copula", "peer"), folder / "disease/scores.tsv")
    (folder / "disease/copula").rename(folder / "disease/peer")
    people = pd.DataFrame({"iid": ["syn1", "syn2"], "disease": 1})
    write_table(people, folder / "disease/peer/synthetic/1/samples.tsv")
    release = {"name": "peer", "release": "peer/people"}
    alone = write_page(folder, configure("demo", {"disease": "binary"}, generators=[release]))
    assert alone.count("The generator independent was not scored") == 1
    assert "no floor: independent was not scored" in alone
    assert not re.search(r">\s*nan\b", alone, flags=re.IGNORECASE)
    assert "learnt from" not in alone.partition("<nav")[0]
    assert "independent was not scored" not in page


def test_page__is_small(page):
    assert len(page.encode()) < 5e6


def test_page__escapes_names(tmp_path):
    folder = write_stand_in(tmp_path / "demo", traits={"disease": "binary"}, n_variants=30)
    for path in [*folder.rglob("*.tsv"), *folder.rglob("*.json")]:
        path.write_text(path.read_text().replace("population", "<a&b>"))
    page = write_page(folder, configure("demo", {"disease": "binary"}))
    assert "&lt;a&amp;b&gt;" in page
    assert "<a&b>" not in page


def test_page__survives_results_without_figure_data(tmp_path):
    folder = write_stand_in(tmp_path / "demo", traits={"disease": "binary"}, n_variants=30)
    for name in ("roc", "effects", "nearest", "ld_block"):
        for path in folder.glob(f"disease/*/scores/1/{name}.tsv"):
            path.unlink()
    for path in folder.glob("timings/*/*.tsv"):
        path.unlink()
    page = write_page(folder, configure("demo", {"disease": "binary"}))
    assert page.count("No figure: there are no data for it.") == 4
    assert "No timings were found." in page


def test_write_report_script__writes_the_same_page_but_for_the_date(
    folder, page, settings, tmp_path
):
    output = tmp_path / "report.html"
    run_script(
        "write_report",
        log=tmp_path / "log.txt",
        input=TEMPLATES,
        output={"page": output, "summary": tmp_path / "summary.html"},
        params={"settings": settings.model_dump(mode="json"), "folder": str(folder)},
    )
    today = date.today()
    expected = page.replace("2026-01-05", today.isoformat())
    expected = expected.replace("5 January 2026", f"{today.day} {today:%B %Y}")
    assert output.read_text() == expected
    assert "wrote the page" in (tmp_path / "log.txt").read_text()
    assert (tmp_path / "summary.html").exists()
