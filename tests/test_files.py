import errno
import os
import resource
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from genosynth.data.genotypes import Genotypes, save_genotypes
from genosynth.errors import WriteFailed
from genosynth.files import read_json, read_table, whole, write_json, write_table

ROOT = Path(__file__).parents[1]
SLOW_WRITER = """
import sys, time
from genosynth.files import whole
with whole(sys.argv[1]) as temporary:
    with temporary.open("w") as file:
        file.write("half of the new content")
        file.flush()
        print("writing", flush=True)
        time.sleep(60)
"""
WRITE = """
import sys
import numpy as np
import pandas as pd
from genosynth.errors import WriteFailed
from genosynth.files import whole, write_table
{imports}
try:
    with whole(sys.argv[1]) as temporary:
        {write}
except WriteFailed as error:
    sys.exit(str(error))
"""
WRITERS = {
    "table": ("", "pd.DataFrame({'value': range(200_000)}).to_csv(temporary)"),
    "array": ("", "np.save(temporary.open('wb'), np.zeros(200_000))"),
    "weights": (
        "import safetensors.numpy",
        "safetensors.numpy.save_file({'w': np.zeros(200_000)}, temporary)",
    ),
    "resume state": ("import torch", "torch.save(torch.zeros(200_000), temporary)"),
    "pgen": (
        "from pgenlib import PgenWriter",
        "writer = PgenWriter(bytes(temporary), 99_999, variant_ct=9, nonref_flags=False); "
        "writer.append_biallelic_batch(np.arange(899_991).reshape(9, -1).astype(np.int8) % 3)",
    ),
    "folder": (
        "",
        "temporary.mkdir(); write_table(pd.DataFrame({'a': range(99_999)}), temporary / 't.tsv')",
    ),
}


def run_python(code: str, *arguments: Path, command: tuple[str, ...] = ()) -> subprocess.Popen:
    return subprocess.Popen(
        [*command, sys.executable, "-c", code, *map(str, arguments)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_whole__makes_missing_folders_and_leaves_no_sibling(tmp_path):
    write_json({"a": [1]}, tmp_path / "new/file.json")
    assert read_json(tmp_path / "new/file.json") == {"a": [1]}
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["file.json"]


def test_whole__replaces_a_folder_and_its_old_content(tmp_path):
    for name in ("old", "new"):
        with whole(tmp_path / "folder") as temporary:
            temporary.mkdir()
            (temporary / name).touch()
    assert [path.name for path in (tmp_path / "folder").iterdir()] == ["new"]


def test_whole__a_failure_inside_leaves_the_old_file(tmp_path):
    write_json("old", tmp_path / "file.json")
    with pytest.raises(TypeError):
        write_json({"not json": {1, 2}}, tmp_path / "file.json")
    assert read_json(tmp_path / "file.json") == "old"
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("before", [None, "old content"])
def test_whole__a_killed_writer_leaves_the_old_file_or_none(tmp_path, before):
    path = tmp_path / "table.tsv"
    if before:
        path.write_text(before)
    writer = run_python(SLOW_WRITER, path)
    assert writer.stdout.readline() == "writing\n"
    os.kill(writer.pid, signal.SIGKILL)
    writer.communicate()
    assert (path.read_text() if path.exists() else None) == before


def test_whole__writes_over_what_a_killed_writer_left(tmp_path):
    (tmp_path / ".folder.part").mkdir()
    (tmp_path / ".folder.part/half").touch()
    with whole(tmp_path / "folder") as temporary:
        temporary.mkdir()
    assert list(tmp_path.iterdir()) == [tmp_path / "folder"]
    assert list((tmp_path / "folder").iterdir()) == []


@pytest.fixture
def on_small_disk(tmp_path) -> tuple[str, ...]:
    """Command that runs another one with a disk of 64 kB in place of `tmp_path`, then lists it."""
    if not shutil.which("unshare"):
        pytest.skip("needs unshare, to mount a small disk of its own")
    mount = 'mount -t tmpfs -o size=64k tmpfs "$0" && { "$@"; code=$?; ls -A "$0"; exit $code; }'
    command = ("unshare", "--mount", "--map-root-user", "sh", "-c", mount, str(tmp_path))
    if subprocess.run([*command, "true"], capture_output=True).returncode:
        pytest.skip("may not mount a small disk here")
    return command


@pytest.mark.parametrize("writer", WRITERS)
def test_whole__a_full_disk_leaves_nothing_and_says_so(tmp_path, on_small_disk, writer):
    imports, write = WRITERS[writer]
    code = WRITE.format(imports=imports, write=write)
    process = run_python(code, tmp_path / "result", command=on_small_disk)
    left, error = process.communicate()
    assert process.returncode == 1
    assert os.strerror(errno.ENOSPC) in error
    assert "result" in error
    assert "Free some space" in error
    assert "Traceback" not in error
    assert left == ""


def test_save_genotypes__a_file_that_cannot_grow_leaves_no_folder(tmp_path):
    people = pd.DataFrame({"iid": [f"p{i}" for i in range(1000)], "part": "train"})
    variants = pd.DataFrame({"id": [f"v{i}" for i in range(1000)]})
    genotypes = Genotypes(np.zeros((1000, 1000), np.int8), people, variants)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        with pytest.raises(WriteFailed, match="genotypes: cannot write"):
            save_genotypes(genotypes, tmp_path / "genotypes")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert list(tmp_path.iterdir()) == []


def test_write_table__keeps_values_and_missing_cells(tmp_path):
    table = pd.DataFrame({"id": ["a", "None", ""], "x": [0.1, None, 1e-300], "n": [1, 2, 3]})
    write_table(table, tmp_path / "table.tsv")
    assert "NA" in (tmp_path / "table.tsv").read_text()
    pd.testing.assert_frame_equal(read_table(tmp_path / "table.tsv"), table)
