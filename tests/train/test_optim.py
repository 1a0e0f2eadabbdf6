"""Optimizers against torch's."""

import pytest
import torch
from torch import nn

from multicnn.train import optim


def nets() -> tuple[nn.Module, nn.Module]:
    pair = [
        nn.Sequential(nn.Conv2d(2, 4, 3, bias=False), nn.BatchNorm2d(4), nn.Flatten(), nn.Linear(16, 3))
        for _ in range(2)
    ]
    pair[1].load_state_dict(pair[0].state_dict())
    return pair[0], pair[1]


def groups(net: nn.Module, decay: float) -> list[dict]:
    params = list(net.parameters())
    return [
        {"params": [p for p in params if p.ndim > 1], "weight_decay": decay},
        {"params": [p for p in params if p.ndim <= 1], "weight_decay": 0.0},
    ]


@pytest.mark.parametrize("name", ["adamw", "sgd"])
def test_steps_are_those_of_torchs_optimizer(name):
    ours, theirs = nets()
    made = optim.build_optimizers(name, ours, lr=0.01, decay=0.1)
    reference = (
        torch.optim.AdamW(groups(theirs, 0.1), lr=0.01, betas=(0.9, 0.99))
        if name == "adamw"
        else torch.optim.SGD(groups(theirs, 0.1), lr=0.01, momentum=0.9, nesterov=True)
    )
    for step in range(5):
        x = torch.randn(8, 2, 4, 4)
        share = (step + 1) / 5
        for net in (ours, theirs):
            net.zero_grad()
            net(x).square().mean().backward()
        for optimizer in made:
            optimizer.share = share
            optimizer.step()
        for group in reference.param_groups:
            group["lr"] = 0.01 * share
        reference.step()
    for a, b in zip(ours.parameters(), theirs.parameters(), strict=True):
        assert torch.allclose(a, b, rtol=1e-5, atol=1e-7)


def test_every_parameter_belongs_to_one_optimizer():
    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.body = nn.Sequential(nn.Conv1d(1, 2, 3), nn.BatchNorm1d(2))
            self.head = nn.Linear(2, 2)
            self.word = nn.Embedding(5, 3)

    net = Net()
    for name in optim.OPTIMIZERS:
        made = optim.build_optimizers(name, net, lr=0.1, decay=0.1)
        held = [id(p) for o in made for p in o.param_groups[0]["params"]]
        assert sorted(held) == sorted(id(p) for p in net.parameters())


def test_word_vectors_biases_and_norms_do_not_decay():
    net = nn.Sequential(nn.Embedding(5, 3), nn.Linear(3, 2), nn.BatchNorm1d(2))
    decayed, plain = optim.divide(net, list(net.parameters()))
    assert [p.shape for p in decayed] == [(2, 3)]
    assert len(plain) == 4


def test_orthogonal_brings_singular_values_near_one():
    for shape in [(8, 30), (30, 8), (16, 16)]:
        values = torch.linalg.svdvals(optim.orthogonal(torch.randn(shape)))
        assert values.min() > 0.3
        assert values.max() < 1.4
