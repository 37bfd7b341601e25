"""plink2 on a full disk: a clear error, nothing half-written, and the same command goes on."""

from pathlib import Path

from tests.small_disk import fill, small_disk
from tests.workflow.running import run_snakemake

BEFORE = ["results/tiny/cohort/phenotypes.tsv", "results/tiny/cohort/plink2.version"]
IMPORT = ["--until", "import_genotypes", "--notemp"]


def files_of(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if path.is_file()}


def test_plink2__full_disk_leaves_nothing_and_the_same_command_goes_on(tmp_path):
    results = tmp_path / "results"
    with small_disk(results, size="8m"):
        prepared = run_snakemake(*BEFORE, workdir=tmp_path)
        assert prepared.returncode == 0, prepared.stderr[-3000:]
        others = results / "files_of_others"
        fill(others)
        before = files_of(results)
        full = run_snakemake(*IMPORT, workdir=tmp_path)
        assert full.returncode == 1
        assert "No space left on device" in full.stderr
        assert "Error in rule import_genotypes" in full.stderr
        assert files_of(results) == before

        others.unlink()
        again = run_snakemake(*IMPORT, workdir=tmp_path)
        assert again.returncode == 0, again.stderr[-3000:]
        imported = {path.name for path in (results / "tiny/cohort/import").iterdir()}
        assert imported == {"all.pgen", "all.pvar", "all.psam", "all.smiss", "all.log"}
