#!/usr/bin/env bash
# How long `make demo` takes on a fresh clone of the committed state, and how long once it is made.
#   benchmarks/demo_time.sh [CORES]     default: all
set -euo pipefail
cd "$(dirname "$0")/.."
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
git clone --quiet . "$scratch/genosynth"

seconds_of_demo() {
    local start
    start=$(date +%s.%N)
    make --directory "$scratch/genosynth" demo CORES="${1:-all}" >&2 || return 1
    awk -v start="$start" -v end="$(date +%s.%N)" 'BEGIN { printf "%.0f", end - start }'
}

first=$(seconds_of_demo "$@")
second=$(seconds_of_demo "$@")
cat <<TABLE
| make demo | seconds |
| --- | --- |
| fresh clone, set-up included | $first |
| second time, nothing to do | $second |

$(grep -m 1 'model name' /proc/cpuinfo | cut -d : -f 2 | xargs), $(nproc) cores; CORES=${1:-all}.
TABLE
