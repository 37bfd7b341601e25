#!/usr/bin/env bash
# Print the version of plink2 on PATH; stop with one message if there is none or it is too old.
set -euo pipefail

remedy="Install plink2 2.0.0-a.6 or newer: run tools/set_up.sh, or snakemake --sdm conda"

if ! command -v plink2 >/dev/null; then
    echo "ERROR plink2 is not on PATH. $remedy" >&2
    exit 1
fi
version=$(plink2 --version | head -n 1)
# 2.0.0-a.6 is the first with --r2-unphased; before a.6.9 the same series was written 2.00a6.
if [[ $version =~ ^PLINK\ v2\.0(0|\.0-)a\.?([0-9]+) ]]; then
    new_enough=$((BASH_REMATCH[2] >= 6))
elif [[ $version =~ ^PLINK\ v(2\.[0-9]+\.[0-9]|[3-9]) ]]; then
    new_enough=1
else
    new_enough=0
fi
if [ "$new_enough" = 0 ]; then
    echo "ERROR $(command -v plink2) is too old: $version. $remedy" >&2
    exit 1
fi
echo "$version"
