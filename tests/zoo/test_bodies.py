"""What every member promises, at every rank."""

import pytest
import torch

from multicnn.zoo import BODIES, WHOLE, Body, build_body, classifier

GRIDS = {1: (37,), 2: (16, 21), 3: (12, 14, 13)}
CASES = [(name, rank) for name, member in BODIES.items() for rank in member.ranks]
NARROW = {name: {"width": 4} for name in BODIES if "resnet" in name}


def small(name: str, rank: int, c_in: int = 2) -> Body:
    return build_body(name, rank, c_in, GRIDS[rank], NARROW.get(name, {}))


@pytest.mark.parametrize(("name", "rank"), CASES)
def test_levels_agree_with_channels_and_strides(name, rank):
    body = small(name, rank)
    levels = body.eval()(torch.randn(2, 2, *GRIDS[rank]))
    grids = [(1,) * rank if s == WHOLE else tuple(-(-n // s) for n in GRIDS[rank]) for s in body.strides]
    assert [tuple(level.shape) for level in levels] == [(2, c, *g) for c, g in zip(body.channels, grids, strict=True)]


@pytest.mark.parametrize(("name", "rank"), CASES)
def test_the_loss_of_a_classifier_reaches_every_parameter(name, rank):
    net = classifier(small(name, rank), 3)
    out = net(torch.randn(8, 2, *GRIDS[rank]))
    torch.nn.functional.cross_entropy(out, torch.arange(8) % 3).backward()
    assert [n for n, p in net.named_parameters() if p.grad is None or not p.grad.any()] == []


@pytest.mark.parametrize(("name", "rank"), CASES)
def test_neighbours_in_the_batch_do_not_matter(name, rank):
    net = classifier(small(name, rank), 3).eval()
    x, others = torch.randn(3, 2, *GRIDS[rank]), 100 * torch.randn(3, 2, *GRIDS[rank])
    with torch.no_grad():
        alone, mixed = net(x)[1], net(torch.stack([others[0], x[1], others[2]]))[1]
    torch.testing.assert_close(alone, mixed, rtol=1e-5, atol=1e-5)


def stretched(weight: torch.Tensor, like: torch.Tensor) -> torch.Tensor:
    """Kernels of rank 1 as the middle row of kernels of rank 2."""
    if weight.ndim != 3:
        return weight
    wide = torch.zeros_like(like)
    wide[:, :, like.shape[2] // 2] = weight
    return wide


@pytest.mark.parametrize("name", ["resnet18", "resnet50", "preresnet18", "preresnet50", "cnn2"])
def test_a_picture_of_height_one_is_a_series(name):
    line, picture = (build_body(name, rank, 2, None, {"width": 4}).eval() for rank in (1, 2))
    target = picture.state_dict()
    picture.load_state_dict({k: stretched(v, target[k]) for k, v in line.state_dict().items()})
    x = torch.randn(2, 2, 50)
    with torch.no_grad():
        for a, b in zip(line(x), picture(x[:, :, None]), strict=True):
            torch.testing.assert_close(a, b.squeeze(2), rtol=1e-4, atol=1e-4)
