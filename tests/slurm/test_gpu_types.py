"""A type of GPU: the job goes to a partition that has it, and SLURM is asked for it."""

from pathlib import Path

import pytest

from tests.slurm.conftest import snakemake
from tests.slurm.node import OneNode
from tests.slurm.test_faults import write_workflow

PARTITIONS = """\
partitions:
  cpu: {max_gpu: 1, available_gpu_models: [other]}
  gpu: {max_gpu: 1, available_gpu_models: [toy]}
"""


@pytest.mark.parametrize(("model", "partition"), [("toy", "gpu"), ("other", "cpu")])
def test_gpu_model__is_what_slurm_is_asked_for(
    cluster: OneNode, tmp_path: Path, model: str, partition: str
) -> None:
    """The partition said to have the other type has none: SLURM refuses the job."""
    write_workflow(tmp_path, learn="true")
    (tmp_path / "partitions.yaml").write_text(PARTITIONS)
    gpu = ["--set-resources", "learn:gpu=1", f"learn:gpu_model={model}"]
    options = ["--slurm-partition-config", tmp_path / "partitions.yaml", "--retries", "0"]
    before = len(cluster.jobs())
    with snakemake(*gpu, *options, workdir=tmp_path) as process:
        has_failed = process.wait(timeout=120) != 0
    (job,) = cluster.jobs()[before:]
    assert job.partition == partition
    refused = "Requested node configuration is not available"
    assert (refused in (tmp_path / "snakemake.out").read_text()) == has_failed == (model == "other")
