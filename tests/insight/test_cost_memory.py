"""Bytes and seconds against closed forms and what the machine itself says."""

import pytest
import torch
from torch import nn

from multicnn.insight.cost import layers
from multicnn.insight.cost.clocks import Seconds, foretold, timed
from multicnn.insight.cost.memory import Peak, free, held, maps, size, state
from multicnn.zoo import BODIES, Net, build_body, classifier

CPU = torch.device("cpu")


def test_feature_maps_by_the_formula_of_lectures():
    """Input, convolutions, activations and poolings of two stages, and the affine layer's ten answers."""
    net = classifier(build_body("cnn1", 2, 1, (28, 28), {}), 10)
    numbers = 28 * 28 + 2 * 32 * 28 * 28 + 32 * 14 * 14 + 2 * 64 * 14 * 14 + 64 * 7 * 7 + 64 * 7 * 7 + 10
    assert maps(layers(net, torch.zeros(3, 1, 28, 28))) == 4 * numbers


def test_what_a_pass_keeps_is_each_tensor_once():
    """A convolution keeps its input, ReLU its output, which is the next one's input; the last output is not kept."""
    net = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 4, 3, padding=1))
    x = torch.rand(2, 3, 10, 10)
    assert held(lambda: net(x), state(net)) == 4 * (x.numel() + 2 * 8 * 100)
    assert held(lambda: net(x), [*state(net), x]) == 4 * 2 * 8 * 100


@pytest.mark.parametrize("name", ["resnet18", "cnn2", "vgg11"])
def test_what_a_pass_keeps_is_the_same_on_the_device_that_takes_no_memory(name):
    c_in, *grid = BODIES[name].input[0], 64, 64
    body = build_body(name, 2, c_in, tuple(grid), {"width": 8} if name != "vgg11" else {"width": 8, "units": 16})
    net = Net(nn.Identity(), body, BODIES[name].head(body.channels, 10))
    real = held(lambda: net(torch.zeros(2, c_in, *grid)), state(net))
    empty = net.to("meta")
    assert held(lambda: empty(torch.zeros(2, c_in, *grid, device="meta")), state(empty)) == real


def test_the_peak_of_a_process_is_what_it_touches_and_gives_back():
    with Peak(CPU) as peak:
        taken = torch.ones(60_000_000 // 4)
        taken.mul_(2)
        del taken
    assert 57e6 < peak.rise < 80e6
    assert free(CPU) > 0
    assert size([torch.zeros(3, dtype=torch.int16), torch.zeros(2)]) == 14


def test_seconds_of_batches_are_told_from_their_number_and_their_size():
    measured = [(1, n, Seconds(0.5 + 0.001 * n, 0.25 + 0.002 * n)) for n in (100, 400, 900)]
    assert foretold(measured, 10, 5000) == pytest.approx(Seconds(5 + 5, 2.5 + 10))
    alike = [(1, 64, Seconds(0.2, 0.1))] * 3
    assert foretold(alike, 5, 320) == pytest.approx(Seconds(1.0, 0.5))
    falling = [(1, 100, Seconds(3.0, 3.0)), (1, 200, Seconds(1.0, 1.0))]  # chance: never less than nothing
    assert foretold(falling, 1, 300) == pytest.approx(Seconds(4.0, 4.0))


def test_work_is_timed_on_the_wall_and_on_the_processor():
    def work() -> None:
        x = torch.rand(300, 300)
        for _ in range(30):
            x = (x @ x).sigmoid()

    found = timed(work, CPU)
    assert found.wall > 0
    assert found.processor > 0
    assert found.times(3).plus(found) == pytest.approx(Seconds(4 * found.wall, 4 * found.processor))
