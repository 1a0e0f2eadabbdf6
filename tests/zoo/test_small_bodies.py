"""The fully connected and the lecture's networks against torch's layers; TextCNN against its definition."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from multicnn.errors import UsageError
from multicnn.zoo import classifier, cnn1, cnn2, fcnn1, fcnn2, fcnn3, textcnn
from multicnn.zoo.textcnn import Strongest


def copied(source: nn.Module, target: nn.Module) -> nn.Module:
    for ours, theirs in zip(source.parameters(), target.parameters(), strict=True):
        theirs.data = ours.data.reshape(theirs.shape)
    return target


REFERENCES = {
    "fcnn1": (fcnn1, lambda: [nn.Flatten(), nn.Linear(128, 128), nn.Tanh()], 128),
    "fcnn2": (
        fcnn2,
        lambda: [nn.Flatten(), nn.Linear(128, 128), nn.Tanh(), nn.Linear(128, 64), nn.Tanh()],
        64,
    ),
    "fcnn3": (
        fcnn3,
        lambda: [nn.Flatten(), nn.Linear(128, 400), nn.ReLU(), nn.Linear(400, 50), nn.ReLU()],
        50,
    ),
    "cnn1": (
        cnn1,
        lambda: [
            *(nn.Conv2d(2, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(3, 2, padding=1)),
            *(nn.Conv2d(32, 64, 3, padding=1), nn.ReLU(), nn.MaxPool2d(3, 2, padding=1)),
            nn.Flatten(),
        ],
        256,
    ),
}


@pytest.mark.parametrize("name", REFERENCES)
def test_the_network_is_torchs_layers_in_a_row(name):
    build, layers, features = REFERENCES[name]
    ours = classifier(build(2, 2, grid=(8, 8)), 5)
    theirs = copied(ours, nn.Sequential(*layers(), nn.Linear(features, 5)))
    x = torch.randn(3, 2, 8, 8)
    torch.testing.assert_close(ours(x), theirs(x))


def test_cnn2_has_bottlenecks_of_half_its_channels_and_no_convolution_with_a_bias():
    convs = [layer for layer in cnn2(2, 1).modules() if isinstance(layer, nn.Conv2d)]
    assert [(c.in_channels, c.out_channels, c.kernel_size[0]) for c in convs] == [
        *((1, 32, 3), (32, 16, 1), (16, 64, 3)),
        *((64, 32, 1), (32, 128, 3)),
    ]
    assert all(c.bias is None for c in convs)


@pytest.mark.parametrize("build", [fcnn1, fcnn2, fcnn3, cnn1])
def test_another_grid_than_the_built_one_is_refused(build):
    body = build(2, 1, grid=(8, 8))
    with pytest.raises(UsageError, match=rf"{build.__name__} was built for a grid of 8 x 8 cells, got 9 x 8; bring"):
        body(torch.randn(1, 1, 9, 8))


def kim(body: nn.Module, x: torch.Tensor) -> torch.Tensor:
    """The paper's equations 2 to 4: c_i = f(w . x_{i:i+h-1} + b), max over i."""
    features = []
    for branch in body.branches:
        w, b = branch[0].conv.weight, branch[0].conv.bias
        size = w.shape[2]
        windows = functional.pad(x, (size - 1, size)).unfold(2, size, 1)  # b c n h
        sums = torch.einsum("bcnh,och->bon", windows, w) + b[:, None]
        features.append(sums.relu().amax(2))
    return torch.cat(features, 1)


@pytest.mark.parametrize("words", [0, 1, 2, 5, 6, 40])
def test_textcnn_is_kims_equations(words):
    body = textcnn(1, 20, width=7).eval()
    x = torch.randn(3, 20, words)
    torch.testing.assert_close(body(x)[0].squeeze(2), kim(body, x))


@pytest.mark.parametrize("words", [0, 1, 2, 4, 9])
@pytest.mark.parametrize("k", [1, 2, 5])
def test_more_padding_behind_a_text_changes_nothing(words, k):
    body = textcnn(1, 20, width=7, k=k).eval()
    x = torch.randn(2, 20, words)
    torch.testing.assert_close(body(x)[0], body(functional.pad(x, (0, 11)))[0])


def test_textcnn_keeps_the_k_strongest_answers_in_their_order():
    body = textcnn(1, 4, width=3, kernels=(2,), k=2, act="none", drop=0).eval()
    x = torch.randn(5, 4, 8)
    answers = body.branches[0][0].conv(functional.pad(x, (1, 3))).detach().numpy()  # b 3 n
    wanted = [[np.sort(np.argsort(-line)[:2]) for line in text] for text in answers]
    rows = [
        np.concatenate([line[i] for line, i in zip(t, p, strict=True)]) for t, p in zip(answers, wanted, strict=True)
    ]
    np.testing.assert_allclose(body(x)[0].detach()[:, :, 0], np.stack(rows), rtol=1e-6)


def test_of_equal_answers_the_first_ones_count():
    x = torch.tensor([[[1.0, 5.0, 1.0, 5.0, 1.0]]])
    assert Strongest(2)(x).tolist() == [[5.0, 5.0]]
    assert Strongest(3)(x).tolist() == [[1.0, 5.0, 5.0]]


def test_textcnn_drops_half_of_its_features_in_training_only():
    body, x = textcnn(1, 4, width=400), torch.ones(1, 4, 9)
    kept = body.train()(x)[0] != 0
    reached = body.eval()(x)[0] != 0
    assert 0.4 < kept.sum() / reached.sum() < 0.6
