"""The page in a real browser, where there is one: everything on it clicked, at two widths."""

import json
import re
import shutil
import subprocess
from html import unescape
from pathlib import Path

import pytest

BROWSER = shutil.which("chromium") or shutil.which("google-chrome")
OPTIONS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-ipc-flooding-protection",  # hundreds of links are followed at once
    "--enable-logging=stderr",
]
LAPTOP, PHONE = 1280, 390
FRAMES = f"""<!doctype html><title>reader</title>
<iframe src="page.html" width="{LAPTOP}" height="900"></iframe>
<iframe src="page.html" width="{PHONE}" height="900"></iframe>
<script>
addEventListener("message", event => {{
  document.body.append(Object.assign(document.createElement("pre"),
    {{ textContent: JSON.stringify(event.data) }}));
}});
</script>"""
EXPLORE = Path(__file__).with_name("explore.js").read_text(encoding="utf-8")

pytestmark = pytest.mark.skipif(BROWSER is None, reason="no Chromium")


def explore(page: str, folder: Path) -> dict[int, dict]:
    """What a reader finds who clicks everything, by width in pixels: counts and faults."""
    page = page.replace("<head>", f"<head><script>{EXPLORE}</script>", 1)
    (folder / "page.html").write_text(page, encoding="utf-8")
    (folder / "frames.html").write_text(FRAMES, encoding="utf-8")
    looking = ["--dump-dom", "--virtual-time-budget=60000"]  # messages arrive after the load event
    opened = subprocess.run(
        [
            BROWSER,
            *OPTIONS,
            *looking,
            f"--user-data-dir={folder}",
            (folder / "frames.html").as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    reports = [
        json.loads(unescape(text)) for text in re.findall(r"<pre>(.*?)</pre>", opened.stdout)
    ]
    on_console = re.findall(r"CONSOLE.*", opened.stderr)
    return {
        report["width"]: report | {"faults": report["faults"] + on_console} for report in reports
    }


@pytest.mark.parametrize("which", ["page", "summary", "traitless_page"])
def test_page__can_be_clicked_through_on_laptop_and_phone(request, tmp_path, which):
    page = request.getfixturevalue(which)
    n_links, n_folded = len(re.findall(r'<a [^>]*href="#', page)), page.count("<summary")
    seen = explore(page, tmp_path)
    assert seen.keys() == {LAPTOP, PHONE}
    for width, report in seen.items():
        assert report["faults"] == [], width
        assert (report["links"], report["summaries"]) == (n_links, n_folded)


BROKEN = f"""<!doctype html><html><head></head><body id="here" style="margin: 0">
<a href="#here">good</a>
<a href="#gone">dead</a>
<div hidden><a href="#hidden" id="hidden">hidden</a></div>
<a href="#above">out of reach</a><b id="above" style="position: fixed; top: -9em">above</b>
<details><summary>good</summary>text</details>
<details><summary onclick="return false">stuck</summary>text</details>
<details><summary>empty</summary></details>
<div style="width: {2 * LAPTOP}px">wide</div>
<script>console.error("printed"); throw new Error("thrown")</script>
</body></html>"""


def test_reader__finds_all_that_is_broken(tmp_path):
    for report in explore(BROKEN, tmp_path).values():
        on_console = [fault for fault in report["faults"] if fault.startswith("CONSOLE")]
        assert re.search("printed", " ".join(on_console))
        assert [fault for fault in report["faults"] if fault not in on_console] == [
            "error: Uncaught Error: thrown",
            "does not open: stuck",
            "does not open: empty",
            "leads nowhere: #gone",
            "not to be seen: #hidden",
            "out of view: #above",
            f"too wide: {2 * LAPTOP} pixels",
        ]


def test_summary__prints_on_one_sheet(summary, tmp_path):
    (tmp_path / "summary.html").write_text(summary, encoding="utf-8")
    pdf = tmp_path / "summary.pdf"
    printing = [f"--print-to-pdf={pdf}", "--no-pdf-header-footer", f"--user-data-dir={tmp_path}"]
    command = [BROWSER, *OPTIONS, *printing, "--virtual-time-budget=20000"]
    command.append((tmp_path / "summary.html").as_uri())
    subprocess.run(command, capture_output=True, timeout=300, check=True)
    assert len(re.findall(rb"/Type\s*/Page\b", pdf.read_bytes())) == 1
