#!/usr/bin/env bash
# What every other command needs: Python packages in .venv and a plink2 that is new enough.
#   tools/set_up.sh [dev]     dev: also what lint and tests need
set -euo pipefail
cd "$(dirname "$0")/.."

tools/get_python.sh "$@"
tools/get_plink2.sh
