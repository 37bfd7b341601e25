import pytest

from genosynth import fingerprint as module
from genosynth.fingerprint import fingerprint

SCRIPT = "from genosynth.models.vae import width\n"


@pytest.fixture
def digest_of(tmp_path, monkeypatch):
    """Digest of a script whose library is given as {module path: source}."""
    package = tmp_path / "genosynth"
    monkeypatch.setattr(module, "_PACKAGE", package)

    def digest(library: dict[str, str], script: str = SCRIPT) -> str:
        for path, source in library.items():
            (package / path).parent.mkdir(parents=True, exist_ok=True)
            (package / path).write_text(source)
        (tmp_path / "train.py").write_text(script)
        return fingerprint(tmp_path / "train.py")

    return digest


def test_fingerprint__ignores_comments_docstrings_and_layout(digest_of):
    plain = digest_of({"models/vae.py": "width = 1\n"})
    assert digest_of({"models/vae.py": '"""Widths."""\n# note\nwidth =  1\n'}) == plain


def test_fingerprint__sees_the_script(digest_of):
    library = {"models/vae.py": "width = 1\n"}
    assert digest_of(library, SCRIPT + "print(width)\n") != digest_of(library)


@pytest.mark.parametrize(
    "script",
    [
        SCRIPT,
        "from genosynth.models import vae\n",
        "import genosynth.models.vae\n",
        "import genosynth.models.vae as vae\n",
        "with open('log'):\n    from genosynth.models.vae import width\n",
    ],
    ids=["name", "module", "dotted", "renamed", "indented"],
)
def test_fingerprint__follows_every_form_of_import(digest_of, script):
    plain = digest_of({"models/vae.py": "width = 1\n"}, script)
    assert digest_of({"models/vae.py": "width = 2\n"}, script) != plain


def test_fingerprint__of_a_shell_script_ignores_lines_of_comment(tmp_path):
    script = tmp_path / "scan.sh"
    found = []
    for text in ("plink2 --glm\n", "# why\n\nplink2 --glm \n", "plink2 --glm genotypic\n"):
        script.write_text(text)
        found.append(fingerprint(script))
    assert found[0] == found[1] != found[2]


def test_fingerprint__follows_imports_of_imports_and_circles(digest_of):
    library = {
        "models/vae.py": "from genosynth.models.layers import width\n",
        "models/layers.py": "from genosynth.models import vae\nwidth = 1\n",
    }
    plain = digest_of(library)
    assert digest_of({"models/layers.py": "from genosynth.models import vae\nwidth = 2\n"}) != plain


def test_fingerprint__sees_the_init_of_an_imported_package(digest_of):
    script = "from genosynth.models import width\n"
    plain = digest_of({"models/__init__.py": "width = 1\n"}, script)
    assert digest_of({"models/__init__.py": "width = 2\n"}, script) != plain


def test_fingerprint__ignores_modules_out_of_reach(digest_of):
    plain = digest_of({"models/vae.py": "width = 1\n", "models/gan.py": "depth = 1\n"})
    assert digest_of({"models/gan.py": "depth = 2\n"}) == plain


def test_fingerprint__is_the_same_in_another_folder(tmp_path, monkeypatch):
    digests = set()
    for folder in ("a", "z"):
        package = tmp_path / folder / "genosynth"
        package.mkdir(parents=True)
        (package / "seeds.py").write_text("n = 1\n")
        script = tmp_path / folder / "train.py"
        script.write_text("from genosynth.seeds import n\n")
        monkeypatch.setattr(module, "_PACKAGE", package)
        digests.add(fingerprint(script))
    assert len(digests) == 1
