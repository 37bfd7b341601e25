# GWAS on the training part → clumps → the panel of each trait → its genotypes.


include: "selection_gwas.smk"
include: "selection_panel.smk"
