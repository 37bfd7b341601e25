import pytest

from genosynth.reporting.timings import load_timings

HEADER = "s\th:m:s\tmax_rss\tmax_vms\tmax_uss\tmax_pss\tio_in\tio_out\tmean_load\tcpu_time\n"


def write_timing(path, seconds, megabytes, cpu_seconds):
    path.parent.mkdir(parents=True, exist_ok=True)
    rest = "\t9.9" * 5
    path.write_text(f"{HEADER}{seconds}\t0:00:00\t{megabytes}{rest}\t50.0\t{cpu_seconds}\n")


def test_load_timings__adds_up_jobs_of_a_rule_and_takes_the_largest(tmp_path):
    write_timing(tmp_path / "train_vae/disease.tsv", 4.0, 900.0, 7.5)
    write_timing(tmp_path / "train_vae/ldl.tsv", 2.0, 950.0, 3.0)
    write_timing(tmp_path / "run_gwas/ldl.tsv", 60.0, 70.0, 240.0)
    first, second = load_timings(tmp_path).to_dict("records")
    assert first["rule"] == "run_gwas"
    measured = {"seconds": 6.0, "longest_seconds": 4.0, "cpu_seconds": 10.5, "peak_mb": 950.0}
    assert second == {"rule": "train_vae", "n_jobs": 2} | measured


@pytest.mark.parametrize("nothing", ["NA", "-"])
def test_load_timings__counts_jobs_too_short_to_be_measured(tmp_path, nothing):
    write_timing(tmp_path / "check_plink2/job.tsv", 0.04, nothing, nothing)
    timings = load_timings(tmp_path).set_index("rule")
    assert timings.loc["check_plink2", ["n_jobs", "seconds"]].tolist() == [1, 0.04]
    assert timings.loc["check_plink2", ["cpu_seconds", "peak_mb"]].isna().all()


def test_load_timings__of_nothing_is_an_empty_table(tmp_path):
    assert load_timings(tmp_path / "timings").columns.tolist()[0] == "rule"
