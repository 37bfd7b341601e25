# Raw genotypes → a cohort of quality → train, test and reference, with frequencies and structure.


include: "cohort_import.smk"
include: "cohort_people.smk"
include: "cohort_variants.smk"
include: "cohort_split.smk"
include: "cohort_components.smk"
