"""From VCF files, one or one for each chromosome, to a cohort of quality and a panel, by rules."""

import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from genosynth.data.pgen import read_counts
from genosynth.data.variants import read_variants
from genosynth.files import read_table
from tests.filesets import linked_counts, plink2
from tests.workflow.running import ROOT, run_snakemake

N_SAMPLES = 320
CHROMOSOMES = ["1", "2", "3"]
SAME = ["qc_steps.tsv", "kinship.tsv", "split.tsv", "pca.tsv", "pca_weights.tsv"]
SAME = [f"cohort/{name}" for name in SAME] + ["t2d/gwas.tsv", "t2d/panel.tsv", "t2d/labels.json"]
SAME += [f"t2d/genotypes/{name}" for name in ("counts.npy", "samples.tsv", "variants.tsv")]
HALF = 10  # people whose calls at one variant are half missing
CALLS = np.array(["0/0", "0/1", "1/1", "./."])
QC = {"variant_missing": 0.05, "sample_missing": 0.1, "maf": 0.05, "hwe_p": 1e-6, "kinship": 0.35}


@dataclass
class Cohort:
    """Counts (n_samples, n_variants) of what should be imported, and VCF lines of everything."""

    counts: list[np.ndarray] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    lines: dict[str, list[str]] = field(default_factory=dict)
    n_strange: int = 0
    n_duplicates: int = 0

    def add(self, chromosome: str, position: int, name: str, calls, *, alt: str = "G") -> None:
        row = [chromosome, position, name, "A", alt, ".", ".", ".", "GT", *calls]
        self.lines.setdefault(chromosome, []).append("\t".join(map(str, row)))


def make_cohort() -> Cohort:
    """Common, rare, badly called and distorted variants; twins; people badly called."""
    cohort = Cohort()
    rng = np.random.default_rng(1)
    for chromosome in CHROMOSOMES:
        counts = linked_counts(N_SAMPLES, 400, seed=int(chromosome), change=0.6)
        counts[rng.random(counts.shape) < 0.005] = -1
        counts[:, 10:20] = rng.binomial(2, 0.01, (N_SAMPLES, 10))  # rare
        counts[:, 20:25] = np.where(rng.random((N_SAMPLES, 5)) < 0.9, 1, counts[:, 20:25])
        counts[: N_SAMPLES // 5, 30:36] = -1  # badly called variants
        counts[7, 100:300] = -1  # a badly called person
        counts[9] = counts[8]  # the same person twice
        for j in range(400):
            name = "." if j % 50 == 0 else f"rs{chromosome}_{j}"
            calls = CALLS[counts[:, j]]
            if j == 40:
                calls = np.where(np.arange(N_SAMPLES) < HALF, "./1", calls)
                counts[:HALF, j] = -1
            position = 1000 * (j + 1)
            cohort.add(chromosome, position, name, calls)
            cohort.ids.append(name if name != "." else f"{chromosome}:{position}:A:G")
        cohort.add(chromosome, 500_000, "three", CALLS[counts[:, 0]], alt="G,T")
        cohort.add(chromosome, 500_100, f"rs{chromosome}_7", CALLS[counts[:, 0]])
        cohort.counts.append(counts)
        cohort.n_strange += 1
        cohort.n_duplicates += 1
    cohort.add("X", 1000, "rsX", CALLS[cohort.counts[0][:, 0]])
    return cohort


@pytest.fixture(scope="module")
def cohort() -> Cohort:
    return make_cohort()


@pytest.fixture(scope="module")
def run(cohort, tmp_path_factory) -> Path:
    """Results made from one VCF for each chromosome; a variant of X has strayed into the third."""
    lines = {name: cohort.lines[name] for name in CHROMOSOMES}
    lines["3"] = lines["3"] + cohort.lines["X"]
    files = {f"chr{name}.vcf": lines[name] for name in CHROMOSOMES}
    return results_of(files, "chr{chrom}.vcf", tmp_path_factory.mktemp("chromosomes"))


@pytest.fixture(scope="module")
def whole(cohort, tmp_path_factory) -> Path:
    """The same from one VCF of everything."""
    lines = [line for name in (*CHROMOSOMES, "X") for line in cohort.lines[name]]
    return results_of({"all.vcf": lines}, "all.vcf", tmp_path_factory.mktemp("whole"))


def results_of(files: dict[str, list[str]], path: str, folder: Path) -> Path:
    """Write VCF files and a config that names them, and let Snakemake make cohort and panel."""
    plink2("--version")
    people = [f"p_{i}" for i in range(N_SAMPLES)]
    header = "##fileformat=VCFv4.2\n"
    header += '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">\n'
    header += "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t" + "\t".join(people) + "\n"
    for name, lines in files.items():
        (folder / name).write_text(header + "\n".join(lines) + "\n")
    (folder / "withdrawn.txt").write_text("p_300\np_301\n")
    trait = (np.arange(N_SAMPLES) % 2 == 0).astype(int)
    table = pd.DataFrame({"IID": people, "t2d": trait})
    table.to_csv(folder / "pheno.tsv", sep="\t", index=False)
    config = {
        "cohort": "messy",
        "genotypes": {"path": path},
        "phenotypes": {"path": "pheno.tsv", "traits": {"t2d": {"column": "t2d", "kind": "binary"}}},
        "qc": QC | {"remove": "withdrawn.txt"},
        "split": {"kinship": 0.35},
    }
    (folder / "config.yaml").write_text(yaml.safe_dump(config))
    targets = ["panel", "results/messy/cohort/qc_steps.tsv"]
    done = run_snakemake(*targets, workdir=folder, config=folder / "config.yaml")
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "results/messy"


def expected_steps(cohort: Cohort) -> list[tuple[str, int, int]]:
    """What numpy counts after each filter: samples, variants."""
    counts = np.concatenate(cohort.counts, axis=1)
    n_read = counts.shape[1] + cohort.n_strange + cohort.n_duplicates + 1
    n_unique = counts.shape[1] + cohort.n_duplicates
    steps = [("read", N_SAMPLES, n_read), ("autosomal_biallelic", N_SAMPLES, n_unique)]
    steps.append(("duplicate_ids", N_SAMPLES, counts.shape[1]))
    stays = ~np.isin(np.arange(N_SAMPLES), [300, 301])
    steps.append(("remove", stays.sum(), counts.shape[1]))
    is_called = (counts[stays] < 0).mean(axis=0) <= QC["variant_missing"]
    steps.append(("variant_missing", stays.sum(), is_called.sum()))
    stays &= (counts[:, is_called] < 0).mean(axis=1) <= QC["sample_missing"]
    steps.append(("sample_missing", stays.sum(), is_called.sum()))
    stays[9] = False  # either twin: their genotypes are the same
    steps.append(("kinship", stays.sum(), is_called.sum()))
    called = np.ma.masked_less(counts[stays], 0)
    frequency = called.mean(axis=0).filled(0) / 2
    passes = is_called & (np.minimum(frequency, 1 - frequency) >= QC["maf"])
    steps.append(("maf", stays.sum(), passes.sum()))
    controls = np.ma.masked_less(counts[stays & (np.arange(N_SAMPLES) % 2 == 1)], 0)
    p_values = np.array([hardy_weinberg_p(column.compressed()) for column in controls.T])
    steps.append(("hwe_p", stays.sum(), (passes & (p_values >= QC["hwe_p"])).sum()))
    return steps


def hardy_weinberg_p(counts: np.ndarray) -> float:
    """Exact test of Wigginton et al. 2005, by its recurrence over numbers of heterozygotes."""
    n_people, n_alt = len(counts), int(counts.sum())
    n_rare = min(n_alt, 2 * n_people - n_alt)
    n_hets = np.arange(n_rare % 2, n_rare + 1, 2)
    n_hom_rare = (n_rare - n_hets) // 2
    n_hom_common = n_people - n_hets - n_hom_rare
    ratios = 4 * n_hom_rare[:-1] * n_hom_common[:-1] / ((n_hets[:-1] + 2) * (n_hets[:-1] + 1))
    log_p = np.concatenate([[0], np.cumsum(np.log(ratios))])
    p = np.exp(log_p - log_p.max())
    p /= p.sum()
    observed = p[n_hets == (counts == 1).sum()]
    return float(p[p <= observed * (1 + 1e-9)].sum())


def test_qc_steps__equal_an_independent_count(run, cohort):
    steps = read_table(run / "cohort/qc_steps.tsv")
    found = list(zip(steps["filter"], steps["samples_after"], steps["variants_after"], strict=True))
    expected = expected_steps(cohort)
    assert (steps["samples_before"][0], steps["variants_before"][0]) == expected[0][1:]
    assert found == expected[1:]


def test_qc__keeps_the_calls_of_who_and_what_passed(run, cohort):
    everything = np.concatenate(cohort.counts, axis=1)
    for chromosome in CHROMOSOMES:
        prefix = run / f"cohort/qc/{chromosome}"
        variants = read_variants(f"{prefix}.pvar")
        people = pd.read_csv(f"{prefix}.psam", sep="\t")["#IID"]
        columns = [cohort.ids.index(name) for name in variants["id"]]
        rows = people.str.removeprefix("p_").astype(int).replace({9: 8})
        found = read_counts(prefix, np.arange(len(variants)))
        np.testing.assert_array_equal(found, everything[np.ix_(rows, columns)])


def test_qc__names_variants_without_an_id_by_place_and_alleles(run):
    assert "2:51000:A:G" in set(read_variants(run / "cohort/qc/2.pvar")["id"])


def test_chromosomes__are_never_joined_but_for_pruned_variants(run):
    pgens = {str(path.relative_to(run)) for path in run.rglob("*.pgen")}
    assert pgens == {"cohort/pruned.pgen", *(f"cohort/qc/{name}.pgen" for name in CHROMOSOMES)}


def test_relatives__of_a_hundred_thousand_people_fit_into_memory(tmp_path):
    """A bit for each pair of them all would be 2.1 GB; the rule asks for 2."""
    plink2("--version")
    n_people = 130_000
    folder = tmp_path / "results/messy/cohort"
    (folder / "filters").mkdir(parents=True)
    people = pd.DataFrame({"#IID": [f"p{i}" for i in range(n_people)]})
    people.to_csv(folder / "filters/sample_missing.id", sep="\t", index=False)
    first = np.arange(0, n_people, 1000)
    pairs = {"#FID1": 0, "IID1": people["#IID"][first], "FID2": 0}
    pairs |= {"IID2": people["#IID"][first + 1].to_numpy(), "NSNP": 4096, "HETHET": 0.2}
    pairs |= {"IBS0": 0, "KINSHIP": np.where(first % 2000, 0.2, 0.5)}
    pd.DataFrame(pairs).to_csv(folder / "kinship.tsv", sep="\t", index=False)
    config = tmp_path / "config.yaml"
    values = {"cohort": "messy", "genotypes": {"format": "simulated"}, "qc": QC}
    config.write_text(yaml.safe_dump(values | {"selection": {"method": "all"}}))
    rules = ("--allowed-rules", "remove_relatives", "--rerun-triggers", "mtime")
    done = run_snakemake(
        "results/messy/cohort/filters/kinship.id", *rules, workdir=tmp_path, config=config
    )
    assert done.returncode == 0, done.stdout + done.stderr
    left = pd.read_csv(folder / "filters/kinship.id", sep="\t")["#IID"]
    gone = set(people["#IID"]) - set(left)
    assert len(gone) == (n_people // 2000)
    assert all(int(name[1:]) % 2000 < 2 for name in gone)


def test_pruning__looks_at_the_training_part_alone(run, tmp_path):
    of_everybody, of_train = [], []
    for chromosome in CHROMOSOMES:
        genotypes, train = run / f"cohort/qc/{chromosome}", run / "cohort/train.id"
        plink2("--pfile", genotypes, "--keep", train, "--make-pgen", "--out", tmp_path / "train")
        for prefix, listed in [(genotypes, of_everybody), (tmp_path / "train", of_train)]:
            pruning = ("--bad-freqs", "--indep-pairwise", 500, 50, 0.2)
            plink2("--pfile", prefix, *pruning, "--out", tmp_path / "list")
            listed += (tmp_path / "list.prune.in").read_text().split()
    assert list(read_variants(run / "cohort/pruned.pvar")["id"]) == of_train != of_everybody


@pytest.mark.parametrize("name", SAME)
def test_chromosomes__give_what_one_fileset_gives(run, whole, name):
    assert (run / name).read_bytes() == (whole / name).read_bytes()


def test_clumps__of_chromosomes_are_those_of_one_fileset(run, whole):
    of_whole = pd.read_csv(whole / "t2d/clumps/all.tsv", sep="\t")
    tables = [pd.read_csv(run / f"t2d/clumps/{name}.tsv", sep="\t") for name in CHROMOSOMES]
    of_chromosomes = pd.concat(tables).sort_values(["P", "#CHROM", "POS"], ignore_index=True)
    by_p = of_whole.sort_values(["P", "#CHROM", "POS"], ignore_index=True)
    pd.testing.assert_frame_equal(of_chromosomes, by_p)


@pytest.mark.parametrize(("limit", "numbers"), [(2, [3, 5, 8, 10]), (5, range(1, 11))])
def test_thinning__takes_even_steps_along_each_chromosome(tmp_path, limit, numbers):
    rows = [(1 + i // 5, 100 * i, f"rs{i + 1}", "A", "G") for i in range(10)]
    table = pd.DataFrame(rows, columns=["#CHROM", "POS", "ID", "REF", "ALT"])
    table.to_csv(tmp_path / "ten.pvar", sep="\t", index=False)
    script = ROOT / "workflow/scripts/thin_evenly.sh"
    command = ["bash", script, str(limit), tmp_path / "ten.pvar"]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert printed.split() == [f"rs{number}" for number in numbers]


def test_pca__everybody_is_on_one_scale(run):
    split = read_table(run / "cohort/split.tsv")
    table = read_table(run / "cohort/pca.tsv").merge(split)
    assert len(table) == len(split)
    spread = table.groupby("part")["PC1"].std()
    assert spread["test"] < 2 * spread["train"]
    assert spread["train"] < 20 * spread["test"]
    assert table[[f"PC{k}" for k in range(1, 11)]].notna().all(axis=None)
