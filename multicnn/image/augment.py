"""Changes to training pictures and volumes, whole batches at a time, each sample by its own key.

With every strength at 0 nothing changes. Masks and boxes follow what moves cells; see `multicnn.train.augment`.
"""

from collections.abc import Callable
from typing import Any

from multicnn.image.colours import Blur, Brightness, Colour, Contrast, Grey, Noise
from multicnn.image.moves import Crop, Flip, FlipAlternate, FlipDepth, FlipVertical, Shift
from multicnn.image.patches import CutMix, Cutout
from multicnn.image.warps import Affine, CropResize, Perspective, rotate, scale
from multicnn.train.mixup import Mixup

AUGMENTS: dict[str, Callable[..., Any]] = {
    "flip": Flip,
    "flip-alternate": FlipAlternate,
    "flip-vertical": FlipVertical,
    "flip-depth": FlipDepth,
    "rotate": rotate,
    "shift": Shift,
    "scale": scale,
    "affine": Affine,
    "perspective": Perspective,
    "crop": Crop,
    "crop-resize": CropResize,
    "blur": Blur,
    "noise": Noise,
    "brightness": Brightness,
    "contrast": Contrast,
    "colour": Colour,
    "grey": Grey,
    "cutout": Cutout,
    "mixup": Mixup,
    "cutmix": CutMix,
}
