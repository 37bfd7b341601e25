"""The panel of one shadow model: chosen from its own people alone, as the workflow chooses it.

Allele frequencies, principal components, GWAS and clumps are those of the people a model is trained
on, by plink2 with the workflow's arguments, on the genome after quality control. Filters of people
and variants, and the variants in linkage equilibrium that components are fitted to, stay those of
the whole cohort.
"""

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from genosynth.data.genotypes import Genotypes
from genosynth.data.pgen import read_counts, read_people
from genosynth.data.phenotypes import load_prepared
from genosynth.data.variants import read_variants, with_alt_frequencies
from genosynth.devices import n_cores
from genosynth.files import read_table, write_table
from genosynth.selection.extraction import find_variants
from genosynth.selection.gwas import prepare_gwas, read_gwas, tidy_gwas
from genosynth.selection.panel import read_candidates, select_panel
from genosynth.settings.phenotypes import PhenotypesSettings
from genosynth.settings.selection import SelectionSettings
from tests.real_cohorts import ROOT

KEYS = ["FID", "IID"]
MEGABYTES = 2000


@dataclass(frozen=True)
class WholeGenome:
    """A cohort of one fileset after quality control, results/{cohort}/cohort of a finished run."""

    folder: Path

    @property
    def prefix(self) -> Path:
        """What is there of one fileset, without suffix."""
        return self.folder / "qc/all"

    def choose_panel(self, people: pd.DataFrame, *, trait: str, scratch: Path) -> pd.DataFrame:
        """Choose a panel for a trait from these people (fid, iid), by default settings."""
        keys = people[["fid", "iid"]].set_axis(KEYS, axis=1)
        keep = scratch / "people.id"
        write_table(keys.rename(columns={"FID": "#FID"}), keep)
        frequencies = ["--keep", keep, "--freq", "cols=chrom,ref,alt,altfreq,nobs"]
        self._plink2(self.prefix, frequencies, scratch)
        write_table(self._gwas(keys, trait, scratch), scratch / "gwas.tsv")
        self._clump(keep, scratch)
        variants = read_variants(f"{self.prefix}.pvar")
        return select_panel(
            with_alt_frequencies(variants, scratch / "out.afreq"),
            read_gwas([scratch / "gwas.tsv"]),
            read_candidates([scratch / "out.clumps"]),
            settings=SelectionSettings(),
        )

    def genotypes(self, panel: pd.DataFrame, people: pd.DataFrame) -> Genotypes:
        """Read a panel's genotypes of some people (fid, iid, labels)."""
        where = f"{self.prefix}.pvar"
        counts = read_counts(self.prefix, find_variants(panel, read_variants(where), where=where))
        row = pd.Series(np.arange(len(counts)), read_people(f"{self.prefix}.psam")["IID"])
        return Genotypes(counts[row[people["iid"]].to_numpy()], people, panel)

    def _gwas(self, keys: pd.DataFrame, trait: str, scratch: Path) -> pd.DataFrame:
        """Test all variants in these people, with components of their own."""
        phenotypes = load_prepared(self.folder / "phenotypes.tsv", self.folder / "phenotypes.json")
        n_components = PhenotypesSettings().n_components
        arguments = ["--keep", scratch / "people.id", "--read-freq", scratch / "out.afreq"]
        arguments += ["--maf", "0.01", "--seed", "1", "--pca", str(n_components), "scols=fid"]
        self._plink2(self.folder / "pruned", arguments, scratch)
        components = read_table(scratch / "out.eigenvec", dtype={"#FID": str, "IID": str})
        table = prepare_gwas(
            phenotypes,
            components.rename(columns={"#FID": "FID"}),
            keys,
            trait=trait,
            covariates=list(phenotypes.description["covariates"]),
            n_components=n_components,
        )
        write_table(table, scratch / "gwas_people.tsv")
        script = [ROOT / "workflow/scripts/run_glm.sh", scratch / "gwas.glm", self.prefix]
        _run(["bash", *script, scratch / "gwas_people.tsv", str(n_cores()), str(MEGABYTES)])
        return tidy_gwas([scratch / "gwas.glm"])

    def _clump(self, keep: Path, scratch: Path) -> None:
        selection = SelectionSettings()
        arguments = ["--keep", keep, "--clump", scratch / "gwas.tsv", "--clump-unphased"]
        arguments += ["--clump-id-field", "id", "--clump-p-field", "p_value"]
        arguments += ["--clump-p1", str(selection.p_value), "--clump-p2", str(selection.p_value)]
        arguments += ["--clump-r2", str(selection.r2), "--clump-kb", str(selection.window_kb)]
        self._plink2(self.prefix, arguments, scratch)

    @staticmethod
    def _plink2(prefix: Path, arguments: Sequence[str | Path], scratch: Path) -> None:
        shared = ["--threads", str(n_cores()), "--memory", str(MEGABYTES), "--out", scratch / "out"]
        _run(["plink2", "--pfile", prefix, *arguments, *shared])


def _run(command: Sequence[str | Path]) -> None:
    """Run a program that says nothing unless it fails."""
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}")
