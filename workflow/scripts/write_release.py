"""Rule write_release: the synthetic cohort as it is given away."""

from pathlib import Path

from genosynth.data.genotypes import load_genotypes
from genosynth.data.labels import load_labels
from genosynth.data.provenance import Making, provenance
from genosynth.data.release import write_release
from genosynth.files import read_table
from genosynth.progress import log_to

with log_to(snakemake.log[0]):
    source = snakemake.input
    made_from = [source.panel, source.labels, source.label_table, *source.model]
    write_release(
        load_genotypes(source.synthetic),
        load_labels(source.labels),
        Path(snakemake.output.pgen).parent,
        provenance=provenance(
            Making(**snakemake.params.making),
            inputs=made_from,
            plink2_version=Path(source.plink2).read_text().strip(),
        ),
        template=source.template,
        real_ids=read_table(source.people, dtype=str)["IID"],
        autosomes=snakemake.params.autosomes,
    )
