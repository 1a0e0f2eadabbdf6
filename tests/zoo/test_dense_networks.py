"""U-Net, FCN, DeepLab and the dense head: counts, levels, grids of any size, against torch and torchvision."""

import pytest
import torch
from torch import nn
from torch.nn import functional

from multicnn.errors import UsageError
from multicnn.zoo import (
    BODIES,
    WHOLE,
    CellNet,
    Cells,
    build_body,
    count,
    deeplabv3_resnet50,
    deeplabv3_resnet101,
    deeplabv3plus_resnet50,
    fcn_resnet50,
    fcn_resnet101,
    resnet18,
    resnet50,
    segmenter,
    unet,
)

GRIDS = {1: (37,), 2: (23, 18), 3: (9, 12, 7)}
DENSE = {
    "unet": {"width": 4},
    "compact": {"width": 8},
    "cnn2": {"width": 8},
    "resnet18": {"width": 4},
    "fcn_resnet50": {"width": 4},
    "deeplabv3_resnet50": {"width": 4},
    "deeplabv3plus_resnet50": {"width": 4},
}


def counted(build, c_in, classes, **settings):
    with torch.device("meta"):
        return count(segmenter(2, build(2, c_in, **settings), classes))


@pytest.mark.parametrize(
    ("build", "c_in", "classes", "settings", "published"),
    [
        (unet, 1, 2, {}, 31_030_658),
        (unet, 1, 1, {}, 31_030_593),
        (unet, 3, 1, {}, 31_031_745),
        (unet, 3, 21, {}, 31_033_045),
        (unet, 3, 2, {"norm": "batch"}, 31_037_698),
        (fcn_resnet50, 3, 21, {"aux": True}, 35_322_218),
        (fcn_resnet101, 3, 21, {"aux": True}, 54_314_346),
        (deeplabv3_resnet50, 3, 21, {"aux": True}, 42_004_074),
        (deeplabv3_resnet101, 3, 21, {"aux": True}, 60_996_202),
    ],
)
def test_dense_networks_have_the_published_counts(build, c_in, classes, settings, published):
    assert counted(build, c_in, classes, **settings) == published


@pytest.mark.parametrize("rank", [1, 2, 3])
@pytest.mark.parametrize("name", DENSE)
def test_every_cell_of_a_grid_of_odd_size_gets_an_answer_and_teaches_every_parameter(name, rank):
    grid = GRIDS[rank]
    net = segmenter(rank, build_body(name, rank, 2, grid, DENSE[name]), 3)
    out = net(torch.randn(4, 2, *grid))
    assert out.shape == (4, 3, *grid)
    functional.cross_entropy(out, torch.randint(3, (4, *grid))).backward()
    assert [n for n, p in net.named_parameters() if p.grad is None or not p.grad.any()] == []


@pytest.mark.parametrize("name", [n for n, m in BODIES.items() if 2 in m.ranks])
def test_every_body_labels_cells_or_says_that_it_cannot(name):
    with torch.device("meta"):
        body = build_body(name, 2, 3, (75, 90), {})
        if WHOLE in body.strides or not body.padded:
            what = "answers for the sample as a whole" if body.padded else "leaves out cells at the rim"
            with pytest.raises(UsageError, match=rf"{type(body).__name__.lower()} {what}.*choose unet"):
                segmenter(2, body, 5)
        else:
            assert segmenter(2, body, 5).eval()(torch.zeros(1, 3, 75, 90)).shape == (1, 5, 75, 90)


def plain(c_in, classes, widths):
    """The paper's figure 1 in torch's layers, "same" convolutions, for even grids."""

    def pair(a, b):
        return nn.Sequential(nn.Conv2d(a, b, 3, padding=1), nn.ReLU(), nn.Conv2d(b, b, 3, padding=1), nn.ReLU())

    class Plain(nn.Module):
        def __init__(self):
            super().__init__()
            sizes = zip([c_in, *widths], widths, strict=False)
            self.down = nn.ModuleList(pair(a, b) for a, b in sizes)
            steps = list(zip(widths[:0:-1], widths[-2::-1], strict=True))
            self.up = nn.ModuleList(nn.ModuleList([nn.ConvTranspose2d(a, b, 2, 2), pair(a, b)]) for a, b in steps)
            self.last = nn.Conv2d(widths[0], classes, 1)

        def forward(self, x):
            seen = [self.down[0](x)]
            for row in self.down[1:]:
                seen.append(row(functional.max_pool2d(seen[-1], 2)))
            x = seen.pop()
            for widen, row in self.up:
                x = row(torch.cat([widen(x).relu(), seen.pop()], 1))
            return self.last(x)

    return Plain()


def test_unet_is_the_papers_figure_in_torchs_layers():
    ours, theirs = segmenter(2, unet(2, 3, width=6, depth=3), 5), plain(3, 5, [6, 12, 24, 48])
    for a, b in zip(ours.parameters(), theirs.parameters(), strict=True):
        b.data = a.data
    x = torch.randn(2, 3, 32, 48)
    torch.testing.assert_close(ours(x), theirs(x))


def test_signals_keep_their_size_through_unet():
    out = unet(2, 3, width=32)(torch.randn(2, 3, 64, 64))[0]
    assert 0.3 < out.square().mean() < 3


def test_unet_drops_only_at_the_end_of_the_contracting_path():
    rates = [[m.p for m in row.modules() if hasattr(m, "p")] for row in unet(2, 1, width=2, depth=3, drop=0.5).down]
    assert rates == [[], [], [0.5], [0.5]]


@pytest.mark.parametrize(("build", "settings"), [(unet, {"depth": 2}), (deeplabv3_resnet50, {})])
def test_an_exported_network_takes_any_number_of_pictures_of_any_multiple_of_32_cells(build, settings):
    net = shaken(segmenter(2, build(2, 3, width=2, **settings), 3)).eval()
    b, height, width = (
        torch.export.Dim("b", max=64),
        torch.export.Dim("height", max=99),
        torch.export.Dim("width", max=99),
    )
    sizes = {0: b, 2: 32 * height, 3: 32 * width}
    exported = torch.export.export(
        net, (torch.randn(2, 3, 96, 64),), dynamic_shapes={"x": sizes}, strict=False
    ).module()
    for shape in ((1, 3, 32, 64), (3, 3, 160, 96)):
        x = torch.randn(shape)
        torch.testing.assert_close(exported(x), net(x), rtol=0, atol=2e-5)


@pytest.mark.parametrize("depth", [1, 2, 5])
def test_unet_takes_grids_smaller_than_its_halvings(depth):
    assert unet(2, 1, width=2, depth=depth)(torch.randn(1, 1, 5, 1))[0].shape == (1, 2, 5, 1)


def shaken(net):
    """Statistics and scales as after some training."""
    for layer in net.modules():
        if isinstance(layer, nn.BatchNorm2d):
            for values, low, high in ((layer.running_var, 0.5, 2.0), (layer.weight, 0.5, 1.5)):
                nn.init.uniform_(values, low, high)
            for values in (layer.running_mean, layer.bias):
                nn.init.normal_(values, std=0.1)
    return net


def test_new_cells_at_the_far_ends_are_zeros_and_are_cut_off_again():
    body = shaken(resnet18(2, 1, width=4)).eval()
    net = segmenter(2, body, 2).eval()
    x = torch.randn(1, 1, 33, 40)
    wide = torch.zeros(1, 1, 64, 64)
    wide[..., :33, :40] = x
    with torch.no_grad():
        torch.testing.assert_close(net(x), net.head(body(wide))[..., :33, :40])


def test_the_front_end_stands_before_the_padding():
    class Shifted(nn.Module):
        def forward(self, raw):
            return raw.float() - 7

    body = resnet18(2, 1, width=4).eval()
    net = segmenter(2, body, 2).eval()
    raw = torch.randint(0, 255, (1, 1, 20, 20), dtype=torch.uint8)
    with torch.no_grad():
        assert torch.equal(CellNet(Shifted(), body, net.head).eval()(raw), net(raw.float() - 7))


def test_side_heads_answer_in_training_only():
    net = segmenter(2, fcn_resnet50(2, 3, width=4, aux=True), 5)
    x = torch.randn(2, 3, 21, 16)
    assert net.train()(x).shape == (2, 2, 5, 21, 16)
    assert net.eval()(x).shape == (2, 5, 21, 16)


def test_a_single_level_goes_through_one_convolution():
    head = Cells(2, [6], 3, strides=[1])
    x = torch.randn(2, 6, 5, 4)
    torch.testing.assert_close(head([x]), functional.conv2d(x, head.conv.weight, head.conv.bias))
    assert count(head) == 6 * 3 + 3


def test_levels_meet_on_the_way_to_the_finest():
    head = Cells(2, [4, 8], 3, strides=[2, 4], width=5).eval()
    fine, coarse = torch.randn(1, 4, 6, 8), torch.randn(1, 8, 3, 4)
    path = head.path
    up = functional.interpolate(path.laterals[1](coarse), scale_factor=2, mode="bilinear")
    merged = head.conv(path.merges[0](path.laterals[0](fine) + up))
    wanted = functional.interpolate(merged, scale_factor=2, mode="bilinear")
    torch.testing.assert_close(head([fine, coarse]), wanted)


@pytest.mark.parametrize(("stem", "stride", "strides"), [("imagenet", 8, [4, 8, 8, 8]), ("small", 4, [1, 2, 4, 4])])
def test_the_output_stride_is_where_halving_ends(stem, stride, strides):
    body = resnet18(2, 1, width=2, stem=stem, output_stride=stride)
    assert body.strides == strides
    assert [64 // level.shape[2] for level in body(torch.randn(1, 1, 64, 64))] == strides


def test_dilated_bottlenecks_see_what_halved_ones_see():
    """Every second cell of a dilated stage's answer is the answer of the halved stage."""
    halved, dilated = (shaken(resnet50(2, 1, width=2, stem="small", output_stride=s)).eval() for s in (8, 2))
    dilated.load_state_dict(halved.state_dict())
    x = torch.randn(1, 1, 64, 64)
    with torch.no_grad():
        for coarse, fine, step in zip(halved(x), dilated(x), (1, 1, 2, 4), strict=True):
            torch.testing.assert_close(coarse, fine[..., ::step, ::step], rtol=1e-4, atol=1e-4)


def test_an_output_stride_that_halvings_cannot_meet_is_refused():
    with pytest.raises(UsageError, match=r"output_stride is 12; behind this stem it can be 32, 16, 8, 4"):
        resnet18(2, 1, output_stride=12)
    with pytest.raises(UsageError, match=r"output_stride is 16; behind this stem it can be 8, 4, 2, 1"):
        deeplabv3plus_resnet50(2, 1, stem="small")
