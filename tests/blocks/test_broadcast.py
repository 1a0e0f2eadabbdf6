"""torch's batch norm over bands as channels, and the formula of the block written out, are the references."""

import pytest
import torch
from torch import nn

from multicnn.blocks import BroadcastResidual, SubSpectralNorm
from multicnn.blocks.broadcast import stretches
from multicnn.errors import UsageError


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_bands_that_fit_are_torchs_norm_over_bands_as_channels(rank):
    ours, theirs = SubSpectralNorm(rank, 3, bands=4), nn.BatchNorm1d(12)
    x = torch.randn(5, 3, 8, *[6] * (rank - 1))
    flat = x.reshape(5, 12, -1)
    torch.testing.assert_close(ours(x), theirs(flat).view(x.shape), rtol=1e-4, atol=1e-5)
    running = torch.stack([n.running_mean for n in ours.norms], 1).flatten()
    torch.testing.assert_close(running, theirs.running_mean)
    torch.testing.assert_close(ours.eval()(x), theirs.eval()(flat).view(x.shape), rtol=1e-4, atol=1e-5)


def test_bands_that_do_not_fit_differ_by_a_cell():
    assert stretches(11, 4) == [2, 3, 3, 3]
    assert stretches(5, 5) == [1] * 5
    out = SubSpectralNorm(2, 1, bands=3)(torch.randn(64, 1, 8, 50) * 7 + 3)
    for band in out.split([2, 3, 3], dim=2):
        assert abs(float(band.detach().mean())) < 1e-4
        assert float(band.detach().std()) == pytest.approx(1, abs=1e-2)


def test_more_bands_than_cells_are_an_error():
    with pytest.raises(UsageError, match="3 cells of frequency cannot be parted into 4 bands"):
        SubSpectralNorm(2, 2, bands=4)(torch.randn(2, 2, 3, 5))


def test_the_branch_of_time_sees_the_mean_over_frequency_and_is_spread_over_it():
    block = BroadcastResidual(2, 4, 4, dilation=2, bands=3).eval()
    x = torch.randn(2, 4, 9, 12)
    with torch.no_grad():
        tall = block.frequency(x)
        long = block.time(tall.mean(2, keepdim=True))
        torch.testing.assert_close(block(x), (tall + long.expand_as(tall) + x).relu())
    assert block(x).shape == x.shape


@pytest.mark.parametrize(("rank", "grid", "out"), [(2, (10, 7), (5, 7)), (3, (11, 4, 5), (6, 4, 5))])
def test_a_change_of_channels_has_no_shortcut_and_the_stride_is_frequencys_alone(rank, grid, out):
    block = BroadcastResidual(rank, 2, 6, stride=2, bands=2)
    assert block(torch.randn(3, 2, *grid)).shape == (3, 6, *out)
    assert not block.adds
