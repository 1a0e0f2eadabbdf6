"""The default network behind a whitening layer."""

import numpy as np
import torch

import multicnn
from multicnn import image
from multicnn.zoo import build_body


def test_levels_are_those_of_compact():
    ours, plain = (build_body(name, 2, 1, (28, 28), {"width": 8}) for name in ("compact_whitened", "compact"))
    assert (ours.channels, ours.strides) == (plain.channels, plain.strides)
    x = torch.randn(2, 1, 28, 28)
    assert [a.shape for a in ours(x)] == [b.shape for b in plain(x)]


def test_training_measures_the_filters_and_a_loaded_run_has_them(digit_folder, tmp_path):
    run = image.train(digit_folder, out=tmp_path / "run", model="compact_whitened", epochs=1, precision="fp32")
    filters = multicnn.load(tmp_path / "run").trained.net.state_dict()["body.first.filters"].flatten(1)
    directions = filters[:4] / filters[:4].norm(dim=1, keepdim=True)
    torch.testing.assert_close(directions @ directions.T, torch.eye(4), rtol=0, atol=1e-4)
    lengths = filters[:4].norm(dim=1).tolist()
    assert lengths == sorted(lengths)  # what varies most is shrunk most
    files = sorted(digit_folder.rglob("*.png"))[:3]
    again = [a.probabilities for a in multicnn.load(tmp_path / "run").predict(files)]
    assert np.array_equal([a.probabilities for a in run.predict(files)], again)
