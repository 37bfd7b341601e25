#!/usr/bin/env bash
# Python packages of pyproject.toml in .venv.
#   tools/get_python.sh [dev]     dev: with the extra of that name
# Nothing is done while pyproject.toml is the one that was installed last.
set -euo pipefail
cd "$(dirname "$0")/.."

extra=${1:-}
log=.venv/pip.log
digest=$(sha256sum pyproject.toml | cut -d ' ' -f 1)

fits() { # Is "$1" a Python that pyproject.toml allows, and does it still run?
    "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 13))' 2>/dev/null
}

find_python() {
    local candidate
    for candidate in python3.11 python3.12 python3 python; do
        if fits "$candidate"; then
            echo "$candidate"
            return
        fi
    done
    echo "No Python 3.11 or 3.12 on PATH. Install one, e.g.: apt-get install python3 python3-venv" >&2
    exit 1
}

make_environment() {
    local python
    python=$(find_python)
    if ! "$python" -c 'import ensurepip' 2>/dev/null; then
        echo "$python has no venv module. Install it, e.g.: apt-get install python3-venv" >&2
        exit 1
    fi
    rm -rf .venv
    "$python" -m venv .venv
}

show_life() { # One line every ten seconds while process $1 fills the log.
    local seconds=0
    while sleep 1 && kill -0 "$1" 2>/dev/null; do
        seconds=$((seconds + 1))
        if ((seconds % 10 == 0)); then
            printf '  %4d s  %5d MB  %.80s\n' "$seconds" "$(du -sm .venv | cut -f 1)" \
                "$(tail -n 1 "$log")"
        fi
    done
}

install_packages() {
    .venv/bin/python -m pip install --no-input --progress-bar off \
        --editable ".${extra:+[$extra]}" >"$log" 2>&1 &
    show_life $!
    if ! wait $!; then
        tail -n 15 "$log" >&2
        echo "The Python packages could not be installed; the whole story is in $log" >&2
        exit 1
    fi
}

fits .venv/bin/python && .venv/bin/python -c 'import pip' 2>/dev/null || make_environment
if ! grep -qsxF "$digest" .venv/installed-dev ".venv/installed-${extra:-base}"; then
    echo "Python packages: installing into .venv, a minute or two"
    rm -f .venv/installed-*  # half an installation is none
    install_packages
    echo "$digest" >".venv/installed-${extra:-base}"
fi
echo "Python packages: ready in .venv ($(.venv/bin/python --version))"
