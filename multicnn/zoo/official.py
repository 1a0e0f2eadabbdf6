"""Trained weights from torchvision's official addresses, only ever fetched when asked for.

They are of ImageNet; those of the networks for segmentation are of COCO's pictures with VOC's 21 classes, those of the
detector of COCO with its 91.
"""

import re
import sys
from collections.abc import Callable
from pathlib import Path

import torch

from multicnn.data.cache import folder, locked
from multicnn.errors import DataError
from multicnn.zoo.torchvision_names import NAMES

SIGNED = ("googlenet_torchvision", "inception3")  # learnt from pixels of -1 to 1, the others from ImageNet's deviations
OFFICIAL = {**NAMES, "squeezenet": "squeezenet1_1", "convnext_tiny": "convnext_tiny"}  # our names and torchvision's


def address(name: str) -> str:
    """Where the weights that torchvision recommends for the member `name` lie.

    Raises DataError for a member without any.
    """
    if name not in OFFICIAL:
        raise DataError(
            f"no official weights for {name}; there are for {', '.join(OFFICIAL)}, and --weights FILE takes any others"
        )
    from torchvision.models import get_model_weights

    return get_model_weights(OFFICIAL[name])["DEFAULT"].url


def normalisation(name: str) -> str:
    """How pictures are normalised for the official weights of a member, by the name that the front-end has for it."""
    return "signed" if name in SIGNED else "imagenet"


def fetch(name: str, say: Callable[[str], None]) -> Path:
    """The file of a member's official weights in the cache folder, downloaded if it is not there yet.

    say: is told of a download before it starts. Raises DataError without a network, for a wrong checksum, and for a
    member without official weights.
    """
    return download(address(name), say)


def download(url: str, say: Callable[[str], None]) -> Path:
    """A file in the cache folder, whose name ends with the start of its SHA-256: `resnet18-f37072fd.pth`."""
    path = folder() / "weights" / url.rsplit("/", 1)[-1]
    with locked(path.name):
        if path.exists():
            return path
        path.parent.mkdir(exist_ok=True)
        say(f"downloading {url} to {path}")
        checksum = re.search(r"-([0-9a-f]{8,})\.", path.name)
        try:
            torch.hub.download_url_to_file(url, str(path), checksum and checksum[1], progress=sys.stderr.isatty())
        except (OSError, RuntimeError) as error:  # torch's word for a wrong checksum is RuntimeError
            raise DataError(
                f"cannot download {url}: {error}; get it on a machine with a network and give it by --weights FILE"
            ) from error
    return path
