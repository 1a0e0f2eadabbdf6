"""Any network that keeps time finds events, on spectra and on waveforms; batch-mates have no say."""

import numpy as np
import pytest
import torch

from multicnn.audio.events.reader import PieceReader
from multicnn.audio.frontend import LogMel, Mfcc, Waveform
from multicnn.tasks.events import Events
from multicnn.zoo import build_body

RATE, SECONDS = 8_000, 2.0
READER = PieceReader(rate=RATE, seconds=SECONDS)
CASES = [
    ("crnn", LogMel, {"width": 4, "hidden": 8}),
    ("crnn", Mfcc, {"width": 4, "hidden": 8}),
    ("crnn", Waveform, {"width": 4, "hidden": 8}),
    ("compact", LogMel, {"width": 8}),
    ("compact", Mfcc, {"width": 8}),
    ("resnet18", LogMel, {"width": 4}),
    ("resnet18", Waveform, {"width": 4}),
    ("unet", LogMel, {"width": 4, "depth": 2}),
]


@pytest.mark.parametrize(("name", "front", "settings"), CASES)
def test_a_network_learns_and_answers_for_each_cell_alone(name, front, settings):
    frontend = front(READER)
    x = torch.randint(-9000, 9000, (3, READER.shape[0]), dtype=torch.int16)
    grid = frontend(x)
    task = Events(("a", "b"))
    net = task.net(frontend, build_body(name, frontend.rank, frontend.channels, tuple(grid.shape[2:]), settings))
    head = [(0, 0, SECONDS), (SECONDS, 0, SECONDS), (0, 0, SECONDS), (0, 0.5, 1.25)]
    y = torch.from_numpy(np.array([head] * 3, dtype=np.float32))
    out = net(x)
    assert out.shape[2] * task.cell >= SECONDS
    task.loss(out, task.encode(y)).mean().backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in net.head.parameters())
    net.eval()
    with torch.no_grad():
        others = torch.stack([x[1] // 3, x[1], x[2] // 9])
        torch.testing.assert_close(net(others)[1], net(x[1:2])[0], rtol=1e-4, atol=1e-5)
    judged = task.judge(out.detach(), y).numpy()
    assert len(task.tracks(judged)) == 1
