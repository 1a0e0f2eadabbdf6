"""Padding that depends on the grid."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from multicnn.blocks import SamePad, conv


@pytest.mark.parametrize(
    ("cells", "kernel", "stride", "before", "after"),
    [
        (224, 3, 2, 0, 1),  # TensorFlow's rule: max((ceil(n / s) - 1) s + k - n, 0), the smaller half before
        (225, 3, 2, 1, 1),
        (224, 5, 2, 1, 2),
        (225, 5, 2, 2, 2),
        (30, 4, 4, 1, 1),
        (32, 4, 4, 0, 0),
    ],
)
def test_the_cells_are_tensorflows(cells, kernel, stride, before, after):
    padded = SamePad(kernel, stride)(torch.ones(1, 1, cells))[0, 0]
    assert padded.tolist() == [0.0] * before + [1.0] * cells + [0.0] * after


@given(st.lists(st.integers(1, 20), min_size=1, max_size=3), st.integers(1, 4), st.integers(0, 4))
def test_a_stride_drops_no_cell(grid, stride, more):
    kernel, rank = stride + more, len(grid)
    layer = conv(rank, 1, 1, kernel, stride=stride, padding=0)
    out = layer(SamePad(kernel, stride)(torch.ones(1, 1, *grid)))
    assert list(out.shape[2:]) == [-(-n // stride) for n in grid]
