#!/usr/bin/env bash
# Benchmarks of speed and memory that take minutes, one after the other, into results/bench.md.
# Those of quality (generators, known_effects: hours; shadow_models: minutes): benchmarks/README.md.
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/.venv/bin:$PWD/.tools/bin:$PATH"

[ -f results/demo/report.html ] || tools/demo.sh all
scratch=results/bench
mkdir -p "$scratch"

benchmark() {
    printf '## `python -m benchmarks.%s`\n\n' "$*"
    python -m "benchmarks.$@"
    echo
}

{
    echo '# Benchmarks'
    echo
    benchmark demo_costs results/demo
    benchmark rule_costs results/demo disease
    benchmark panel_reading results/demo disease
    benchmark training results/demo/disease/genotypes
    benchmark training_profile
    benchmark drawing
    benchmark sampling_steps results/demo disease
    benchmark evaluation_costs
    benchmark nearest_neighbours
    benchmark growth
    benchmark simulated_biobank "$scratch/biobank"
    benchmark storage "$scratch/biobank/genotypes"
} | tee results/bench.md.part
mv results/bench.md.part results/bench.md
rm -r "$scratch"
echo "wrote results/bench.md"
