import logging

import pytest
import torch
from torch import nn

from genosynth.errors import TrainingDiverged, WriteFailed
from genosynth.training.averaging import AveragedWeights
from genosynth.training.loop import Plan, Trainer, fit, forget, rate
from tests.small_disk import fill, small_disk

TARGETS = torch.linspace(-1, 1, 40)[:, None] @ torch.tensor([[1.0, -2.0]])


class Regression:
    """Fit noisy targets; `fail_at` breaks the run as a kill would."""

    def __init__(self, fail_at: int | None = None, bias: float = 0.0) -> None:
        self.n_calls = 0
        self.fail_at = fail_at
        self.bias = bias

    def draw(self, model, rows, generator):
        self.n_calls += 1
        if self.n_calls == self.fail_at:
            raise KeyboardInterrupt
        return rows, torch.randn((len(rows), 2), generator=generator)

    def loss(self, model, batch):
        rows, noise = batch
        return ((model(rows[:, None] / 40.0) - TARGETS[rows] - 0.1 * noise) ** 2).mean() + self.bias

    def validation_loss(self, model):
        with torch.no_grad():
            return float(((model(torch.arange(40)[:, None] / 40.0) - TARGETS) ** 2).mean())


def make_trainer(**changes) -> Trainer:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(1, 8), nn.Tanh(), nn.Linear(8, 2))
    settings = {
        "n_rows": 40,
        "batch_size": 16,
        "n_steps": 60,
        "validate_every": 10,
        "patience": 10,
        "learning_rate": 0.02,
        "ema_decay": 0.9,
        "seed": 3,
        "identity": "this run",
    }
    parameters = [{"params": list(model.parameters())}]
    return Trainer(model, parameters, Plan(**(settings | changes)))


def test_batches__of_an_epoch_are_equal_but_for_one_row():
    trainer = make_trainer(n_rows=33)
    sizes, seen = [], []
    for trainer.step in range(3):
        rows = trainer._rows()
        sizes.append(len(rows))
        seen += rows.tolist()
    assert sizes == [11, 11, 11]
    assert sorted(seen) == list(range(33))


def run(trainer: Trainer, objective: Regression, resume) -> list:
    return list(fit(trainer, objective, resume=resume))


@pytest.mark.parametrize("fail_at", [5, 31, 47])
def test_fit__killed_and_resumed_equals_uninterrupted_bit_for_bit(fail_at, tmp_path):
    whole = make_trainer()
    curve = run(whole, Regression(), tmp_path / "whole.pt")
    with pytest.raises(KeyboardInterrupt):
        run(make_trainer(), Regression(fail_at), tmp_path / "broken.pt")
    resumed = make_trainer()
    continued = run(resumed, Regression(), tmp_path / "broken.pt")
    for name, value in whole.model.state_dict().items():
        assert torch.equal(value, resumed.model.state_dict()[name]), name
    losses = [(stats.step, stats.train_loss, stats.validation_loss) for stats in continued]
    assert losses == [(stats.step, stats.train_loss, stats.validation_loss) for stats in curve]


def test_fit__full_disk_keeps_the_state_before_and_training_goes_on(tmp_path):
    whole = make_trainer()
    run(whole, Regression(), tmp_path / "whole.pt")
    state = tmp_path / "disk/state.pt"
    others = state.with_name("files_of_others")
    with small_disk(state.parent, size="256k"):
        broken = fit(make_trainer(), Regression(), resume=state)
        assert [next(broken).step for _ in range(3)] == [10, 20, 30]  # states of 10 and 20 are kept
        fill(others)
        with pytest.raises(WriteFailed, match=r"state\.pt: cannot write: No space left on device"):
            next(broken)
        assert set(state.parent.iterdir()) == {state, others}

        others.unlink()
        objective = Regression()
        resumed = make_trainer()
        run(resumed, objective, state)
    assert objective.n_calls == 40
    for name, value in whole.model.state_dict().items():
        assert torch.equal(value, resumed.model.state_dict()[name]), name


def test_fit__takes_no_state_of_another_run(tmp_path, caplog):
    run(make_trainer(), Regression(), tmp_path / "state.pt")
    other = Regression()
    with caplog.at_level(logging.INFO):
        run(make_trainer(identity="another run"), other, tmp_path / "state.pt")
    assert other.n_calls == 60
    assert "starting afresh" in caplog.text


def test_fit__loss_decreases_and_best_weights_stay(tmp_path):
    trainer = make_trainer(n_steps=300)
    curve = run(trainer, Regression(), tmp_path / "state.pt")
    assert curve[-1].train_loss < 0.5 * curve[0].train_loss
    best = min(stats.validation_loss for stats in curve)
    assert Regression().validation_loss(trainer.model) == pytest.approx(best)


def test_fit__parameters_of_relative_rate_zero_stay(tmp_path):
    trainer = make_trainer()
    first, last = trainer.model[0], trainer.model[2]
    still = {"params": list(first.parameters()), "relative_rate": 0.0}
    before = [layer.weight.clone() for layer in (first, last)]
    trainer = Trainer(trainer.model, [still, {"params": list(last.parameters())}], trainer.plan)
    run(trainer, Regression(), tmp_path / "state.pt")
    assert torch.equal(first.weight, before[0])
    assert not torch.isclose(last.weight, before[1]).any()


def test_averaged_weights__forget_at_a_rate_that_falls_to_the_decay():
    model = nn.Linear(1, 1)
    average = AveragedWeights(model, decay=0.5)
    expected = model.weight.item()
    for step in range(16):
        nn.init.constant_(model.weight, step)
        average.update(model, step=step)
        decay = min(0.5, (1 + step) / (10 + step))
        expected = decay * expected + (1 - decay) * step
        assert average.model.weight.item() == pytest.approx(expected), step


def test_fit__stops_early_when_validation_stalls(tmp_path):
    trainer = make_trainer(n_steps=100_000, learning_rate=0.0, patience=3)
    assert len(run(trainer, Regression(), tmp_path / "state.pt")) <= 4


def test_fit__nan_is_an_error_that_names_the_remedy(tmp_path):
    with pytest.raises(TrainingDiverged, match="Lower the learning rate"):
        run(make_trainer(), Regression(bias=float("nan")), tmp_path / "state.pt")


def test_rate__rises_then_falls_to_zero():
    rates = [rate(done / 1000) for done in range(1001)]
    assert max(rates) == pytest.approx(1, abs=0.01)
    assert rates[0] < 0.2
    assert rates[-1] == pytest.approx(0)


def test_forget__removes_the_states_of_this_training_only(tmp_path):
    for name in ("vae.pt", "vae.units.pt", "denoiser.pt"):
        (tmp_path / name).touch()
    forget(tmp_path / "vae.pt")
    assert [path.name for path in tmp_path.iterdir()] == ["denoiser.pt"]
    forget(tmp_path / "vae.pt")  # nothing left is no error
