"""Averages of weights against their formulas."""

import torch
from torch import nn

from multicnn.train.average import SHARE, STEPS, Average, Lookahead


def nets() -> tuple[nn.Module, nn.Module]:
    pair = [nn.Sequential(nn.Conv2d(2, 4, 3, bias=False), nn.BatchNorm2d(4), nn.Linear(4, 3)) for _ in range(2)]
    pair[1].load_state_dict(pair[0].state_dict())
    return pair[0], pair[1]


def test_average_is_the_exponential_one_and_copies_counters():
    net, ema = nets()
    with torch.no_grad():
        for p in net.parameters():
            p.add_(1)
    net[1].num_batches_tracked.add_(7)
    before = [p.clone() for p in ema.parameters()]
    Average(ema, net).update(decay=0.9, step=1000)
    for old, new, target in zip(before, ema.parameters(), net.parameters(), strict=True):
        assert torch.allclose(new, 0.9 * old + 0.1 * target, atol=1e-6)
    assert ema[1].num_batches_tracked == 7


def test_average_follows_faster_in_the_first_steps():
    net, ema = nets()
    with torch.no_grad():
        net[2].bias.fill_(1.0)
        ema[2].bias.fill_(0.0)
    Average(ema, net).update(decay=0.999, step=0)
    assert torch.allclose(ema[2].bias, torch.full((3,), 0.9))


def test_lookahead_goes_back_halfway_every_few_steps():
    fast = nn.Parameter(torch.tensor([0.0]))
    this, slow = Lookahead([fast]), 0.0
    for step in range(1, 3 * STEPS + 1):
        with torch.no_grad():
            fast.add_(1)
        wanted = float(fast.detach())
        if step % STEPS == 0:
            wanted = slow = slow + SHARE * (wanted - slow)
        this.update(step)
        assert float(fast.detach()) == wanted
    assert this.state["slow"][0].tolist() == [slow]
