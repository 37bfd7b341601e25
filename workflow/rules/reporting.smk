rule write_report:
    """Draw the figures, judge the generators and write one self-contained page of the cohort."""
    input:
        template=f"{workflow.basedir}/genosynth/reporting/report.html.j2",
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
        figures=figure_data(),
        leaking=expand(
            "results/{{cohort}}/{trait}/train_copy/scores/1/nearest.tsv",
            trait=settings.trait_names,
        ),
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
