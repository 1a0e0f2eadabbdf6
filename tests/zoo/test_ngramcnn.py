"""The wide and deep body against its definition."""

import pytest
import torch
from torch.nn import functional

from multicnn.zoo import ngramcnn


@pytest.mark.parametrize("t", [1, 2, 7])
def test_its_features_are_the_sum_and_the_strongest(t: int):
    body = ngramcnn(1, 5, width=4, kernels=(2, 3), kernel_width=6).eval()
    x = torch.randn(3, 5, t)
    (level,) = body(x)
    wide = functional.conv1d(x, body.each.weight).sum(2) / t**0.5
    sizes = zip((2, 3), body.strongest.branches, strict=True)
    deep = [branch(functional.pad(x, (k - 1, k))).relu() for k, branch in sizes]
    expected = torch.cat([wide[..., None], *[d.reshape(3, 6, 1) for d in deep]], dim=1)
    torch.testing.assert_close(level, expected)
    assert body.channels == [4 + 2 * 6]


def test_repeating_a_text_four_times_doubles_its_sum():
    body = ngramcnn(1, 5, width=4).eval()
    x = torch.randn(2, 5, 6)
    torch.testing.assert_close(body(x.repeat(1, 1, 4))[0][:, :4], 2 * body(x)[0][:, :4])
