#!/usr/bin/env bash
# Join filesets of different chromosomes; rule filter_samples has seen that they hold the same people.
#   merge_filesets.sh OUTPUT THREADS MEGABYTES FILESET...      all but the numbers are prefixes of .pgen, .pvar and .psam
set -euo pipefail

output=$1 threads=$2 megabytes=$3 filesets=("${@:4}")

if [ ${#filesets[@]} = 1 ]; then
    for suffix in pgen pvar psam; do
        cp "${filesets[0]}.$suffix" "$output.$suffix"
    done
else
    printf '%s\n' "${filesets[@]}" >"$output.list"
    plink2 \
        --pmerge-list "$output.list" \
        --threads "$threads" \
        --memory "$megabytes" \
        --out "$output"
fi
