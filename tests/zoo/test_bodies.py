"""What every member promises, at every rank."""

import pytest
import torch

from multicnn.zoo import BODIES, WHOLE, build_body, classifier

CASES = [(name, rank) for name, member in BODIES.items() for rank in member.ranks]


@pytest.mark.parametrize(("name", "rank"), CASES)
def test_levels_agree_with_channels_and_strides(name, rank, small):
    body, grid = small(name, rank)
    levels = body.eval()(torch.randn(2, 2, *grid))
    assert [tuple(level.shape[:2]) for level in levels] == [(2, c) for c in body.channels]
    for level, stride in zip(levels, body.strides, strict=True):
        cells = (1,) * rank if stride == WHOLE else tuple(-(-n // stride) for n in grid)
        assert tuple(level.shape[2:]) == cells if body.padded else max(level.shape[2:]) <= max(cells)


@pytest.mark.parametrize(("name", "rank"), CASES)
def test_the_loss_of_a_classifier_reaches_every_parameter(name, rank, small):
    body, grid = small(name, rank)
    net = classifier(body, 3)
    out = net(torch.randn(8, 2, *grid))
    answers = out if out.ndim == 2 else out.mean(1)  # the sides answer in training too
    torch.nn.functional.cross_entropy(answers, torch.arange(8) % 3).backward()
    assert [n for n, p in net.named_parameters() if p.grad is None or not p.grad.any()] == []


@pytest.mark.parametrize(("name", "rank"), CASES)
def test_neighbours_in_the_batch_do_not_matter(name, rank, small):
    body, grid = small(name, rank)
    net = classifier(body, 3).eval()
    x, others = torch.randn(3, 2, *grid), 100 * torch.randn(3, 2, *grid)
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
