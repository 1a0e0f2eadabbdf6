"""Convolution against its sums, and its gradients against the correlation formulas of back-propagation."""

import os
import subprocess
import sys
from math import ceil

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from multicnn.blocks import ConvBlock, Pad, conv
from multicnn.blocks.conv import PADDING_MODES
from multicnn.errors import UsageError

NUMPY_MODES = {"zeros": "constant", "reflect": "reflect", "replicate": "edge", "circular": "wrap"}


def correlate(x, w, stride, dilation):
    """The definition: out[b, o, t] = sum over c, u of x[b, c, stride t + dilation u] w[o, c, u]."""
    kernel = w.shape[2:]
    sides = zip(x.shape[2:], kernel, stride, dilation, strict=True)
    grid = [(n - d * (k - 1) - 1) // s + 1 for n, k, s, d in sides]
    out = np.zeros((len(x), len(w), *grid))
    for t in np.ndindex(*grid):
        for u in np.ndindex(*kernel):
            cell = tuple(s * a + d * b for s, a, d, b in zip(stride, t, dilation, u, strict=True))
            out[:, :, *t] += x[:, :, *cell] @ w[:, :, *u].T
    return out


def by_group(function, groups, x, w):
    """Each group of output channels sees only its own group of input channels."""
    parts = zip(np.split(x, groups, axis=1), np.split(w, groups), strict=True)
    return np.concatenate([function(a, b) for a, b in parts], axis=1)


def spread(g, stride):
    """Zeros between the cells of the output's gradient, for the cells that the stride skipped."""
    wide = np.zeros((*g.shape[:2], *[(n - 1) * s + 1 for n, s in zip(g.shape[2:], stride, strict=True)]))
    wide[:, :, *[slice(None, None, s) for s in stride]] = g
    return wide


def weight_gradient(x, g, kernel, stride, dilation):
    """dL/dw: the correlation of the (padded) input with the output's gradient, summed over samples."""
    swapped = correlate(x.swapaxes(0, 1), g.swapaxes(0, 1), dilation, stride).swapaxes(0, 1)
    return swapped[:, :, *[slice(k) for k in kernel]]


def input_gradient(g, w, stride, dilation, grid):
    """dL/dx: the full convolution of the output's gradient with the kernel, which is flipped."""
    wide, ones = spread(g, stride), (1,) * len(stride)
    reach = [d * (k - 1) for k, d in zip(w.shape[2:], dilation, strict=True)]
    behind = [n - m for n, m in zip(grid, wide.shape[2:], strict=True)]
    wide = np.pad(wide, [(0, 0), (0, 0), *zip(reach, behind, strict=True)])
    flipped = np.flip(w, tuple(range(2, w.ndim))).swapaxes(0, 1)
    return correlate(wide, flipped, ones, dilation)


@st.composite
def convolutions(draw, largest=7):
    """Settings of a convolution with a small grid on which they work."""
    rank = draw(st.integers(1, 3))
    per_axis = lambda low, high: st.lists(st.integers(low, high), min_size=rank, max_size=rank).map(tuple)  # noqa: E731
    kernel, stride, dilation = draw(per_axis(1, 3)), draw(per_axis(1, 3)), draw(per_axis(1, 2))
    reach = [d * (k - 1) for k, d in zip(kernel, dilation, strict=True)]
    padding = draw(per_axis(0, 2))
    least = [max(r + 1 - 2 * p, p + 1, 1) for r, p in zip(reach, padding, strict=True)]
    grid = tuple(draw(st.integers(n, max(n, largest - rank))) for n in least)
    groups = draw(st.integers(1, 2))
    return rank, grid, groups, {"kernel": kernel, "stride": stride, "dilation": dilation, "padding": padding}


def build(rank, groups, how, **more):
    return conv(rank, 2 * groups, 2 * groups, **how, groups=groups, **more).double()


def numbers(*shape):
    return torch.from_numpy(np.random.default_rng(sum(shape)).normal(size=shape))


def padded(x, padding, mode):
    return np.pad(x, [(0, 0), (0, 0), *[(p, p) for p in padding]], mode=NUMPY_MODES[mode])


@settings(deadline=None, max_examples=60)
@given(convolutions(), st.sampled_from(sorted(PADDING_MODES)))
def test_forward_is_the_sum_of_the_definition(case, mode):
    rank, grid, groups, how = case
    layer = build(rank, groups, how, padding_mode=mode)
    x = numbers(2, 2 * groups, *grid)
    w, bias = layer.weight.detach().numpy(), layer.bias.detach().numpy()
    wide = padded(x.numpy(), how["padding"], mode)
    sums = by_group(lambda a, b: correlate(a, b, how["stride"], how["dilation"]), groups, wide, w)
    expected = sums + bias.reshape(1, -1, *[1] * rank)
    np.testing.assert_allclose(layer(x).detach().numpy(), expected, rtol=1e-10, atol=1e-10)


@settings(deadline=None, max_examples=60)
@given(convolutions())
def test_weight_gradient_correlates_input_and_output_gradient(case):
    rank, grid, groups, how = case
    layer = build(rank, groups, how)
    x = numbers(2, 2 * groups, *grid)
    y = layer(x)
    g = numbers(*y.shape)
    y.backward(g)
    wide = padded(x.numpy(), how["padding"], "zeros")
    parts = zip(np.split(wide, groups, axis=1), np.split(g.numpy(), groups, axis=1), strict=True)
    expected = [weight_gradient(a, b, how["kernel"], how["stride"], how["dilation"]) for a, b in parts]
    np.testing.assert_allclose(layer.weight.grad.numpy(), np.concatenate(expected), rtol=1e-10, atol=1e-10)
    np.testing.assert_allclose(layer.bias.grad.numpy(), g.transpose(0, 1).flatten(1).sum(1).numpy(), atol=1e-10)


@settings(deadline=None, max_examples=60)
@given(convolutions())
def test_input_gradient_is_the_full_convolution_with_the_flipped_kernel(case):
    rank, grid, groups, how = case
    layer = build(rank, groups, how)
    x = numbers(2, 2 * groups, *grid).requires_grad_()
    y = layer(x)
    g = numbers(*y.shape)
    y.backward(g)
    wide = [n + 2 * p for n, p in zip(grid, how["padding"], strict=True)]
    whole = by_group(
        lambda a, b: input_gradient(a, b, how["stride"], how["dilation"], wide),
        groups,
        g.numpy(),
        layer.weight.detach().numpy(),
    )
    inner = [slice(p, p + n) for n, p in zip(grid, how["padding"], strict=True)]
    np.testing.assert_allclose(x.grad.numpy(), whole[:, :, *inner], rtol=1e-10, atol=1e-10)


@settings(deadline=None, max_examples=60)
@given(convolutions(largest=12))
def test_output_size_follows_the_formula(case):
    rank, grid, groups, how = case
    settings_ = zip(grid, *[how[name] for name in ("padding", "dilation", "kernel", "stride")], strict=True)
    expected = [(n + 2 * p - d * (k - 1) - 1) // s + 1 for n, p, d, k, s in settings_]
    assert list(build(rank, groups, how)(numbers(1, 2 * groups, *grid)).shape[2:]) == expected


@settings(deadline=None, max_examples=100)
@given(
    rank=st.integers(1, 3),
    size=st.integers(1, 11),
    kernel=st.integers(1, 6),
    stride=st.integers(1, 4),
    dilation=st.integers(1, 3),
)
def test_same_leaves_only_the_stride_to_shrink_the_grid(rank, size, kernel, stride, dilation):
    layer = conv(rank, 1, 1, kernel, stride=stride, dilation=dilation)
    assert layer(torch.zeros(1, 1, *[size] * rank)).shape[2:] == (ceil(size / stride),) * rank


@pytest.mark.parametrize("mode", sorted(PADDING_MODES))
@pytest.mark.parametrize("rank", [1, 2, 3])
@pytest.mark.parametrize("kernel", [(2, 2, 2), (3, 3, 3), (4, 1, 2)])
def test_same_pads_as_the_definition_in_every_mode(rank, kernel, mode):
    kernel = kernel[:rank]
    layer = conv(rank, 1, 2, kernel, stride=2, padding_mode=mode, bias=False).double()
    x = numbers(1, 1, *[5] * rank)
    cells = [((k - 1) // 2, k - 1 - (k - 1) // 2) for k in kernel]
    wide = np.pad(x.numpy(), [(0, 0), (0, 0), *cells], mode=NUMPY_MODES[mode])
    (w,) = layer.parameters()
    expected = correlate(wide, w.detach().numpy(), (2,) * rank, (1,) * rank)
    np.testing.assert_allclose(layer(x).detach().numpy(), expected, atol=1e-12)


def test_odd_kernels_stay_torchs_own_layer():
    layer = conv(2, 3, 8, (3, 5), dilation=(2, 1), stride=2)
    assert type(layer) is nn.Conv2d
    assert layer.padding == (2, 2)
    assert list(layer.state_dict()) == ["weight", "bias"]


def test_even_kernels_pad_one_cell_more_behind():
    layer = conv(2, 3, 8, 4)
    assert isinstance(layer[0], Pad)
    assert layer[0].cells == [1, 2, 1, 2]


@pytest.mark.parametrize("rank", [1, 2, 3])
@pytest.mark.parametrize(("groups", "bias"), [(1, True), (2, False), (4, True)])
def test_weights_are_kernels_times_channels_times_kernel_size(rank, groups, bias):
    kernel = (2, 3, 5)[:rank]
    layer = conv(rank, 8, 12, kernel, groups=groups, bias=bias)
    expected = 12 * (8 // groups) * int(np.prod(kernel)) + 12 * bias
    assert sum(p.numel() for p in layer.parameters()) == expected


def test_an_unknown_padding_mode_is_refused():
    with pytest.raises(UsageError, match=r"no padding mode named 'reflct'; did you mean reflect"):
        conv(2, 1, 1, padding_mode="reflct")


def test_a_strided_1x1_convolution_takes_every_other_cell_whatever_the_threads():
    """oneDNN's own backward pass of it corrupts memory at odd numbers of samples."""
    code = (
        "import torch; from multicnn.blocks import conv; torch.set_num_threads(2)\n"
        "layer = conv(2, 8, 16, 1, stride=2).to(memory_format=torch.channels_last)\n"
        "for n in range(200):\n"
        "    x = torch.randn(5, 8, 16, 24).contiguous(memory_format=torch.channels_last).requires_grad_()\n"
        "    out = layer(x); out.backward(torch.ones_like(out))\n"
        "expected = torch.nn.functional.conv2d(x, layer.weight, layer.bias, stride=2)\n"
        "assert torch.allclose(out, expected, atol=1e-6)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr


def test_a_wide_strided_convolution_of_volumes_has_the_gradient_of_its_definition():
    """oneDNN's own backward pass reads memory that nobody has written, here filled with large numbers."""
    code = (
        "import torch; from multicnn.blocks import conv\n"
        "layer = conv(3, 1, 8, 7, stride=2, bias=False)\n"
        "exact = torch.nn.Conv3d(1, 8, 7, stride=2, padding=3, bias=False).double()\n"
        "exact.load_state_dict(layer.state_dict())\n"
        "x = torch.randn(4, 1, 6, 24, 24)\n"
        "exact(x.double()).sum().backward()\n"
        "for n in range(5):\n"
        "    layer.zero_grad(); layer(x).sum().backward()\n"
        "    assert torch.allclose(layer.weight.grad, exact.weight.grad.float(), rtol=1e-3, atol=1e-2)\n"
    )
    environment = os.environ | {"MALLOC_PERTURB_": "1"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr


def test_groups_that_do_not_divide_are_refused():
    with pytest.raises(UsageError, match=r"3 groups do not divide 6 and 4 channels; choose a common divisor"):
        conv(1, 6, 4, groups=3)


@pytest.mark.parametrize("setting", ["kernel", "stride", "dilation", "padding"])
def test_sizes_that_do_not_fit_the_rank_are_refused(setting):
    with pytest.raises(UsageError, match=rf"{setting} \(1, 2\) has 2 numbers for a grid of rank 3"):
        conv(3, 1, 1, **{setting: (1, 2)})


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_a_block_is_convolution_norm_activation_and_dropout(rank):
    block = ConvBlock(rank, 3, 8, act="elu", norm="group", drop=0.5).eval()
    x = torch.randn(2, 3, *[5] * rank)
    assert torch.equal(block(x), nn.functional.elu(block.norm(block.conv(x))))
    block.train()
    dropped = (block(x) == 0).flatten(2).all(2)
    assert dropped.any()
    assert not dropped.all()


def test_a_block_has_a_bias_only_without_a_norm():
    assert ConvBlock(2, 3, 8).conv.bias is None
    assert ConvBlock(2, 3, 8, norm="none").conv.bias is not None
    assert ConvBlock(2, 3, 8, bias=True).conv.bias is not None
    assert ConvBlock(2, 3, 8, norm="none", bias=False).conv.bias is None


def test_a_block_passes_its_settings_to_the_convolution():
    layer = ConvBlock(1, 4, 8, 5, stride=2, dilation=3, groups=2, padding=1, padding_mode="circular").conv
    assert (layer.stride, layer.dilation, layer.groups) == ((2,), (3,), 2)
    assert (layer.padding, layer.padding_mode) == ((1,), "circular")
