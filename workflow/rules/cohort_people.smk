rule filter_samples:
    """List the people whose genotypes are called often enough, all chromosomes together."""
    input:
        for_each_fileset("results/{cohort}/cohort/import/{chrom}.smiss"),
    output:
        "results/{cohort}/cohort/filters/sample_missing.id",
    log:
        "logs/{cohort}/filter_samples/job.log",
    benchmark:
        "results/{cohort}/timings/filter_samples/job.tsv"
    conda:
        "../../envs/genosynth.yaml"
    threads: 1
    resources:
        mem_mb=growing_mb(2000),
        runtime=growing_minutes(10),
    params:
        sample_missing=settings.qc.sample_missing,
        code=code("filter_samples"),
    script:
        "../scripts/filter_samples.py"


rule find_relatives:
    """Find related pairs (KING), first on few variants, then those that may be close on all."""
    input:
        genotypes=filesets("results/{cohort}/cohort/thinned"),
        people="results/{cohort}/cohort/filters/sample_missing.id",
    output:
        "results/{cohort}/cohort/kinship.tsv",
    log:
        "logs/{cohort}/find_relatives/job.log",
    benchmark:
        "results/{cohort}/timings/find_relatives/job.tsv"
    conda:
        "../../envs/plink2.yaml"
    threads: 16
    resources:
        mem_mb=growing_mb(2000),
        runtime=growing_minutes(120),
    params:
        genotypes=lambda wildcards, input: fileset_prefixes(input.genotypes),
        merge=shell_script("merge_filesets"),
        code=code("merge_filesets.sh"),
        maf=settings.qc.maf,
        kinship=lowest_kinship(),
        half_kinship=lowest_kinship() / 2,  # no close pair looks that distant on few variants
        prefix=subpath(output[0], strip_suffix=".tsv"),
        seed=seed("find_relatives"),
        explain=shell_script("explain_plink2"),
    shell:
        r"""
        exec &> >(tee {log:q})
        making={params.prefix:q}.making
        trap 'rm -f "$making".*' EXIT
        filter="qc.maf = {params.maf}"
        explain() {{ bash {params.explain:q} "$step" qc.sample_missing "$filter"; }}
        trap explain ERR

        step=$making.thinned
        bash {params.merge:q} "$step" {threads} $(({resources.mem_mb} - 400)) \
            {params.genotypes:q}
        shared=(
            --pfile "$making".thinned
            --keep {input.people:q}
            --threads {threads}
            --memory $(({resources.mem_mb} - 400))
            --maf {params.maf:q}
            --make-king-table cols=fid,id,nsnp,hethet,ibs0,kinship
        )
        step=$making.few
        plink2 "${{shared[@]}}" \
            --thin-count 4096 \
            --seed {params.seed} \
            --king-table-filter {params.half_kinship:q} \
            --out "$step"
        step=$making
        plink2 "${{shared[@]}}" \
            --king-table-subset "$making".few.kin0 \
            --king-table-filter {params.kinship:q} \
            --out "$step"

        mv "$making".kin0 {output:q}
        """


rule remove_relatives:
    """List the people left when one of each closely related pair is removed."""
    input:
        people="results/{cohort}/cohort/filters/sample_missing.id",
        kinship="results/{cohort}/cohort/kinship.tsv",
    output:
        "results/{cohort}/cohort/filters/kinship.id",
    log:
        "logs/{cohort}/remove_relatives/job.log",
    benchmark:
        "results/{cohort}/timings/remove_relatives/job.tsv"
    conda:
        "../../envs/plink2.yaml"
    threads: 1
    resources:
        mem_mb=growing_mb(2000),
        runtime=growing_minutes(30),
    params:
        kinship=settings.qc.kinship,
        prefix=subpath(output[0], strip_suffix=".id"),
        explain=shell_script("explain_plink2"),
    shell:
        r"""
        exec &> >(tee {log:q})
        making={params.prefix:q}.making
        trap 'rm -f "$making".*' EXIT
        filter="qc.kinship = {params.kinship}"
        explain() {{ bash {params.explain:q} "$making" "$filter" "$filter"; }}
        trap explain ERR

        shared=(
            --threads {threads}
            --memory $(({resources.mem_mb} - 400))
            --out "$making"
        )
        # plink2 holds a bit for each pair of the people it is given: of a biobank, the close ones.
        awk -v least={params.kinship:q} '
            NR > 1 && $8 >= least {{ print $1 "\t" $2; print $3 "\t" $4 }}
        ' {input.kinship:q} >"$making".close
        if [ -s "$making".close ]; then
            plink2 "${{shared[@]}}" \
                --psam {input.people:q} \
                --keep "$making".close \
                --make-just-psam
            plink2 "${{shared[@]}}" \
                --psam "$making".psam \
                --king-cutoff-table {input.kinship:q} {params.kinship:q}
            plink2 "${{shared[@]}}" \
                --psam {input.people:q} \
                --remove "$making".king.cutoff.out.id \
                --write-samples
        else
            cp {input.people:q} "$making".id
        fi

        n_before=$(($(wc -l <{input.people:q}) - 1))
        n_after=$(($(wc -l <"$making".id) - 1))
        if [ $((2 * n_after)) -lt $n_before ]; then
            echo "ERROR $filter would leave $n_after of $n_before people. In a family cohort or with" \
                "animals set it to null, which keeps relatives; with few independent variants" \
                "kinship is noise: raise it"
            exit 1
        fi
        mv "$making".id {output:q}
        """
