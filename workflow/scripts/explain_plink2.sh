#!/usr/bin/env bash
# plink2 stopped: say which setting left nobody or nothing.
# Errors of any other kind speak for themselves.
#   explain_plink2.sh PREFIX PEOPLE_SETTINGS VARIANT_SETTINGS     PREFIX: what plink2 had as --out
set -euo pipefail

text=$(tr '\n' ' ' <"$1.log" 2>/dev/null || true)
if [[ $text =~ Error:\ (No|All)\ samples || $text =~ \ 0\ samples\ remaining ]]; then
    echo "ERROR nobody is left after $2. Loosen it in the config, then start again"
elif [[ $text =~ Error:\ (No|All)\ variants ]]; then
    echo "ERROR no variant is left after $3. Loosen it in the config, then start again"
fi
