"""Changes to training pictures and volumes, whole batches at a time, each sample by its own key.

With every strength at 0 nothing changes. Masks and boxes follow what moves cells; see `multicnn.train.augment`.
"""

from multicnn.image.colours import Blur, Brightness, Colour, Contrast, Grey, Noise
from multicnn.image.moves import Crop, Flip, FlipAlternate, FlipDepth, FlipVertical, Shift
from multicnn.image.patches import CutMix, Cutout
from multicnn.image.warps import Affine, CropResize, Perspective, rotate, scale

__all__ = [
    "Affine",
    "Blur",
    "Brightness",
    "Colour",
    "Contrast",
    "Crop",
    "CropResize",
    "CutMix",
    "Cutout",
    "Flip",
    "FlipAlternate",
    "FlipDepth",
    "FlipVertical",
    "Grey",
    "Noise",
    "Perspective",
    "Shift",
    "rotate",
    "scale",
]
