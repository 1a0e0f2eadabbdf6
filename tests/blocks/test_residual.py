"""Residual blocks against compositions by hand, and against torchvision's."""

import pytest
import torch
from torch import nn
from torch.nn.functional import relu

from multicnn.blocks import Basic, Bottleneck, PadShortcut, PreBasic, PreBottleneck
from multicnn.errors import UsageError

RANKS = pytest.mark.parametrize("rank", [1, 2, 3])
BLOCKS = pytest.mark.parametrize("block", [Basic, Bottleneck, PreBasic, PreBottleneck])
# c_in as a multiple of the output's channels: half of them changes the shape
SHAPES = pytest.mark.parametrize(("share", "stride"), [(1, 1), (2, 1), (1, 2), (2, 2)])


def after(block, x):
    """He 2015, equation 1 with norms: relu(F(x) + shortcut(x))."""
    y = relu(block.bn1(block.conv1(x)))
    y = block.bn2(block.conv2(y))
    if hasattr(block, "conv3"):
        y = block.bn3(block.conv3(relu(y)))
    return y


def before(block, x):
    """He 2016, figure 1b: norm and activation before each convolution."""
    y = block.conv1(relu(block.bn1(x)))
    y = block.conv2(relu(block.bn2(y)))
    return block.conv3(relu(block.bn3(y))) if hasattr(block, "conv3") else y


def settle(block, c_in, rank):
    """Give the running statistics something to be, and return the block in evaluation, in float64."""
    block = block.double()
    block(torch.randn(4, c_in, *[6] * rank, dtype=torch.float64))
    return block.eval()


@RANKS
@SHAPES
@pytest.mark.parametrize("block", [Basic, Bottleneck])
def test_post_activation_is_the_composition_of_the_paper(block, rank, share, stride):
    c_in = 4 * block.expansion // share
    layer = settle(block(rank, c_in, 4, stride=stride), c_in, rank)
    x = torch.randn(2, c_in, *[5] * rank, dtype=torch.float64)
    straight = x if share == stride == 1 else layer.downsample[1](layer.downsample[0](x))
    torch.testing.assert_close(layer(x), relu(after(layer, x) + straight), rtol=1e-12, atol=1e-12)


@RANKS
@SHAPES
@pytest.mark.parametrize("block", [PreBasic, PreBottleneck])
def test_pre_activation_is_the_composition_of_the_paper(block, rank, share, stride):
    c_in = 4 * block.expansion // share
    layer = settle(block(rank, c_in, 4, stride=stride), c_in, rank)
    x = torch.randn(2, c_in, *[5] * rank, dtype=torch.float64)
    straight = x if share == stride == 1 else layer.downsample(relu(layer.bn1(x)))
    torch.testing.assert_close(layer(x), before(layer, x) + straight, rtol=1e-12, atol=1e-12)


@BLOCKS
@RANKS
def test_only_the_stride_shrinks_the_grid(block, rank):
    y = block(rank, 8, 4, stride=2, dilation=2)(torch.randn(2, 8, *[7] * rank))
    assert y.shape == (2, 4 * block.expansion, *[4] * rank)


@BLOCKS
@RANKS
@SHAPES
def test_shortcut_of_zeros_has_no_parameters(block, rank, share, stride):
    c_in = 4 * block.expansion // share
    layer = settle(block(rank, c_in, 4, stride=stride, shortcut="pad"), c_in, rank)
    x = torch.randn(2, c_in, *[5] * rank, dtype=torch.float64)
    assert not [name for name in layer.state_dict() if "downsample" in name]
    source = relu(layer.bn1(x)) if block in (PreBasic, PreBottleneck) and (share, stride) != (1, 1) else x
    kept = source[(..., *[slice(None, None, stride)] * rank)]
    straight = torch.cat([kept, kept.new_zeros(2, 4 * block.expansion - c_in, *kept.shape[2:])], 1)
    expected = before(layer, x) + straight if block in (PreBasic, PreBottleneck) else relu(after(layer, x) + straight)
    torch.testing.assert_close(layer(x), expected, rtol=1e-12, atol=1e-12)


def torchvision_block(block, c_in, width, stride, dilation):
    from torchvision.models.resnet import BasicBlock
    from torchvision.models.resnet import Bottleneck as Theirs

    c_out = width * block.expansion
    downsample = None
    if stride != 1 or c_in != c_out:
        downsample = nn.Sequential(nn.Conv2d(c_in, c_out, 1, stride, bias=False), nn.BatchNorm2d(c_out))
    if block is Basic:
        return BasicBlock(c_in, width, stride, downsample)
    return Theirs(c_in, width, stride, downsample, dilation=dilation)


@pytest.mark.parametrize(
    ("block", "c_in", "stride", "dilation"),
    [(Basic, 8, 1, 1), (Basic, 4, 2, 1), (Bottleneck, 32, 1, 1), (Bottleneck, 8, 2, 1), (Bottleneck, 8, 1, 2)],
)
def test_torchvisions_weights_fit_and_answer_the_same_bits(block, c_in, stride, dilation):
    theirs = torchvision_block(block, c_in, 8, stride, dilation)
    theirs(torch.randn(4, c_in, 9, 9))
    ours = block(2, c_in, 8, stride=stride, dilation=dilation)
    assert list(ours.state_dict()) == list(theirs.state_dict())
    ours.load_state_dict(theirs.state_dict())
    x = torch.randn(2, c_in, 9, 9)
    assert torch.equal(ours.eval()(x), theirs.eval()(x))


@RANKS
def test_weights_are_those_of_the_formula(rank):
    cells = 3**rank
    count = lambda block: sum(p.numel() for p in block.parameters())  # noqa: E731
    assert count(Basic(rank, 8, 8)) == 2 * 8 * 8 * cells + 2 * 16
    assert count(Basic(rank, 4, 8)) == (4 + 8) * 8 * cells + 2 * 16 + 4 * 8 + 16
    assert count(Bottleneck(rank, 32, 8)) == 32 * 8 + 8 * 8 * cells + 8 * 32 + 2 * (8 + 8 + 32)
    assert count(PreBasic(rank, 4, 8)) == (4 + 8) * 8 * cells + 2 * (4 + 8) + 4 * 8
    assert count(PreBottleneck(rank, 32, 8)) == 32 * 8 + 8 * 8 * cells + 8 * 32 + 2 * (32 + 8 + 8)


@BLOCKS
def test_dropout_takes_the_whole_branch_of_a_sample(block):
    c = 4 * block.expansion
    layer = block(1, c, 4, drop=0.5)
    x = torch.rand(64, c, 5)  # not negative, so that the last relu keeps it
    untouched = (layer(x) == x).flatten(1).all(1)
    assert 10 < untouched.sum() < 54
    untouched = (layer.eval()(x) == x).flatten(1).all(1)
    assert not untouched.any()


@BLOCKS
@pytest.mark.parametrize("shortcut", ["projection", "pad"])
def test_every_parameter_learns(block, shortcut):
    layer = block(1, 4, 4, stride=2, drop=0.1, shortcut=shortcut)
    layer(torch.randn(8, 4, 6)).square().sum().backward()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in layer.parameters())


@BLOCKS
def test_an_unknown_shortcut_is_refused(block):
    with pytest.raises(UsageError, match=r"no shortcut named 'projektion'; did you mean projection"):
        block(2, 8, 8, shortcut="projektion")


def test_a_shortcut_of_zeros_cannot_take_channels_away():
    with pytest.raises(UsageError, match=r"cannot take 8 channels to 4; use shortcut 'projection'"):
        PadShortcut(2, 8, 4)
