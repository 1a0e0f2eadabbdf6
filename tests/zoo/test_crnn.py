"""CRNN: a level that keeps time, by convolutions and a recurrent layer."""

import pytest
import torch

from multicnn.errors import UsageError
from multicnn.zoo import BODIES, build_body, count
from multicnn.zoo.crnn import crnn


def test_its_parameters_are_those_of_its_layers():
    widths = (16, 32, 64, 64, 64)
    convolutions = sum(9 * a * b + 2 * b for a, b in zip((1, *widths), widths, strict=False))  # no bias before a norm
    gru = 2 * (3 * 64 * (64 + 64) + 2 * 3 * 64)
    assert count(crnn(2, 1)) == convolutions + gru
    assert BODIES["crnn"].parameters() == convolutions + gru + 128 * 10 + 10


@pytest.mark.parametrize("cell", ["gru", "lstm"])
@pytest.mark.parametrize(("rank", "grid"), [(1, (101,)), (2, (40, 101)), (3, (6, 8, 101))])
def test_the_last_axis_is_kept_and_the_others_go(cell, rank, grid):
    (level,) = build_body("crnn", rank, 3, grid, {"width": 4, "hidden": 5, "cell": cell})(torch.randn(2, 3, *grid))
    assert level.shape == (2, 10, *[1] * (rank - 1), 26)


def test_a_waveform_is_thinned_out_before_the_recurrent_layer():
    body = crnn(1, 1, width=4, hidden=4)
    assert body.strides == [1024]
    assert body(torch.randn(1, 1, 4096))[0].shape == (1, 8, 4)


def test_it_hears_both_ways_and_its_layers_are_torchs():
    """The recurrent part is torch's own on the mean over the bands."""
    body = crnn(2, 1, width=4, hidden=6, layers=2).eval()
    x = torch.randn(2, 1, 64, 40)
    with torch.no_grad():
        line = body.stages(x).mean(2).mT
        torch.testing.assert_close(body(x)[0][:, :, 0].mT, body.recurrent(line)[0])
        later = x.clone()
        later[..., 36:] += 1
        assert (body(later)[0][..., 0] - body(x)[0][..., 0]).abs().max() > 1e-6


@pytest.mark.parametrize(
    ("settings", "says"), [({"cell": "rnn"}, "recurrent cell"), ({"times": [2, 2]}, "give 5 strides")]
)
def test_what_it_cannot_be_is_refused(settings, says):
    with pytest.raises(UsageError, match=says):
        crnn(2, 1, **settings)
