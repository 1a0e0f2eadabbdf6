"""InceptionTime beside a plain spelling of it, and series that end before their batch does."""

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from multicnn.zoo import BODIES, WHOLE, Pooled, classifier, inceptiontime

KERNELS = (3, 5, 9)


def plain(body: nn.Module, x: Tensor) -> Tensor:
    """The network spelled with torch's functions on full grids, from the paper's figures 1 and 2."""
    weights = body.state_dict()

    def normed(name: str, x: Tensor) -> Tensor:
        mean, var, weight, bias = (weights[f"{name}.norm.norm.{n}"] for n in NORM)
        return functional.batch_norm(x, mean, var, weight, bias)

    kept = x
    for n in range(6):
        small = functional.conv1d(x, weights[f"row.{n}.bottleneck.weight"])
        branches = [
            functional.conv1d(small, weights[f"row.{n}.branches.{i}.weight"], padding=k // 2)
            for i, k in enumerate(KERNELS)
        ]
        beside = functional.conv1d(functional.max_pool1d(x, 3, 1, 1), weights[f"row.{n}.beside.weight"])
        x = normed(f"row.{n}", torch.cat([*branches, beside], dim=1)).relu()
        if n % 3 == 2:
            short = functional.conv1d(kept, weights[f"shortcuts.{n // 3}.conv.weight"])
            x = kept = (x + normed(f"shortcuts.{n // 3}", short)).relu()
    return x.mean(2)


NORM = ("running_mean", "running_var", "weight", "bias")


def small(c_in: int = 3) -> nn.Module:
    """A narrow one whose norms are not those of the start."""
    torch.manual_seed(0)
    body = inceptiontime(1, c_in, width=4, bottleneck=5, kernels=KERNELS)
    for module in body.modules():
        if isinstance(module, nn.BatchNorm1d):
            nn.init.normal_(module.bias)
            nn.init.normal_(module.running_mean)
    return body


def test_it_is_the_network_of_the_paper():
    body, x = small().eval(), torch.randn(2, 3, 30)
    with torch.no_grad():
        torch.testing.assert_close(body(x)[-1][:, :, 0], plain(body, x), rtol=1e-5, atol=1e-5)


def test_the_reference_form_has_the_count_that_its_layers_add_up_to():
    k, c, w, b = 9 + 19 + 39, 128, 32, 32
    first = k * w + w + 2 * c  # one channel needs no bottleneck
    later = c * b + k * b * w + c * w + 2 * c
    shortcuts = (1 + c) * c + 2 * 2 * c
    assert BODIES["inceptiontime"].parameters() == first + 5 * later + shortcuts + 2 * c + 2


@pytest.mark.parametrize("more", [1, 7, 50])
def test_an_answer_does_not_depend_on_the_padding(more):
    net, x = classifier(small(), 4).eval(), torch.randn(3, 3, 20)
    with torch.no_grad():
        torch.testing.assert_close(net(functional.pad(x, (0, more))), net(x), rtol=1e-5, atol=1e-5)


def test_series_of_several_lengths_answer_together_as_alone():
    net, x = classifier(small(), 4).eval(), torch.randn(3, 3, 20)
    ends = (5, 20, 1)
    for row, end in zip(x, ends, strict=True):
        row[:, end:] = 0
    with torch.no_grad():
        together, alone = net(x), torch.cat([net(row[None, :, :end]) for row, end in zip(x, ends, strict=True)])
    torch.testing.assert_close(together, alone, rtol=1e-5, atol=1e-5)


def test_training_counts_no_padding_in_its_statistics_and_gradients():
    x, found = torch.randn(4, 3, 20), []
    for more in (0, 30):
        net = classifier(small(), 4)
        functional.cross_entropy(net(functional.pad(x, (0, more))), torch.arange(4)).backward()
        found.append([*(p.grad for p in net.parameters()), *net.buffers()])
    for bare, padded in zip(*found, strict=True):
        torch.testing.assert_close(padded, bare, rtol=1e-4, atol=1e-5)


def test_a_sample_of_nothing_but_zeros_has_a_finite_answer():
    assert classifier(small(), 4).eval()(torch.zeros(2, 3, 8)).isfinite().all()


def test_the_levels_are_each_step_and_the_whole():
    body = small()
    assert body.strides == [1, WHOLE]
    assert [tuple(level.shape) for level in body.eval()(torch.randn(2, 3, 11))] == [(2, 16, 11), (2, 16, 1)]
    assert Pooled(body.channels, 2)(body(torch.randn(2, 3, 11))).shape == (2, 2)
