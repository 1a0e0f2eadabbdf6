"""The authors' network, written down anew from their code's order of layers, is the independent reference."""

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from multicnn.errors import UsageError
from multicnn.zoo import BODIES, bcresnet1, build_body, classifier

COUNTS = {
    "bcresnet1": 9_232,  # counted in the authors' code
    "bcresnet1_5": 17_154,
    "bcresnet2": 27_284,
    "bcresnet3": 54_168,
    "bcresnet6": 187_812,
    "bcresnet8": 321_068,
}


class Flat(nn.Module):
    """Their sub-spectral norm: bands as channels of one batch norm, which takes an axis that 5 divides."""

    def __init__(self, c: int):
        super().__init__()
        self.norm = nn.BatchNorm2d(5 * c)

    def forward(self, x: Tensor) -> Tensor:
        b, c, f, t = x.shape
        return self.norm(x.reshape(b, 5 * c, f // 5, t)).reshape(b, c, f, t)


class Block(nn.Module):
    """Their block."""

    def __init__(self, c_in: int, c: int, stage: int, stride: int):
        super().__init__()
        self.same, reach = c_in == c, 2**stage
        self.widen = [] if self.same else nn.ModuleList([nn.Conv2d(c_in, c, 1, bias=False), nn.BatchNorm2d(c)])
        self.tall = nn.Conv2d(c, c, (3, 1), (stride, 1), (1, 0), groups=c, bias=False)
        self.bands = Flat(c)
        self.long = nn.Conv2d(c, c, (1, 3), 1, (0, reach), (1, reach), groups=c, bias=False)
        self.norm = nn.BatchNorm2d(c)
        self.point = nn.Conv2d(c, c, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        y = x
        for layer in self.widen:
            y = layer(y)
        tall = self.bands(self.tall(y if self.same else y.relu()))
        long = self.point(functional.silu(self.norm(self.long(tall.mean(2, keepdim=True)))))
        return (tall + long + (x if self.same else 0)).relu()


def reference(width: int, k: int) -> nn.Sequential:
    widths = [width, int(width * 1.5), width * 2, int(width * 2.5)]
    layers: list[nn.Module] = [nn.Conv2d(1, 2 * width, 5, (2, 1), 2, bias=False), nn.BatchNorm2d(2 * width), nn.ReLU()]
    c = 2 * width
    for stage, (depth, stride, wide) in enumerate(zip((2, 2, 4, 4), (1, 2, 2, 1), widths, strict=True)):
        for place in range(depth):
            layers.append(Block(c, wide, stage, stride if place == 0 else 1))
            c = wide
    layers += [nn.Conv2d(c, c, 5, padding=(0, 2), groups=c, bias=False), nn.Conv2d(c, 4 * width, 1, bias=False)]
    layers += [nn.BatchNorm2d(4 * width), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Conv2d(4 * width, k, 1)]
    return nn.Sequential(*layers)


def carry(theirs: nn.Module, ours: nn.Module) -> None:
    """Give our network their weights; a band of their flat norm is one of ours."""
    values: list[Tensor] = []
    for layer in theirs.modules():
        if isinstance(layer, Flat):
            bands = [v.view(-1, 5).T for v in layer.norm.state_dict().values() if v.ndim]
            values += [v[band] for band in range(5) for v in bands]
    flat = iter(values)
    plain = [v for n, v in theirs.state_dict().items() if "bands" not in n and v.ndim]
    rest = iter(plain)
    state = {
        name: next(flat if ".norms." in name else rest).reshape(v.shape) if v.ndim else v
        for name, v in ours.state_dict().items()
    }
    ours.load_state_dict(state)


def shaken(net: nn.Module) -> nn.Module:
    """With norms that do something."""
    for layer in net.modules():
        if isinstance(layer, nn.BatchNorm2d):
            nn.init.uniform_(layer.running_var, 0.5, 2.0)
            for value in (layer.running_mean, layer.bias, layer.weight):
                nn.init.normal_(value, 0.5, 0.2)
    return net


@pytest.mark.parametrize(("width", "name"), [(8, "bcresnet1"), (12, "bcresnet1_5")])
def test_it_answers_as_the_authors_network(width, name):
    theirs = shaken(reference(width, 12)).eval()
    ours = classifier(build_body(name, 2, 1, None, {}), 12).eval()
    carry(theirs, ours)
    x = torch.randn(2, 1, 40, 33)
    with torch.no_grad():
        torch.testing.assert_close(ours(x), theirs(x).flatten(1), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(("name", "count"), COUNTS.items())
def test_counts_are_those_of_the_authors_code(name, count):
    assert BODIES[name].parameters() == count


def test_time_keeps_its_frames_and_any_number_of_bands_from_33_on_is_read():
    body = bcresnet1(2, 1).eval()
    with torch.no_grad():
        for bands, frames in ((33, 7), (64, 30), (40, 1)):
            assert [v.shape[3] for v in body(torch.randn(1, 1, bands, frames))] == [frames] * 5


def test_too_few_bands_are_an_error_that_says_what_to_do():
    with pytest.raises(UsageError, match=r"4 cells of frequency cannot be parted into 5 bands.*mels=40"):
        bcresnet1(2, 1)(torch.randn(2, 1, 32, 20))
