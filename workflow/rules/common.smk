from functools import cache
from pathlib import Path

import numpy as np


def section(name):
    """Settings of one stage as plain data, so that only its own edits rerun a rule."""
    return getattr(settings, name).model_dump(mode="json")


def code(script):
    """Fingerprint of a script and of the library behind it; read once, and only for its jobs."""
    return lambda wildcards: script_fingerprint(script)


@cache
def script_fingerprint(script):
    """Fingerprint of a script by name, without the suffix where that is .py."""
    name = script if script.endswith(".sh") else f"{script}.py"
    return fingerprint(f"{workflow.basedir}/workflow/scripts/{name}")


def seed(*scope):
    """Seed of one named stream; wildcards named in the scope are filled in for each job."""
    return lambda wildcards: derive_seed(
        settings.seed, *(str(part).format(**wildcards) for part in scope)
    )


def growing_mb(megabytes):
    """Memory that doubles with each attempt."""
    return lambda wildcards, attempt: megabytes * 2 ** (attempt - 1)


def genotypes_mb(least, *, bytes_each, bytes_a_pair=0):
    """Memory for a rule that reads everybody's genotypes at the panel; doubles with each attempt.

    Half of the least, and so many bytes a genotype and a pair of variants, where that is more
    (docs/scale.md). Until the genotypes are there it is the least; Snakemake asks again before it
    starts the job.
    """

    def megabytes(wildcards, input, attempt):
        n_people, n_variants = largest_matrix(input)
        n_bytes = bytes_each * n_people * n_variants + bytes_a_pair * n_variants**2
        return max(least, least // 2 + n_bytes // 10**6) * 2 ** (attempt - 1)

    return megabytes


def largest_matrix(input):
    """People and variants of the real or the synthetic people of a rule, whichever are more."""
    folders = [
        Path(folder) for folder in (input.genotypes, input.get("synthetic")) if folder
    ]
    matrices = [folder / "counts.npy" for folder in folders]
    shapes = [np.load(each, mmap_mode="r").shape for each in matrices if each.exists()]
    return max(shapes, key=np.prod, default=(0, 0))


def growing_minutes(minutes):
    """Run time that doubles with each attempt."""
    return lambda wildcards, attempt: minutes * 2 ** (attempt - 1)


def side_by_side(threads):
    """As many threads; one on a small machine, where jobs beside each other are faster."""
    cores = workflow.resource_settings.cores  # None where a cluster runs the jobs
    return 1 if cores is not None and cores < 4 else threads


def trait_settings(wildcards):
    """Settings of the trait of a job as plain data; None for a run without phenotypes."""
    trait = settings.phenotypes.traits.get(wildcards.trait)
    return trait.model_dump(mode="json") if trait else None


def for_each_trait(path):
    """A path once for each trait of the cohort."""
    return expand(path, cohort=settings.cohort, trait=settings.trait_names)


def repeats():
    """Numbers of the synthetic cohorts drawn from each generator."""
    return [str(number + 1) for number in range(settings.sampling.repeats)]


def n_gpus():
    """GPUs that a training or sampling job asks a cluster for."""
    return 0 if settings.device == "cpu" else 1


def scored_rows(wildcards):
    """What is scored for a trait: every synthetic cohort and reference row, then every model."""
    cohorts = [
        (name, int(repeat))
        for name in settings.generator_names
        for repeat in (["1"] if name in settings.external_releases else repeats())
    ]
    cohorts += [(name, 1) for name in REFERENCE_ROWS]
    of_trait = [] if wildcards.trait == NO_TRAIT else ["association", "utility"]
    scored = [
        (group, name, repeat)
        for group in ["fidelity", *of_trait, "privacy"]
        for name, repeat in cohorts
    ]
    scored += [(group, name, 1) for group in of_trait for name in TRAIT_FLOORS]
    scored += [("privacy", name, 1) for name in PRIVACY_CONTROLS]
    scored += [
        ("likelihood", name, 1)
        for name in settings.built_in_generators
        if name in LIKELIHOODS
    ]
    return [
        {"generator": name, "repeat": repeat, "group": group}
        for group, name, repeat in scored
    ]


def score_files(wildcards):
    """Files of scores in the order of `scored_rows`."""
    path = "results/{cohort}/{trait}/{generator}/scores/{repeat}/{group}.tsv"
    return [path.format(**wildcards, **row) for row in scored_rows(wildcards)]
