# What a user and CI call; each target is a script in tools/.
CORES ?= all

.PHONY: demo test test-slurm bench known-effects shadow-models lint setup config clean

demo: setup  ## the whole workflow on the embedded simulated cohort; CORES=8 limits it
	tools/demo.sh $(CORES)

test:  ## set-up, lint and the whole test suite
	tools/set_up.sh dev
	tools/lint.sh
	PATH="$$PWD/.venv/bin:$$PATH" pytest --numprocesses auto --maxprocesses 4 --no-loadscope-reorder

test-slurm:  ## the part of the tests that starts a cluster of one node: as root; packages: docs/cluster.md
	tools/set_up.sh dev
	PATH="$$PWD/.venv/bin:$$PATH" pytest tests/slurm -rs

bench: setup  ## speed and memory, of an idle machine; results/bench.md
	tools/bench.sh

known-effects: setup  ## are causal variants found from synthetic people? 18 runs; results/known_effects
	PATH="$$PWD/.venv/bin:$$PATH" python -m benchmarks.known_effects results/known_effects --cores $(CORES)

shadow-models: demo  ## who is found by somebody who repeats the whole pipeline? Minutes, beside the demo
	PATH="$$PWD/.venv/bin:$$PATH" python -m benchmarks.shadow_models results/demo/disease/genotypes --people 600 --models 8

lint:  ## the checks that need no data
	tools/set_up.sh dev
	tools/lint.sh

setup:  ## Python packages in .venv, plink2 on PATH or in .tools
	tools/set_up.sh

config:  ## config/config.yaml and its schema, from the settings
	.venv/bin/python -m genosynth.settings.template > config/config.yaml
	.venv/bin/python -m genosynth.settings.config > config/config.schema.json

clean:  ## results of the demo; `git clean -dXf` removes everything that is not tracked
	rm -rf results/demo logs/demo
