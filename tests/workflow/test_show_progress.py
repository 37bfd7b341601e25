"""`make demo` shows a bar or one line for each rule, and on failure the log of what failed."""

import io
import subprocess
import sys
import time

import pytest

from tests.workflow.running import ROOT
from tools.show_progress import Progress, lines_or_silence

# What Snakemake 9.27 prints, shortened; test_pipeline follows a real run.
START = """\
Job stats:
job          count
---------  -------
train_vae        2
all              1
total            3

[Sat Nov 21 02:30:55 2026]
localrule train_vae:
    output: out/0.txt
    jobid: 1
02:30:56 INFO epoch 1: loss 0.9
"""
FIRST_END = """\
[Sat Nov 21 02:30:56 2026]
Finished jobid: 1 (Rule: train_vae)
1 of 3 steps (33%) done
"""
SECOND_END = """\
localrule train_vae:
Finished jobid: 2 (Rule: train_vae)
2 of 3 steps (67%) done
"""
END = """\
localrule all:
Finished jobid: 0 (Rule: all)
3 of 3 steps (100%) done
"""
FAILURE = """\
RuleException:
CalledProcessError in file "Snakefile", line 12:
Error in rule train_vae:
    message: None
    log: logs/tiny/train_vae/job.log (check log file(s) for error details)
Logfile logs/tiny/train_vae/job.log:
================================
02:30:56 ERROR loss is not a number at epoch 3. Lower vae.learning_rate
================================
Exiting because a job execution failed. Look above for error messages
"""


def read(text: str) -> tuple[Progress, list[str]]:
    state = Progress()
    ended = [state.read(line) for line in text.splitlines()]
    return state, [rule for rule in ended if rule]


def test_progress__counts_jobs_and_knows_what_runs():
    state, ended = read(START + FIRST_END)
    assert (state.total, round(state.percent), ended) == (3, 33, [])
    assert read(START)[0].now() == "train_vae: 02:30:56 INFO epoch 1: loss 0.9"


def test_progress__names_a_rule_when_its_last_job_ends():
    state, ended = read(START + FIRST_END + SECOND_END + END)
    assert ended == ["train_vae", "all"]
    assert state.is_done
    assert state.percent == 100


def test_progress__explains_a_failure_by_the_log_of_the_job():
    state, _ = read(START + FAILURE)
    assert not state.is_done
    assert state.explanation() == [
        "Error in rule train_vae:",
        "02:30:56 ERROR loss is not a number at epoch 3. Lower vae.learning_rate",
    ]


def test_progress__shows_everything_when_there_is_no_log():
    state, _ = read('ConfigError in file "Snakefile", line 12:\nvae.n_latnt: unknown key\n')
    assert state.explanation()[-1] == "vae.n_latnt: unknown key"


def test_lines_or_silence__tells_of_silence():
    class Slow(io.StringIO):
        def __iter__(self):
            yield "first\n"
            time.sleep(0.5)
            yield "second\n"

    seen = list(lines_or_silence(Slow(), 0.1))
    assert [line for line in seen if line] == ["first\n", "second\n"]
    assert None in seen


@pytest.mark.parametrize(
    ("output", "code", "shown"),
    [
        (START + FIRST_END + SECOND_END + END, 0, "train_vae (2 jobs)"),
        ("Nothing to be done (all requested files are present).\n", 0, "every result is there"),
        (START + FAILURE, 1, "loss is not a number"),
    ],
    ids=["made", "nothing to do", "failed"],
)
def test_show_progress__ends_as_the_run_ended(tmp_path, output, code, shown):
    log = tmp_path / "logs/snakemake.log"
    command = [sys.executable, ROOT / "tools/show_progress.py", log]
    done = subprocess.run(command, input=output, capture_output=True, text=True)
    assert done.returncode == code
    assert shown in done.stderr
    assert log.read_text() == output
