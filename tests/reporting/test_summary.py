import shutil

import pytest

from genosynth.errors import ArtifactMismatch
from genosynth.reporting.summary import summarise_folder


def test_summary__is_ten_lines_for_two_traits_and_three_generators(folder):
    lines = summarise_folder(folder).splitlines()
    assert len(lines) == 10
    assert lines[0].endswith("report.html")
    assert "840 synthetic people from each generator, of 60 variants" in lines[1]
    assert lines[2].startswith("disease")
    assert "C2ST 0.661" in lines[3]
    assert "faithful in part, useful, no copying found" in lines[3]
    assert "TSTR r²" in lines[7]


def test_summary__of_what_was_made_elsewhere_claims_to_have_made_nobody(folder, tmp_path):
    shutil.copytree(folder, tmp_path / "demo")
    for model in tmp_path.glob("demo/*/*/model"):
        shutil.rmtree(model)
    assert summarise_folder(tmp_path / "demo").splitlines()[1].startswith("scored  60 variants; ")


def test_summary__without_scores_says_what_to_do(tmp_path):
    with pytest.raises(ArtifactMismatch, match="Run the workflow first"):
        summarise_folder(tmp_path)
