"""Shares of a batch, and GPUs that are not there; tests/training trains in two processes."""

import pytest
import torch

from genosynth import devices, processes
from genosynth.errors import ConfigError, DeviceUnavailable
from genosynth.processes import own_rows


@pytest.fixture
def be(monkeypatch):
    """Be one of several processes, without the others."""

    def become(rank: int, n_processes: int) -> None:
        for module in (processes, devices):
            monkeypatch.setattr(module, "rank", lambda: rank)
            monkeypatch.setattr(module, "n_processes", lambda: n_processes)

    return become


@pytest.mark.parametrize(("n_rows", "n_processes"), [(13, 1), (13, 4), (4, 4)])
def test_own_rows__shares_are_even_and_leave_nobody_out(be, n_rows, n_processes):
    rows, sizes = [], []
    for rank in range(n_processes):
        be(rank, n_processes)
        share = range(n_rows)[own_rows(n_rows)]
        rows += share
        sizes.append(len(share))
    assert rows == list(range(n_rows))
    assert max(sizes) - min(sizes) <= 1


def test_own_rows__fewer_than_processes_is_an_error(be):
    be(0, 4)
    with pytest.raises(ConfigError, match="3 people cannot be shared by 4"):
        own_rows(3)


def test_choose_device__fewer_gpus_than_processes_is_an_error(be, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    be(2, 4)
    with pytest.raises(DeviceUnavailable, match="4 GPUs were asked for, but PyTorch sees 2"):
        devices.choose_device("auto")


def test_use_threads__processes_share_those_of_the_job(be, monkeypatch):
    asked = []
    monkeypatch.setattr(torch, "set_num_threads", asked.append)
    monkeypatch.setattr(devices, "n_cores", lambda: 8)
    for n_processes in (1, 4, 16):
        be(0, n_processes)
        devices.use_threads(6)
    assert asked == [6, 1, 1]
