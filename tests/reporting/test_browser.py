"""The page in a real browser, where there is one."""

import re
import shutil
import subprocess

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
    "--enable-logging=stderr",
    "--virtual-time-budget=20000",  # messages between frames arrive after the load event
    "--dump-dom",
]
FRAMES = """<!doctype html><title>waiting</title>
<iframe src="page.html" width="1280" height="900"></iframe>
<iframe src="page.html" width="390" height="900"></iframe>
<script>
const seen = [];
addEventListener("message", event => { seen.push(event.data); document.title = seen.join("; "); });
</script>"""
MEASURE = """<script>
addEventListener("load", () => parent.postMessage(
  innerWidth + " shown in " + document.documentElement.scrollWidth, "*"));
</script>"""

pytestmark = pytest.mark.skipif(BROWSER is None, reason="no Chromium")


@pytest.mark.parametrize("which", ["page", "summary", "traitless_page"])
def test_page__opens_without_errors_and_fits_laptop_and_phone(request, tmp_path, which):
    page = request.getfixturevalue(which).replace("</body>", MEASURE + "</body>")
    (tmp_path / "page.html").write_text(page, encoding="utf-8")
    (tmp_path / "frames.html").write_text(FRAMES, encoding="utf-8")
    opened = subprocess.run(
        [BROWSER, *OPTIONS, f"--user-data-dir={tmp_path}", (tmp_path / "frames.html").as_uri()],
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    assert "CONSOLE" not in opened.stderr
    seen = dict(re.findall(r"(\d+) shown in (\d+)", opened.stdout))
    assert seen.keys() == {"1280", "390"}
    assert all(int(shown) <= int(width) for width, shown in seen.items())


def test_summary__prints_on_one_sheet(summary, tmp_path):
    (tmp_path / "summary.html").write_text(summary, encoding="utf-8")
    pdf = tmp_path / "summary.pdf"
    options = [option for option in OPTIONS if option != "--dump-dom"]
    printing = [f"--print-to-pdf={pdf}", "--no-pdf-header-footer", f"--user-data-dir={tmp_path}"]
    command = [BROWSER, *options, *printing, (tmp_path / "summary.html").as_uri()]
    subprocess.run(command, capture_output=True, timeout=300, check=True)
    assert len(re.findall(rb"/Type\s*/Page\b", pdf.read_bytes())) == 1
