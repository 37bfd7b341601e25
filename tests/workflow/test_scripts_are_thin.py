"""A script wires files to one library function; anything cleverer belongs in genosynth/."""

import ast
from pathlib import Path

import pytest

SCRIPTS = sorted((Path(__file__).parents[2] / "workflow/scripts").glob("*.py"))
LOGIC = (
    ast.FunctionDef,
    ast.ClassDef,
    ast.If,
    ast.IfExp,
    ast.For,
    ast.While,
    ast.Try,
    ast.Lambda,
    ast.comprehension,
)


@pytest.fixture(params=SCRIPTS, ids=lambda path: path.stem)
def script(request) -> str:
    return request.param.read_text()


def test_scripts__have_at_most_thirty_lines_and_no_logic(script):
    tree = ast.parse(script)
    assert len(script.splitlines()) <= 30
    assert not [ast.unparse(node) for node in ast.walk(tree) if isinstance(node, LOGIC)]


def test_scripts__say_which_rule_they_serve_and_log_to_its_file(script, request):
    name = request.node.callspec.id
    assert (ast.get_docstring(ast.parse(script)) or "").startswith(f"Rule {name}: ")
    assert "with log_to(snakemake.log[0]):" in script


@pytest.mark.parametrize("word", ["snakemake.config", "print(", "subprocess", "os.system"])
def test_scripts__get_settings_from_params_and_run_no_tools(script, word):
    assert word not in script
