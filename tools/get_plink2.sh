#!/usr/bin/env bash
# A plink2 that is new enough: the one on PATH, else conda's, else Debian's package.
# Whatever is installed lies under .tools/ and is called through .tools/bin/plink2, which .venv/bin
# links to; the system, apt's state included, stays as it is.
set -euo pipefail
cd "$(dirname "$0")/.."

package='plink2=2.00~a6.9-250129+dfsg-1+b1'
suite=trixie # the first Debian release whose plink2 has --clump and --r2-unphased
declare -A sha256=(
    [amd64]=f60c721715c4359c2019fd0d4092119f9dbda6a12c327e10ffbef03ffde084a7
    [arm64]=373bb94f347b3815ab612ded208af3958ab13c9b6afbb621451e2bb6c30a7743
)
# What Debian's plink2 is linked to; some of them exist on some processors only.
libraries=(libblas3 liblapack3 libgfortran5 libquadmath0 libgcc-s1 libdeflate0 libzstd1 zlib1g)

# Version of the plink2 in folder $1, else of the one on PATH; fails unless it is new enough.
check() { PATH="${1:+$1:}$PATH" bash workflow/scripts/check_plink2.sh 2>/dev/null; }

from_conda() {
    local tool
    for tool in conda mamba micromamba; do
        command -v "$tool" >/dev/null || continue
        echo "plink2: installing with $tool into .tools/conda"
        rm -rf .tools/conda
        if CONDA_ALWAYS_YES=true MAMBA_ALWAYS_YES=true "$tool" env create \
            --file envs/plink2.yaml --prefix "$PWD/.tools/conda" >.tools/conda.log 2>&1 &&
            check .tools/conda/bin >/dev/null; then
            ln -sfn ../conda/bin/plink2 .tools/bin/plink2
            return
        fi
        echo "plink2: $tool did not manage, see .tools/conda.log"
    done
    return 1
}

# This machine's own Debian mirror with the suite changed, as $1.sources or $1.list: apt's two formats.
debian_source() {
    local own format
    own=$(. /etc/os-release && echo "${VERSION_CODENAME:-none}")
    cat /etc/apt/sources.list.d/*.sources 2>/dev/null | awk -v own="$own" -v suite="$suite" '
        BEGIN { RS = "" }
        $0 ~ "(^|\n)Suites:([^\n]* )?" own "( |\n|$)" {
            sub(/Suites:[^\n]*/, "Suites: " suite); print; exit
        }' >"$1.sources" || true
    cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null |
        awk -v own="$own" -v suite="$suite" '
        $1 == "deb" && sub(" " own " ", " " suite " ") { print; exit }' >"$1.list" || true
    for format in sources list; do
        if [ -s "$1.$format" ]; then
            echo "$1.$format"
            return
        fi
    done
    return 1
}

from_debian() {
    local architecture source scratch
    command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || return 1
    architecture=$(dpkg --print-architecture)
    [ -n "${sha256[$architecture]:-}" ] || return 1
    scratch=$PWD/.tools/scratch
    rm -rf "$scratch" .tools/plink2
    mkdir -p "$scratch"/{lists,cache/archives}/partial .tools/plink2
    source=$(debian_source "$scratch/debian") || return 1
    echo "plink2: unpacking Debian's package ($suite) into .tools/plink2"
    apt=(apt-get -qq -o "Dir::State::Lists=$scratch/lists" -o "Dir::Cache=$scratch/cache"
        -o "APT::Sandbox::User=$(id -un)")
    (
        cd "$scratch"
        only=(-o "Dir::Etc::SourceList=$source" -o Dir::Etc::SourceParts=/dev/null)
        "${apt[@]}" "${only[@]}" update && "${apt[@]}" "${only[@]}" download "$package" &&
            echo "${sha256[$architecture]}  $(echo plink2_*.deb)" | sha256sum --check --quiet
    ) >.tools/debian.log 2>&1 || { echo "plink2: apt did not manage, see .tools/debian.log"; return 1; }
    dpkg-deb --extract "$scratch"/plink2_*.deb .tools/plink2
    write_wrapper
    check .tools/bin >/dev/null || add_libraries "$scratch"
    rm -rf "$scratch"
    check .tools/bin >/dev/null
}

add_libraries() {
    local library
    echo "plink2: unpacking the libraries it needs beside it"
    (
        cd "$1"
        "${apt[@]}" update
        for library in "${libraries[@]}"; do
            "${apt[@]}" download "$library" || true
        done
        for library in lib*.deb zlib1g*.deb; do
            dpkg-deb --extract "$library" ../plink2
        done
    ) >>.tools/debian.log 2>&1 || true
}

write_wrapper() {
    rm -f .tools/bin/plink2  # a link of an earlier set-up, perhaps
    cat >.tools/bin/plink2 <<'WRAPPER'
#!/bin/sh
# Debian's plink2 and the libraries unpacked beside it, if any.
root=$(dirname "$(readlink -f "$0")")/../plink2
for folder in "$root"/lib/*-linux-gnu "$root"/usr/lib/*-linux-gnu; do
    LD_LIBRARY_PATH=$folder:$folder/blas:$folder/lapack${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
done
export LD_LIBRARY_PATH
exec "$root/usr/bin/plink2" "$@"
WRAPPER
    chmod +x .tools/bin/plink2
}

complain() {
    cat >&2 <<TEXT
plink2 2.0.0-a.6 or newer is needed; found on PATH: $(plink2 --version 2>/dev/null || echo none).
Do one of these and start again:
  - put conda, mamba or micromamba on PATH: plink2 then comes from Bioconda (envs/plink2.yaml);
  - put a plink2 on PATH: the package of Debian 13 or newer, or the binary of the PLINK 2 web site.
TEXT
    exit 1
}

mkdir -p .tools/bin
if version=$(check ""); then
    place="on PATH"
else
    check .tools/bin >/dev/null || from_conda || from_debian || complain
    [ ! -d .venv/bin ] || ln -sfn ../../.tools/bin/plink2 .venv/bin/plink2
    version=$(check .tools/bin)
    place=".tools/bin/plink2"
fi
echo "plink2: ready, $place ($version)"
