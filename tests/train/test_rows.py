"""Steps of rows alone: lazy Adam against torch's SparseAdam, the average against the plain one, whole runs."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch import nn

from multicnn.train import optim, rows
from multicnn.train.average import Average


class Words(nn.Module):
    """A table of vectors and a matrix behind it."""

    def __init__(self, n: int = 1200) -> None:
        super().__init__()
        self.word = nn.Embedding(n, 3, padding_idx=0)
        self.out = nn.Linear(3, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.out(self.word(x).sum(1))


def alike() -> tuple[Words, Words]:
    pair = Words(), Words()
    pair[1].load_state_dict(pair[0].state_dict())
    return pair


def batch() -> torch.Tensor:
    return torch.randint(0, 50, (8, 6))


def backward(net: nn.Module, x: torch.Tensor) -> None:
    net.zero_grad()
    net(x).square().mean().backward()
    rows.merge(net.parameters())


def test_only_large_tables_have_gradients_of_rows():
    net = nn.ModuleDict({"many": Words(), "few": Words(20), "bounded": nn.Embedding(2000, 2, max_norm=1.0)})
    assert rows.by_rows(net) == ["many.word.weight"]
    backward(net["many"], batch())
    assert net["many"].word.weight.grad.is_sparse
    backward(net["few"], batch() % 20)
    assert not net["few"].word.weight.grad.is_sparse


def test_a_lazy_step_is_that_of_torchs_sparse_adam():
    ours, theirs = alike()
    rows.by_rows(ours)
    rows.by_rows(theirs)
    made = optim.build_optimizers("adamw", ours, lr=0.01, decay=0.1)
    sparse = torch.optim.SparseAdam([theirs.word.weight], lr=0.01, betas=optim.BETAS)
    dense = torch.optim.AdamW(
        [{"params": [theirs.out.weight], "weight_decay": 0.1}, {"params": [theirs.out.bias], "weight_decay": 0.0}],
        lr=0.01,
        betas=optim.BETAS,
    )
    for _ in range(6):
        x = batch()
        for net in (ours, theirs):
            backward(net, x)
        for optimizer in (*made, sparse, dense):
            optimizer.step()
    for a, b in zip(ours.parameters(), theirs.parameters(), strict=True):
        torch.testing.assert_close(a, b, rtol=1e-5, atol=1e-6)
    assert not ours.word.weight[0].any() or torch.equal(ours.word.weight[0], theirs.word.weight[0])


def test_decay_of_a_table_is_that_of_its_rows():
    p = nn.Parameter(torch.ones(4, 2))
    table = nn.Embedding(4, 2, sparse=True)
    (table(torch.tensor([1])) * 0).sum().backward()
    p.grad = table.weight.grad.coalesce()
    with torch.no_grad():
        rows.adam_rows(p, *torch.zeros(2, 4, 2), torch.zeros(()), lr=0.5, decay=0.2, betas=optim.BETAS)
    torch.testing.assert_close(p.detach(), torch.tensor([[1.0] * 2, [0.9] * 2, [1.0] * 2, [1.0] * 2]))


@pytest.mark.parametrize("most", [1e-3, 1e3])
def test_clipping_is_torchs(most: float):
    ours, theirs = alike()
    rows.by_rows(ours)
    x = batch()
    for net in (ours, theirs):
        backward(net, x)
    rows.clip(ours.parameters(), most)
    nn.utils.clip_grad_norm_(theirs.parameters(), most)
    for a, b in zip(ours.parameters(), theirs.parameters(), strict=True):
        grad = a.grad.to_dense() if a.grad.is_sparse else a.grad
        torch.testing.assert_close(grad, b.grad, rtol=1e-6, atol=1e-9)


def test_the_average_of_rows_is_the_plain_one():
    net, lazy = alike()
    plain = Words()
    plain.load_state_dict(net.state_dict())
    names = rows.by_rows(net)
    averages = Average(lazy, net, names), Average(plain, net)
    made = optim.build_optimizers("adamw", net, lr=0.05, decay=0.1)
    for step in range(1, 30):
        backward(net, batch() + 40 * (step % 4))
        if step == 17:  # a dense gradient moves all rows
            net.word.weight.grad = net.word.weight.grad.to_dense()
        for average in averages:
            average.before()
        for optimizer in made:
            optimizer.step()
        for average in averages:
            average.update(0.9, step)
    assert (lazy.word.weight - plain.word.weight).abs().max() > 1e-4
    for average in averages:
        average.settle()
    for a, b in zip(lazy.parameters(), plain.parameters(), strict=True):
        torch.testing.assert_close(a, b, rtol=1e-5, atol=1e-6)


def test_two_processes_go_by_types_too_with_whole_gradients(tmp_path: Path):
    found = []
    for name, launcher in (
        ("one", []),
        ("two", ["-m", "torch.distributed.run", "--nproc-per-node=2", "--master-port=29617"]),
    ):
        environment = os.environ | {"OMP_NUM_THREADS": "1", "MASTER_ADDR": "127.0.0.1", "GLOO_SOCKET_IFNAME": "lo"}
        options = "--model textcnn --optimizer sgd --lr 0.01 --epochs 2 --limit 300 --precision fp32 --device cpu"
        plain = ["--set", "train.ema=0.0", "--set", "model.drop=0.0", "--set", "augment.word-dropout.p=0.0"]
        command = [sys.executable, *launcher, "-m", "multicnn", "text", "train", "reviews", *options.split(), *plain]
        done = subprocess.run(
            [*command, "--out", str(tmp_path / name)], env=environment, capture_output=True, text=True, timeout=400
        )
        assert done.returncode == 0, done.stderr
        found.append([json.loads(line) for line in (tmp_path / name / "metrics.jsonl").read_text().splitlines()])
    for a, b in zip(*found, strict=True):
        assert a["train_loss"] == pytest.approx(b["train_loss"], abs=1e-5)
