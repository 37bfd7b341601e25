import logging

import pytest

from genosynth.errors import CohortError
from genosynth.progress import log_to, progress

LOGGER = logging.getLogger("genosynth.somewhere")


def test_log_to__writes_records_to_the_rule_log_and_to_stderr(tmp_path, capsys):
    log = tmp_path / "logs/demo/rule/job.log"
    with log_to(log):
        LOGGER.info("wrote %d people", 5)
    assert log.read_text().endswith("INFO wrote 5 people\n")
    assert "wrote 5 people" in capsys.readouterr().err


def test_log_to__shows_a_user_error_as_one_line(tmp_path):
    with pytest.raises(SystemExit) as end, log_to(tmp_path / "log"):
        raise CohortError("cohort.fam: 0 people. Check genotypes.path")
    assert end.value.code == 1
    lines = (tmp_path / "log").read_text().splitlines()
    assert len(lines) == 1
    assert lines[0].endswith("ERROR cohort.fam: 0 people. Check genotypes.path")


def test_log_to__keeps_the_traceback_of_our_own_failures(tmp_path):
    with pytest.raises(ZeroDivisionError), log_to(tmp_path / "log"):
        _ = 1 / 0
    text = (tmp_path / "log").read_text()
    assert "Traceback" in text
    assert "ZeroDivisionError" in text


def test_log_to__leaves_no_handler_behind(tmp_path):
    with log_to(tmp_path / "log"):
        pass
    LOGGER.warning("after the end")
    assert "after" not in (tmp_path / "log").read_text()


def test_log_to__starts_a_new_log_for_a_new_attempt(tmp_path):
    for attempt in ("first", "second"):
        with log_to(tmp_path / "log"):
            LOGGER.info(attempt)
    assert "first" not in (tmp_path / "log").read_text()


def test_progress__is_silent_without_a_terminal(capsys):
    assert list(progress(range(3), what="people", total=3)) == [0, 1, 2]
    assert capsys.readouterr().err == ""
