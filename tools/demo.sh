#!/usr/bin/env bash
# The whole workflow on the embedded cohort, then a summary of ten lines.
#   tools/demo.sh [CORES]     default: all
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/.venv/bin:$PATH"

snakemake --configfile config/cohorts/demo.yaml --cores "${1:-all}" 2>&1 |
    python tools/show_progress.py logs/demo/snakemake.log
python -m genosynth.reporting.summary results/demo
