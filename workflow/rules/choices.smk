# Which files and arguments the settings choose. No rules here: snakemake --lint wants them apart.


def shell_script(name):
    """Path of a script that shell commands call."""
    return f"{workflow.basedir}/workflow/scripts/{name}.sh"


def import_arguments(wildcards):
    """Arguments that make plink2 read a fileset, its chromosome and the people the settings name."""
    chrom = wildcards.chrom
    place = ["--autosome"] if chrom == WHOLE else ["--chr", chrom]
    arguments = [*plink2_arguments(sources()[chrom]), *place]
    if settings.qc.keep:
        arguments = [*arguments, "--keep", settings.qc.keep]
    if settings.qc.remove:
        arguments = [*arguments, "--remove", settings.qc.remove]
    return arguments


def for_each_fileset(path):
    """A path once for each fileset of the cohort, in genomic order."""
    return expand(path, chrom=chromosomes(), allow_missing=True)


def filesets(folder):
    """Files of every fileset of the cohort in a folder, in genomic order."""
    files = for_each_fileset(f"{folder}/{{chrom}}.{{suffix}}")
    return expand(files, suffix=["pgen", "pvar", "psam"], allow_missing=True)


def fileset_prefixes(files):
    """Prefix of each .pgen fileset that has files among these."""
    return [path.removesuffix(".pgen") for path in files if path.endswith(".pgen")]


def lists_of_people():
    """Files of the people to keep or remove."""
    return [path for path in (settings.qc.keep, settings.qc.remove) if path]


def sample_lists():
    """Lists of the people that passed each filter of people, in the order of filtering."""
    names = ["sample_missing", *(["kinship"] if settings.qc.kinship else [])]
    return [f"results/{{cohort}}/cohort/filters/{name}.id" for name in names]


def people_who_stay():
    """The list of people after the last filter of people."""
    return sample_lists()[-1]


def lowest_kinship():
    """Kinship above which pairs are written down: the lower of the two thresholds."""
    return min(settings.split.kinship, settings.qc.kinship or 0.5)


def n_components():
    """Principal components to fit: ten to look at, or more if the GWAS uses more."""
    return max(10, settings.phenotypes.n_components)


def gwas_of(wildcards):
    """The GWAS of a trait as a list of one path, or of none for a run without phenotypes."""
    return expand(
        "results/{cohort}/{trait}/gwas.tsv",
        cohort=wildcards.cohort,
        trait=[wildcards.trait] if wildcards.trait != NO_TRAIT else [],
    )


def panel_candidates(wildcards):
    """Lists of ids that the panel is chosen from, or none: every variant or a region."""
    paths = {
        "gwas": for_each_fileset("results/{cohort}/{trait}/clumps/{chrom}.tsv"),
        "prune": for_each_fileset("results/{cohort}/cohort/panel/{chrom}.snplist"),
        "list": [settings.selection.variants],
    }
    return [
        str(path).format(**wildcards)
        for path in paths.get(settings.selection.method, [])
    ]


def polygenic_scores_of(wildcards):
    """Weights of the polygenic scores made elsewhere as a list of one path, or of none."""
    trait = trait_settings(wildcards)
    path = "results/{cohort}/{trait}/polygenic_scores.tsv"
    return [path.format(**wildcards)] if trait and trait["polygenic_scores"] else []


def known_truth():
    """The table of causal variants as a list of one path, or of none: only a simulation has it."""
    is_known = settings.genotypes.format == "simulated"
    return ["results/{cohort}/cohort/input/truth.tsv"] if is_known else []


def diffusion():
    """The latent diffusion generator as a list of its name, or of none where it is left out."""
    return [name for name in settings.built_in_generators if name == "latent_diffusion"]


def figure_data_of_real_people():
    """Tables of the reference rows that are drawn beside those of the generators."""
    names = ["train_copy/scores/1/nearest", "train_copy/scores/1/membership_roc"]
    names += ["real_train/scores/1/components"]
    of_holdout = ["ld_block", "membership_roc", "exposure"]
    if settings.phenotypes.traits:
        of_holdout += ["gwas", "utility_groups"]
    names += [f"real_holdout/scores/1/{name}" for name in of_holdout]
    return for_each_trait(expand("results/{{cohort}}/{{trait}}/{name}.tsv", name=names))


def figure_data():
    """Tables behind the report's figures; without a trait there is nothing to associate."""
    names = ["allele_frequencies", "ld_decay", "ld_block", "components"]
    names += ["nearest", "membership_roc", "exposure", "release_size"]
    if settings.phenotypes.traits:
        names += ["effects", "gwas", "roc", "calibration"]
        names += ["utility_groups", "utility_classes"]
    return for_each_trait(
        expand(
            "results/{{cohort}}/{{trait}}/{generator}/scores/1/{name}.tsv",
            generator=settings.generator_names,
            name=names,
        )
    )
