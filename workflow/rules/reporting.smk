rule write_report:
    """Draw the figures, judge the generators and write one self-contained page of the cohort."""
    input:
        page=f"{workflow.basedir}/genosynth/reporting/report.html.j2",
        summary=f"{workflow.basedir}/genosynth/reporting/summary.html.j2",
        cohort=expand(
            "results/{{cohort}}/cohort/{table}",
            table=["qc_steps.tsv", "pca.tsv", "split.tsv", "phenotypes.json"],
        ),
        plink2=ancient("results/{cohort}/cohort/plink2.version"),
        traits=expand(
            "results/{{cohort}}/{trait}/{table}",
            trait=settings.trait_names,
            table=[
                "scores.tsv",
                "panel.tsv",
                "genotypes",
                "labels.json",
                "labels/1.tsv",
            ],
        ),
        gwas=expand(
            "results/{{cohort}}/{trait}/gwas.tsv",
            trait=list(settings.phenotypes.traits),
        ),
        matching=expand(
            "results/{{cohort}}/{trait}/gwas_matching.tsv",
            trait=settings.traits_scanned_elsewhere,
        ),
        figures=figure_data(),
        real_people=figure_data_of_real_people(),
        external=expand(
            "results/{{cohort}}/{trait}/{generator}/synthetic/1",
            trait=settings.trait_names,
            generator=list(settings.external_releases),
        ),
        curves=expand(
            "results/{{cohort}}/{trait}/{generator}/model/{network}_curves.tsv",
            trait=settings.trait_names,
            generator=diffusion(),
            network=["vae", "units", "denoiser"],
        ),
        sweep=expand(
            "results/{{cohort}}/{trait}/{generator}/sweep/{table}.tsv",
            trait=settings.trait_names,
            generator=diffusion(),
            table=["guidance", "steps", "masked"],
        ),
    output:
        page=report(
            "results/{cohort}/report.html",
            category="Cohort",
            labels={"page": "report"},
        ),
        summary="results/{cohort}/summary.html",
    log:
        "logs/{cohort}/write_report/job.log",
    benchmark:
        "results/{cohort}/timings/write_report/job.tsv"
    conda:
        "../../envs/genosynth.yaml"
    threads: 1
    resources:
        mem_mb=growing_mb(2000),
        runtime=growing_minutes(15),
    params:
        settings=settings.model_dump(mode="json"),  # the page states them
        folder=subpath(output.page, parent=True),
        code=code("write_report"),
    script:
        "../scripts/write_report.py"


rule export_figures:
    """Every figure of the report as SVG and PNG, for papers and slides."""
    input:
        "results/{cohort}/report.html",
    output:
        directory("results/{cohort}/figures"),
    log:
        "logs/{cohort}/export_figures/job.log",
    benchmark:
        "results/{cohort}/timings/export_figures/job.tsv"
    conda:
        "../../envs/genosynth.yaml"
    threads: 1
    resources:
        mem_mb=growing_mb(2000),
        runtime=growing_minutes(15),
    params:
        settings=settings.model_dump(mode="json"),
        folder=subpath(output[0], parent=True),
        code=code("export_figures"),
    script:
        "../scripts/export_figures.py"


rule describe_release:
    """Put beside a release what was measured of it, as data, and its datasheet."""
    input:
        scores="results/{cohort}/{trait}/scores.tsv",
        exposure="results/{cohort}/{trait}/{generator}/scores/1/exposure.tsv",
        release_size="results/{cohort}/{trait}/{generator}/scores/1/release_size.tsv",
        people="results/{cohort}/{trait}/{generator}/release/synthetic.psam",
        provenance="results/{cohort}/{trait}/{generator}/release/provenance.json",
        qc_steps="results/{cohort}/cohort/qc_steps.tsv",
        template=f"{workflow.basedir}/resources/datasheet.md.j2",
    output:
        evaluation="results/{cohort}/{trait}/{generator}/release/evaluation.json",
        datasheet="results/{cohort}/{trait}/{generator}/release/DATASHEET.md",
    log:
        "logs/{cohort}/describe_release/{trait}_{generator}.log",
    benchmark:
        "results/{cohort}/timings/describe_release/{trait}_{generator}.tsv"
    wildcard_constraints:
        generator=one_of(settings.built_in_generators),
    conda:
        "../../envs/genosynth.yaml"
    threads: 1
    resources:
        mem_mb=growing_mb(1000),
        runtime=growing_minutes(10),
    params:
        code=code("describe_release"),
    script:
        "../scripts/describe_release.py"


rule gather_timings:
    """Add up what the jobs of each rule took, when everything else is made."""
    input:
        report="results/{cohort}/report.html",
        releases=releases(),
        described=described_releases(),
    output:
        "results/{cohort}/timings.tsv",
    log:
        "logs/{cohort}/gather_timings/job.log",
    benchmark:
        "results/{cohort}/timings/gather_timings/job.tsv"
    conda:
        "../../envs/genosynth.yaml"
    threads: 1
    resources:
        mem_mb=growing_mb(1000),
        runtime=growing_minutes(10),
    params:
        folder=subpath(output[0], strip_suffix=".tsv"),
        code=code("gather_timings"),
    script:
        "../scripts/gather_timings.py"
