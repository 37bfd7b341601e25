#!/usr/bin/env bash
# Test variants for association with the trait in a table of people: linear, or logistic with Firth fallback.
#   run_glm.sh OUTPUT GENOTYPES PEOPLE THREADS MEGABYTES
# GENOTYPES: prefix of .pgen, .pvar and .psam. PEOPLE: #FID IID trait and covariates. Nothing is written where plink2 has no result.
set -euo pipefail

output=$1 genotypes=$2 people=$3 threads=$4 megabytes=$5
making=$output.making
trap 'rm -f "$making".*' EXIT

covariates=()
n_columns=$(head -n 1 "$people" | wc -w)
if [ "$n_columns" -gt 3 ]; then
    covariates=(
        --covar "$people"
        --covar-col-nums $(seq 4 "$n_columns")
        --covar-variance-standardize
    )
fi

# Whoever makes the table limits the collinearity of covariates; --vif is for a variant that they explain.
# Single precision halves the time and changes log odds by less than 0.001.
plink2 \
    --pfile "$genotypes" \
    --keep "$people" \
    --threads "$threads" \
    --memory "$megabytes" \
    --pheno "$people" \
    --pheno-name trait \
    --no-input-missing-phenotype \
    "${covariates[@]}" \
    --vif 1000 \
    --glm omit-ref hide-covar allow-no-covars single-prec-cc cols=chrom,pos,ref,alt,a1freq,nobs,beta,se,p,err \
    --out "$making"

for found in "$making".trait.glm.*; do
    if [ -e "$found" ]; then mv "$found" "$output"; fi
done
