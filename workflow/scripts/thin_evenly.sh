#!/usr/bin/env bash
# Print ids of variants at even steps along each chromosome of a .pvar, at most LIMIT of each.
#   thin_evenly.sh LIMIT PVAR
set -euo pipefail

# The i-th of n variants stays where i × LIMIT / n passes a whole number.
awk -v limit="$1" '
    /^#/ { next }
    NR == FNR { n[$1]++; next }
    { i = ++seen[$1]; step = limit / n[$1] }
    step >= 1 || int(i * step) > int((i - 1) * step) { print $3 }
' "$2" "$2"
